/** The API's answer to a generation request, as bytes, becomes a table that can be written; computed by a thread. */
import type { PlainTable } from './column.js';
import { withThread } from './threads/lend-thread.js';
import type { DecodingTask } from './threads/program.js';

/** @throws InputError answer_invalid; SyntaxError where it is no JSON; ThreadDied */
export function decodeAnswer(task: DecodingTask, signal?: AbortSignal): Promise<PlainTable> {
  return withThread(signal, (thread) => thread.ask('decode', task));
}
