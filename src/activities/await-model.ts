/**
 * GET /v1/models/{id}: one look. A model that still trains makes the attempt fail benignly with the delay until the
 * next look, so that a waiting job holds no slot, costs no history, is counted by the request budget and cancels at
 * once. The failure's message is what an operator reads under "pending activities"; its details are the progress.
 */
import { activityInfo } from '@temporalio/activity';
import { type ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { Model } from '../api/wire.js';
import type { ModelId } from '../contract/ids.js';
import { LOOK_DELAYS_MS, MESSAGE_BYTES_MAX } from '../contract/limits.js';
import { makeFailure } from '../contract/make-failure.js';
import type { LookDetails } from '../contract/messages.js';
import type { TrainingResult } from '../contract/results.js';
import { cutToBytes } from '../contract/text.js';
import { attemptRequest, remainingMs } from './attempt.js';
import type { ApiDeps, Attempted } from './deps.js';

export interface AwaitModelInput {
  modelId: ModelId;
  epochsMax: number;
  /** `trained`: until the model is ready. `alive`: one look, which fails only if the model has failed. */
  until: 'trained' | 'alive';
}

/** A look's delay gets up to this much more, so that jobs begun together do not look together. */
const JITTER_MS = 500;

export const awaitModel =
  ({ api }: ApiDeps) =>
  ({ modelId, epochsMax, until }: AwaitModelInput): Promise<Attempted<{ training: TrainingResult }>> =>
    attemptRequest(
      (signal) => api.getModel(modelId, { signal }),
      (model, requestId) => {
        if (model.status === 'failed') throw trainingFailed(model, requestId);
        if (model.status === 'ready' || until === 'alive') return { training: model.trainingResult ?? {} };
        throw stillTraining(model, epochsMax);
      },
      () => modelId,
    );

function trainingFailed(model: Model, requestId: string | undefined): ApplicationFailure {
  return makeFailure({
    message: cutToBytes(
      `The training of ${model.id} failed: ${model.error ?? 'no reason was given'}`,
      MESSAGE_BYTES_MAX,
    ),
    nonRetryable: true,
    details: { code: 'training_failed', ...(requestId === undefined ? {} : { request_id: requestId }) },
  });
}

function stillTraining(model: Model, epochsMax: number): ApplicationFailure {
  const paceMs = LOOK_DELAYS_MS[Math.min(activityInfo().attempt, LOOK_DELAYS_MS.length) - 1] ?? LOOK_DELAYS_MS[0];
  const delayMs = paceMs + Math.round(Math.random() * JITTER_MS);
  const isLast = delayMs >= remainingMs();
  const progress =
    model.status === 'training'
      ? `epoch ${model.currentEpoch} of at most ${epochsMax}`
      : `the model is ${model.status}`;
  const details: LookDetails = {
    code: isLast ? 'training_timeout' : 'model_training',
    epoch: model.currentEpoch,
    epochs_max: epochsMax,
    ...(model.trainLoss === undefined ? {} : { train_loss: model.trainLoss }),
    ...(model.validationLoss === undefined ? {} : { validation_loss: model.validationLoss }),
  };
  return makeFailure({
    message: isLast
      ? `The training of ${model.id} is not done (${progress}) and the time allowed is over; raise model.timeout.`
      : `training: ${progress}, looks again in ${Math.ceil(delayMs / 1000)} s; this is waiting, not a failure`,
    nonRetryable: isLast,
    nextRetryDelay: delayMs,
    category: ApplicationFailureCategory.BENIGN,
    details,
  });
}
