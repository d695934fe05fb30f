/**
 * Threads for short tasks that come one after the other, such as the chunks of a generation: starting a thread takes as
 * long as decoding a chunk, so a few are kept. As many as there are cores at most; whoever comes then waits its turn.
 */
import { availableParallelism } from 'node:os';
import { Thread, ThreadDied } from './thread.js';

/** A thread that nobody asked for so long is ended, and its memory freed. */
const IDLE_MS = 10_000;

const idle = new Map<Thread, NodeJS.Timeout>();
const waiting: (() => void)[] = [];
let lent = 0;

/** @param signal ends the thread and with it the task. @throws ThreadDied, what the task threw, the reason of `signal` */
export async function withThread<T>(signal: AbortSignal | undefined, use: (thread: Thread) => Promise<T>): Promise<T> {
  while (lent >= availableParallelism()) await new Promise<void>((resolve) => waiting.push(resolve));
  lent += 1;
  const thread = takeIdle() ?? new Thread();
  const end = () => void thread.end();
  signal?.addEventListener('abort', end, { once: true });
  let isSound = true;
  try {
    signal?.throwIfAborted();
    return await use(thread);
  } catch (error) {
    isSound = !(error instanceof ThreadDied);
    // A thread that was ended says that it died, or has just said something else.
    throw signal?.aborted ? signal.reason : error;
  } finally {
    signal?.removeEventListener('abort', end);
    lent -= 1;
    if (isSound && signal?.aborted !== true) keepIdle(thread);
    else await thread.end();
    waiting.shift()?.();
  }
}

function takeIdle(): Thread | undefined {
  for (const [thread, timer] of idle) {
    clearTimeout(timer);
    idle.delete(thread);
    thread.wake();
    return thread;
  }
  return undefined;
}

function keepIdle(thread: Thread): void {
  thread.rest();
  const timer = setTimeout(() => {
    idle.delete(thread);
    void thread.end();
  }, IDLE_MS);
  timer.unref();
  idle.set(thread, timer);
}
