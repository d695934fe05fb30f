/**
 * What the items came to, kept as artifacts while the batch runs: a few dozen at a time, in the background, so that the
 * window does not wait. The workflow holds the newest reference and what is not kept yet, nothing else; both are handed to the
 * next run, which keeps again what was just being kept.
 */
import { CancellationScope } from '@temporalio/workflow';
import type { ArtifactRef } from '../contract/artifact.js';
import type { ItemOutcome } from '../contract/batch-results.js';
import { dataStep } from './steps.js';

export interface LedgerState {
  newest?: ArtifactRef | undefined;
  unrecorded: ItemOutcome[];
}

export type Ledger = ReturnType<typeof openLedger>;

/** About 50 kB, far below the 256 KiB of a payload that Temporal warns at. */
const OUTCOMES_PER_RECORD = 100;

export function openLedger(
  group: string,
  { newest, unrecorded }: LedgerState,
  { onRecorded }: { onRecorded: (newest: ArtifactRef) => void },
) {
  let last = newest;
  let waiting = unrecorded;
  let recording: Promise<void> = Promise.resolve();

  const record = async (): Promise<void> => {
    while (waiting.length > 0) {
      const outcomes = waiting.slice(0, OUTCOMES_PER_RECORD);
      const { recordBatchOutcomes } = dataStep(`keep what ${outcomes.length} items came to`);
      last = await CancellationScope.nonCancellable(() => recordBatchOutcomes({ group, previous: last, outcomes }));
      waiting = waiting.slice(outcomes.length);
      onRecorded(last);
    }
  };

  /** One after the other, since each names the one before. @throws what the activity said, after its own tries */
  const flush = (): Promise<void> => {
    recording = recording.catch(() => undefined).then(record);
    return recording;
  };

  return {
    /** @returns when it is kept, where enough have come to be kept now */
    async add(outcome: ItemOutcome): Promise<void> {
      waiting.push(outcome);
      if (waiting.length % OUTCOMES_PER_RECORD === 0) await flush();
    },
    flush,
    state: (): LedgerState => ({ unrecorded: waiting, ...(last === undefined ? {} : { newest: last }) }),
  };
}
