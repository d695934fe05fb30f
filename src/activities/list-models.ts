/**
 * GET /v1/models: one page of an account's models, newest first [assumed], with what the look costs the request budget. Of
 * each model only what somebody may want to know: the page is kept in Temporal's history. No list is an answer too.
 */
import { DataxidError } from '../api/api-error.js';
import type { Model } from '../api/wire.js';
import type { ModelId } from '../contract/ids.js';
import { MESSAGE_BYTES_MAX, MODELS_PAGE } from '../contract/limits.js';
import { cutToBytes } from '../contract/text.js';
import type { SeenModel } from '../contract/watch.js';
import { attemptRequest } from './attempt.js';
import type { ApiDeps, Attempted } from './deps.js';

export interface ModelsPage {
  models: SeenModel[];
  /** Whether there are further pages. */
  hasMore: boolean;
  /** False: the API has no list, or cannot go on after the model, which may be gone by now. */
  isThere: boolean;
  /** The request budget: so many in any window, and the share of it, 0..1, that nobody has used or waits for. */
  limit: number;
  windowMs: number;
  spare: number;
}

/** No such path, or not by this method; or one of the page's parameters is refused [assumed]. */
const NO_LIST = [400, 404, 405];

export const listModels =
  ({ api, turns }: ApiDeps) =>
  ({ startingAfter }: { startingAfter?: ModelId | undefined }): Promise<Attempted<ModelsPage>> =>
    attemptRequest(
      { turns, kind: 'look', modelOf: () => undefined },
      async (signal) => {
        const page = { limit: MODELS_PAGE, ...(startingAfter === undefined ? {} : { startingAfter }) };
        try {
          const { data, ...about } = await api.listModels(page, { signal });
          return { ...about, data: { ...data, isThere: true } };
        } catch (error) {
          if (!(error instanceof DataxidError) || !NO_LIST.includes(error.statusCode ?? 0)) throw error;
          const { requestId, rateLimit } = error;
          return { requestId, rateLimit, data: { models: [], hasMore: false, isThere: false } };
        }
      },
      ({ models, hasMore, isThere }: { models: Model[]; hasMore: boolean; isThere: boolean }, requestId) => {
        const { limit, windowMs, ours, others, waiting } = turns.state();
        const used = [...ours, ...others].reduce((sum, [, count]) => sum + count, 0);
        const wanted = Object.values(waiting).reduce((sum, count) => sum + count, 0);
        const spare = Math.max(0, 1 - (used + wanted) / limit);
        return { models: models.map((model) => seen(model, requestId)), hasMore, isThere, limit, windowMs, spare };
      },
    );

function seen(model: Model, requestId: string | undefined): SeenModel {
  const { id, status, currentEpoch: epoch, trainLoss, validationLoss, trainingResult: training, error } = model;
  if (status === 'failed') {
    return {
      id,
      status,
      epoch,
      requestId,
      ...(error === undefined ? {} : { error: cutToBytes(error, MESSAGE_BYTES_MAX) }),
    };
  }
  return { id, status, epoch, trainLoss, validationLoss, training };
}
