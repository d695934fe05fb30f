/** A timer with words, that somebody may end early. A cancel of the job ends it as it ends everything. */
import { CancellationScope, sleep } from '@temporalio/workflow';

export interface Alarm {
  /** Resolves when the time is over (false) or somebody woke it (true). */
  rings: Promise<boolean>;
  wake(): void;
}

/** @param summary what the Web UI shows beside the timer */
export function setAlarm(delayMs: number, summary: string): Alarm {
  const scope = new CancellationScope();
  let isWoken = false;
  const rings = scope
    .run(() => sleep(delayMs, { summary }))
    .then(() => false)
    .catch((error: unknown) => {
      if (!isWoken) throw error;
      return true;
    });
  return {
    rings,
    wake() {
      isWoken = true;
      scope.cancel();
    },
  };
}
