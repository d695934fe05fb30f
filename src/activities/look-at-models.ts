/**
 * GET /v1/models: one page of an account's models, newest first [assumed], with what the look costs the request budget. Of
 * each model only what a waiting job may want to know: the page is kept in Temporal's history.
 */
import type { Model } from '../api/wire.js';
import type { ModelId } from '../contract/ids.js';
import { MESSAGE_BYTES_MAX, WATCH_PAGE_MODELS } from '../contract/limits.js';
import { cutToBytes } from '../contract/text.js';
import type { SeenModel } from '../contract/watch.js';
import { attemptRequest } from './attempt.js';
import type { ApiDeps, Attempted } from './deps.js';

export interface LookAtModelsInput {
  /** The last model of the page before. */
  after?: ModelId | undefined;
}

export interface ModelsPage {
  models: SeenModel[];
  /** Whether there are further pages. */
  more: boolean;
  /** The request budget: so many in any window, and the share of it, 0..1, that nobody has used or waits for. */
  limit: number;
  windowMs: number;
  spare: number;
}

export const lookAtModels =
  ({ api, turns }: ApiDeps) =>
  ({ after }: LookAtModelsInput): Promise<Attempted<ModelsPage>> =>
    attemptRequest(
      { turns, kind: 'look', modelOf: () => undefined },
      (signal) =>
        api.listModels(
          { limit: WATCH_PAGE_MODELS, ...(after === undefined ? {} : { startingAfter: after }) },
          { signal },
        ),
      ({ models, hasMore }, requestId) => {
        const { limit, windowMs, ours, others, waiting } = turns.state();
        const used = [...ours, ...others].reduce((sum, [, count]) => sum + count, 0);
        const wanted = Object.values(waiting).reduce((sum, count) => sum + count, 0);
        return {
          models: models.map((model) => seen(model, requestId)),
          more: hasMore,
          limit,
          windowMs,
          spare: Math.max(0, 1 - (used + wanted) / limit),
        };
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
