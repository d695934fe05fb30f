/**
 * GET /v1/models/{id}: one look. A model that still trains makes the attempt fail benignly with the delay until the
 * next look, so that a waiting job holds no slot, costs no history, is counted by the request budget and cancels at
 * once. The failure's message is what an operator reads under "pending activities"; its details are the progress.
 * At `reportAtEpoch` the look comes back instead, so that the job can show how far the training is.
 */
import { activityInfo } from '@temporalio/activity';
import { type ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { Model } from '../api/wire.js';
import type { ModelId } from '../contract/ids.js';
import { LOOK_DELAYS_MS } from '../contract/limits.js';
import { makeFailure } from '../contract/make-failure.js';
import type { LookDetails } from '../contract/messages.js';
import type { TrainingResult } from '../contract/results.js';
import { trainingFailed } from '../contract/training-failed.js';
import { attemptRequest } from './attempt.js';
import type { ApiDeps, Attempted } from './deps.js';

export interface AwaitModelInput {
  modelId: ModelId;
  epochsMax: number;
  /** A model that trains and has come this far is reported; 0: whatever it does, unless it failed. */
  reportAtEpoch: number;
  /** Looks that came before: they set the pace. */
  looks: number;
}

export interface ModelReport {
  status: string;
  /** Present when the model is ready. */
  training?: TrainingResult;
  epoch: number;
  losses: { trainLoss?: number; validationLoss?: number };
  looksAgainMs: number;
}

/** A look's delay gets up to this much more, so that jobs begun together do not look together. */
const JITTER_MS = 500;

export const awaitModel =
  ({ api, turns }: ApiDeps) =>
  ({ modelId, epochsMax, reportAtEpoch, looks }: AwaitModelInput): Promise<Attempted<ModelReport>> =>
    attemptRequest(
      { turns, kind: 'look', modelOf: () => modelId },
      (signal) => api.getModel(modelId, { signal }),
      (model, requestId) => {
        if (model.status === 'failed') throw trainingFailed({ modelId, error: model.error, requestId });
        const looksAgainMs = delayAfter(looks + activityInfo().attempt);
        if (model.status === 'ready') return { training: model.trainingResult ?? {}, ...reportOf(model, looksAgainMs) };
        const isTold = reportAtEpoch === 0 || (model.status === 'training' && model.currentEpoch >= reportAtEpoch);
        if (isTold) return reportOf(model, looksAgainMs);
        throw stillTraining(model, epochsMax, looksAgainMs);
      },
    );

function delayAfter(looks: number): number {
  const paceMs = LOOK_DELAYS_MS[Math.min(looks, LOOK_DELAYS_MS.length) - 1] ?? LOOK_DELAYS_MS[0];
  return paceMs + Math.round(Math.random() * JITTER_MS);
}

function reportOf({ status, currentEpoch, trainLoss, validationLoss }: Model, looksAgainMs: number): ModelReport {
  const losses = {
    ...(trainLoss === undefined ? {} : { trainLoss }),
    ...(validationLoss === undefined ? {} : { validationLoss }),
  };
  return { status, epoch: currentEpoch, losses, looksAgainMs };
}

function stillTraining(model: Model, epochsMax: number, looksAgainMs: number): ApplicationFailure {
  const progress =
    model.status === 'training'
      ? `epoch ${model.currentEpoch} of at most ${epochsMax}`
      : `the model is ${model.status}`;
  const details: LookDetails = {
    code: 'model_training',
    epoch: model.currentEpoch,
    epochs_max: epochsMax,
    ...(model.trainLoss === undefined ? {} : { train_loss: model.trainLoss }),
    ...(model.validationLoss === undefined ? {} : { validation_loss: model.validationLoss }),
  };
  return makeFailure({
    message: `training: ${progress}, looks again in ${Math.ceil(looksAgainMs / 1000)} s; this is waiting, not a failure`,
    nonRetryable: false,
    nextRetryDelay: looksAgainMs,
    category: ApplicationFailureCategory.BENIGN,
    details,
  });
}
