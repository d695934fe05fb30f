/** Who waits for a training in a watch: jobs join, are told, and are off the list with the last word. Not here: what they are told (watch.ts). */
import type { Waiter } from '../contract/watch.js';
import type { Watched } from './watch-pace.js';

export interface Waiting extends Waiter, Watched {
  /** The next epoch that the job is told of. */
  reportAtEpoch: number;
  isTroubled: boolean;
  /** How often it has asked to be told. */
  joins: number;
}

/** @param carried from the run before */
export function openWaiters(carried: readonly Waiting[]) {
  const byJob = new Map(carried.map((one) => [one.job, one]));
  const isOn = ({ job, modelId }: Waiter): boolean => byJob.get(job)?.modelId === modelId;
  return {
    all: (): Waiting[] => [...byJob.values()],
    count: (): number => byJob.size,

    /** @returns whether it was not waited for yet */
    join(waiter: Waiter, nowMs: number): boolean {
      const known = byJob.get(waiter.job);
      if (known?.modelId === waiter.modelId) {
        known.joins += 1;
        return false;
      }
      byJob.set(waiter.job, { ...waiter, looks: 0, lookedMs: nowMs, reportAtEpoch: 1, isTroubled: false, joins: 1 });
      return true;
    },

    leave(waiter: Waiter): void {
      if (isOn(waiter)) byJob.delete(waiter.job);
    },

    /** Before it is told the last word. @returns what takes it off the list when it has been told, unless it has asked again meanwhile */
    dismissal(one: Waiting): () => void {
      const { joins } = one;
      return () => {
        if (byJob.get(one.job) === one && one.joins === joins) byJob.delete(one.job);
      };
    },
  };
}
