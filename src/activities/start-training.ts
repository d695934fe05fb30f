/** POST /v1/models/{id}/train: the training goes on by itself; a legacy server answers with the finished result [sdk]. */
import { activityInfo } from '@temporalio/activity';
import type { ModelId } from '../contract/ids.js';
import type { TrainingResult } from '../contract/results.js';
import { attempt } from './attempt.js';
import type { ApiDeps, Attempted } from './deps.js';

export interface StartTrainingInput {
  key: string;
  modelId: ModelId;
}

export const startTraining =
  ({ api }: ApiDeps) =>
  ({ key, modelId }: StartTrainingInput): Promise<Attempted<{ finished?: TrainingResult }>> =>
    attempt(async (signal) => {
      const { data } = await api.startTraining(modelId, { idempotencyKey: key, signal });
      return { attempts: activityInfo().attempt, ...(data.finished === undefined ? {} : { finished: data.finished }) };
    });
