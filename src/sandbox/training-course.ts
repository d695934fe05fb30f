/**
 * A training as a function of the clock: `created -> building -> training -> ready | failed`, epoch and losses. No timer
 * runs, so that a restart and a clock moved by hand find the training where it must be.
 * The losses are made up: they fall from the loss of guessing towards a floor, as a training's would.
 */
import { BUILDING_MS, EPOCH_SECONDS_MIN, ROWS_PER_SECOND } from './assumptions.js';
import { seededRandom } from './random.js';

export interface Upload {
  rows: number;
  maxEpochs: number;
  patience: number;
  timeLimitSeconds: number;
  /** Name of the blob that holds the packed training data. */
  blob: string;
}

export interface Training {
  startedAtMs: number;
  epochSeconds: number;
  /** Decides where early stopping comes. */
  seed: number;
  /** Text of the failure that was asked for at the control surface. */
  failure?: string | undefined;
}

export interface TrainingResult {
  epochs: number;
  train_loss: number;
  val_loss: number;
  early_stopped: boolean;
  duration_seconds: number;
}

export interface Progress {
  status: 'created' | 'building' | 'training' | 'ready' | 'failed';
  current_epoch: number;
  train_loss: number | null;
  val_loss: number | null;
  training_result: TrainingResult | null;
  error: string | null;
}

/** Default patience 4: 24 to 32 epochs in all, 12 to 16 s for 10 000 rows. */
const BEST_EPOCH_MIN = 20;
const BEST_EPOCH_SPREAD = 9;
/** A training told to fail does so after this share of its epochs. */
const FAILURE_SHARE = 0.3;
const LOSS_FLOOR = 0.55;
const LOSS_DECAY_EPOCHS = 6;

export const epochSecondsOf = (rows: number): number => Math.max(EPOCH_SECONDS_MIN, rows / ROWS_PER_SECOND);

const CREATED: Progress = {
  status: 'created',
  current_epoch: 0,
  train_loss: null,
  val_loss: null,
  training_result: null,
  error: null,
};

/** @param guessLoss mean loss in nats of a model that knows nothing */
export function progressOf(
  upload: Upload | undefined,
  training: Training | undefined,
  guessLoss: number,
  nowMs: number,
): Progress {
  if (upload === undefined || training === undefined) return CREATED;
  const trainedSeconds = (nowMs - training.startedAtMs - BUILDING_MS) / 1_000;
  if (trainedSeconds < 0) return { ...CREATED, status: 'building' };
  const { epochs, bestEpoch, earlyStopped } = lastEpochOf(upload, training);
  const failureEpoch = training.failure === undefined ? Number.POSITIVE_INFINITY : Math.ceil(epochs * FAILURE_SHARE);
  const epoch = Math.min(epochs, failureEpoch, Math.floor(trainedSeconds / training.epochSeconds));
  const losses = { current_epoch: epoch, ...lossesAt(epoch, bestEpoch, guessLoss) };
  if (epoch === failureEpoch) return { ...CREATED, ...losses, status: 'failed', error: training.failure! };
  if (epoch < epochs) return { ...CREATED, ...losses, status: 'training' };
  const best = lossesAt(Math.min(bestEpoch, epochs), bestEpoch, guessLoss);
  return {
    ...losses,
    status: 'ready',
    error: null,
    training_result: {
      epochs,
      train_loss: best.train_loss!,
      val_loss: best.val_loss!,
      early_stopped: earlyStopped,
      duration_seconds: Number((epochs * training.epochSeconds).toFixed(3)),
    },
  };
}

function lastEpochOf({ maxEpochs, patience, timeLimitSeconds }: Upload, { epochSeconds, seed }: Training) {
  const bestEpoch = BEST_EPOCH_MIN + Math.floor(seededRandom(seed)() * BEST_EPOCH_SPREAD);
  const inTime =
    timeLimitSeconds === 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(timeLimitSeconds / epochSeconds));
  const epochs = Math.min(maxEpochs, inTime, bestEpoch + patience);
  return { epochs, bestEpoch, earlyStopped: epochs === bestEpoch + patience && epochs < maxEpochs };
}

function lossesAt(epoch: number, bestEpoch: number, guessLoss: number): Pick<Progress, 'train_loss' | 'val_loss'> {
  if (epoch === 0) return { train_loss: null, val_loss: null };
  const fallen = (epochs: number) =>
    guessLoss * (LOSS_FLOOR + (1 - LOSS_FLOOR) * Math.exp(-epochs / LOSS_DECAY_EPOCHS));
  const overfitting = Math.max(0, epoch - bestEpoch) * 0.002 * guessLoss;
  return {
    train_loss: Number(fallen(epoch).toFixed(6)),
    val_loss: Number((fallen(Math.min(epoch, bestEpoch)) * 1.03 + overfitting).toFixed(6)),
  };
}
