/** GET /v1/models/{id}: whether it is alive, and what it is. One that is gone is an answer, not a failure. */
import { NotFoundError } from '../api/api-error.js';
import type { Model } from '../api/wire.js';
import type { ModelId } from '../contract/ids.js';
import type { TrainingResult } from '../contract/results.js';
import { attemptRequest } from './attempt.js';
import type { ApiDeps, Attempted } from './deps.js';

export interface FoundModel {
  /** Absent: it is gone. */
  status?: string;
  /** Where its training is done. */
  training?: TrainingResult;
}

export const findModel =
  ({ api, turns }: ApiDeps) =>
  ({ modelId }: { modelId: ModelId }): Promise<Attempted<FoundModel>> =>
    attemptRequest(
      { turns, kind: 'look', modelOf: () => modelId },
      async (signal) => {
        try {
          const { data, ...about } = await api.getModel(modelId, { signal });
          return { ...about, data: foundOf(data) };
        } catch (error) {
          if (!(error instanceof NotFoundError && error.code === 'model_not_found')) throw error;
          const { requestId, rateLimit } = error;
          return { requestId, rateLimit, data: {} };
        }
      },
      (found: FoundModel) => found,
    );

const foundOf = ({ status, trainingResult }: Model): FoundModel => ({
  status,
  ...(trainingResult === undefined ? {} : { training: trainingResult }),
});
