/** POST /v1/models/{id}/train: the training goes on by itself; a legacy server answers with the finished result [sdk]. */
import type { ModelId } from '../contract/ids.js';
import type { TrainingResult } from '../contract/results.js';
import { attemptRequest } from './attempt.js';
import type { ApiDeps, Attempted } from './deps.js';

export interface StartTrainingInput {
  key: string;
  modelId: ModelId;
}

export const startTraining =
  ({ api, turns }: ApiDeps) =>
  ({ key, modelId }: StartTrainingInput): Promise<Attempted<{ finished?: TrainingResult }>> =>
    attemptRequest(
      { turns, kind: 'prepare', modelOf: () => modelId },
      (signal) => api.startTraining(modelId, { idempotencyKey: key, signal }),
      ({ finished }) => (finished === undefined ? {} : { finished }),
    );
