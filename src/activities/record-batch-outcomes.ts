/** Keeps what some items of a batch came to, and answers with the reference that stands for all so far. */
import type { ArtifactRef } from '../contract/artifact.js';
import type { ItemOutcome } from '../contract/batch-results.js';
import { attempt } from './attempt.js';
import { addOutcomes } from './batch-outcomes.js';
import type { DataDeps } from './deps.js';

export interface RecordBatchOutcomesInput {
  group: string;
  previous?: ArtifactRef | undefined;
  outcomes: ItemOutcome[];
}

export const recordBatchOutcomes =
  ({ artifacts }: DataDeps) =>
  ({ group, previous, outcomes }: RecordBatchOutcomesInput): Promise<ArtifactRef> =>
    attempt(() => addOutcomes(artifacts, group, previous, outcomes));
