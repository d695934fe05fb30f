/**
 * One thread of the table engine as seen from outside: a question in, an answer or an error out. Computing goes on there
 * while the thread that asks stays free to beat, to answer a cancel and to serve others.
 */
import { Worker } from 'node:worker_threads';
import { InputError } from '../../contract/input-error.js';
import type { Question, Reply, TaskName, Tasks } from './program.js';

/** The thread is gone, out of memory or ended from outside: what it was asked is not answered. Trying again may help. */
export class ThreadDied extends Error {
  override readonly name = 'ThreadDied';
}

export class Thread {
  // Without the process's own flags: `--input-type` of a script given by `-e` would end the thread.
  readonly #worker = new Worker(new URL('./program.js', import.meta.url), { execArgv: [] });
  #waiting: { resolve: (answer: never) => void; reject: (error: unknown) => void }[] = [];
  #death: ThreadDied | undefined;

  constructor() {
    this.#worker.on('message', (reply: Reply) => {
      const { resolve, reject } = this.#waiting.shift()!;
      if ('error' in reply) reject(reply.error);
      else if ('refusal' in reply)
        reject(new InputError(reply.refusal.code, reply.refusal.message, reply.refusal.param));
      else resolve(reply.answer as never);
    });
    this.#worker.on('error', (cause) => this.#die(`a thread that works on tables failed: ${cause.message}`, cause));
    this.#worker.on('messageerror', (cause) => this.#die('an answer of a thread that works on tables was lost', cause));
    this.#worker.on('exit', () => this.#die('a thread that works on tables ended before its work was done'));
  }

  /**
   * Questions are answered in the order they were asked.
   * @param given memory that goes to the thread for good
   * @throws ThreadDied, or what the task threw
   */
  ask<Name extends TaskName>(
    task: Name,
    ask: Tasks[Name]['ask'],
    given: readonly ArrayBuffer[] = [],
  ): Promise<Tasks[Name]['answer']> {
    return new Promise((resolve, reject) => {
      if (this.#death !== undefined) {
        reject(this.#death);
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage({ task, ask } as Question, given);
    });
  }

  /** A process may end although this thread waits for a question. */
  rest(): void {
    this.#worker.unref();
  }

  /** The process goes on until `rest` or `end`. */
  wake(): void {
    this.#worker.ref();
  }

  /** Whatever it does, it does no more. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #die(message: string, cause?: unknown): void {
    this.#death ??= new ThreadDied(message, { cause });
    for (const { reject } of this.#waiting.splice(0)) reject(this.#death);
  }
}
