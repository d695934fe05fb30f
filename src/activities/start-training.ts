/** POST /v1/models/{id}/train: the training goes on by itself; a legacy server answers with the finished result [sdk]. */
import type { ModelId } from '../contract/ids.js';
import type { TrainingResult } from '../contract/results.js';
import { attemptRequest } from './attempt.js';
import type { ApiDeps, Attempted } from './deps.js';
import { useKey } from './use-key.js';

export interface StartTrainingInput {
  /** Artifacts that end with the job. */
  job: string;
  key: string;
  modelId: ModelId;
}

export const startTraining =
  (deps: ApiDeps) =>
  ({ job, key, modelId }: StartTrainingInput): Promise<Attempted<{ finished?: TrainingResult }>> =>
    attemptRequest(
      { turns: deps.turns, kind: 'prepare', modelOf: () => modelId, prepare: () => useKey(deps, { job, key }) },
      (signal) => deps.api.startTraining(modelId, { idempotencyKey: key, signal }),
      ({ finished }) => (finished === undefined ? {} : { finished }),
    );
