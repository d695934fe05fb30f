/**
 * Long computations go column by column, so that a process that shares its thread with them can be heard in between: a
 * worker beats, answers a cancel, lets a request of another job go on.
 */
import { setImmediate } from 'node:timers/promises';

/** All at once. */
export function finish<T>(columns: Generator<void, T>): T {
  for (;;) {
    const { done, value } = columns.next();
    if (done === true) return value;
  }
}

/** With a turn of the event loop after each column. */
export async function finishWithPauses<T>(columns: Generator<void, T>): Promise<T> {
  for (;;) {
    const { done, value } = columns.next();
    if (done === true) return value;
    await setImmediate();
  }
}
