/** DELETE /v1/models/{id}. A model that is already gone counts as deleted: an earlier attempt may have done it. */
import { NotFoundError } from '../api/api-error.js';
import type { ModelId } from '../contract/ids.js';
import { attemptRequest } from './attempt.js';
import type { ApiDeps, Attempted } from './deps.js';

export interface DeleteModelInput {
  modelId: ModelId;
}

export const deleteModel =
  ({ api, turns }: ApiDeps) =>
  ({ modelId }: DeleteModelInput): Promise<Attempted<object>> =>
    attemptRequest(
      { turns, kind: 'delete', modelOf: () => modelId },
      (signal) =>
        api.deleteModel(modelId, { signal }).catch((error: unknown) => {
          if (error instanceof NotFoundError && error.code === 'model_not_found') {
            return { data: undefined, requestId: error.requestId, rateLimit: error.rateLimit };
          }
          throw error;
        }),
      () => ({}),
    );
