/**
 * A limit in time that can be moved while the work runs. When it is over the work is cancelled, is waited for, and the
 * job says so in a sentence. Not Temporal's own execution timeout: that would end a job without its clean-up.
 */
import { type ApplicationFailure, CancellationScope, isCancellation } from '@temporalio/workflow';
import { clockOf } from '../contract/text.js';
import { type Alarm, setAlarm } from './alarm.js';

export interface TimeLimit {
  /** Undefined: there is none. */
  untilMs(): number | undefined;
  /** Gives the work more time. */
  extend(ms: number): void;
  /** @throws what `work` throws, or `over()` where the limit cut it */
  run<T>(work: () => Promise<T>, over: () => ApplicationFailure): Promise<T>;
}

export function timeLimit(untilMs: number | undefined, summary: string): TimeLimit {
  let until = untilMs;
  let alarm: Alarm | undefined;

  const watch = async (scope: CancellationScope, hasEnded: () => boolean): Promise<boolean> => {
    while (until !== undefined && !hasEnded()) {
      const leftMs = until - Date.now();
      if (leftMs <= 0) {
        scope.cancel();
        return true;
      }
      alarm = setAlarm(leftMs, `${summary}: ${clockOf(new Date(until).toISOString())}`);
      await alarm.rings;
    }
    return false;
  };

  return {
    untilMs: () => until,
    extend(ms) {
      if (until === undefined) return;
      until += ms;
      alarm?.wake();
    },
    async run(work, over) {
      const scope = new CancellationScope();
      let hasEnded = false;
      // The job's own cancel ends the watch too; the work says how it went.
      const watching = watch(scope, () => hasEnded).catch(() => false);
      try {
        return await scope.run(work);
      } catch (error) {
        hasEnded = true;
        alarm?.wake();
        if (isCancellation(error) && (await watching)) throw over();
        throw error;
      } finally {
        hasEnded = true;
        alarm?.wake();
        await watching;
      }
    },
  };
}
