/** From a private table to a trained model: prepare, create, upload, train, wait. */
import { type ApplicationFailure, CancelledFailure, isCancellation } from '@temporalio/workflow';
import type { PreparedTraining, PrepareTrainingInput } from '../activities/prepare-training.js';
import type { ModelId } from '../contract/ids.js';
import { CREATE_GRACE_MS } from '../contract/limits.js';
import { makeFailure } from '../contract/make-failure.js';
import type { TrainRequest } from '../contract/requests.js';
import type { TrainingResult } from '../contract/results.js';
import type { Counted } from './ask-api.js';
import type { Job } from './job.js';
import { lookAtModel } from './look-alone.js';
import { shielded } from './shielded.js';
import { dataStep } from './steps.js';
import { awaitTraining } from './training.js';

export async function prepare(
  job: Job,
  { table, columns, model }: Pick<TrainRequest, 'table' | 'columns' | 'model'>,
  toGenerate?: Pick<PrepareTrainingInput, 'generation' | 'rowsPerChunk' | 'output' | 'report'>,
): Promise<PreparedTraining> {
  job.enter({ stage: 'preparing' });
  const seed = model.seed ?? job.seed;
  const prepared = await dataStep('read, analyze and encode the table').prepareTraining({
    job: job.artifacts,
    modelGroup: job.modelArtifacts,
    table,
    columns,
    // The SDK's one-call functions put their seed into the training configuration too [sdk].
    model: seed === undefined ? model : { ...model, seed },
    seed: seed ?? job.seedFor('prepare'),
    ...toGenerate,
  });
  if (toGenerate !== undefined && toGenerate.generation?.n_samples === undefined) {
    job.rowsWillBe(prepared.given?.rows ?? prepared.rows);
  }
  job.note('rows trained on', String(prepared.rows));
  return prepared;
}

export async function createModel(job: Job, prepared: PreparedTraining): Promise<ModelId> {
  job.enter({ stage: 'creating' });
  try {
    const { modelId } = await shielded(
      () =>
        job.askOnce(
          'create',
          0,
          'create the model',
          (api, key) => api.createModel({ job: job.artifacts, key, body: prepared.create }),
          async (failure) => {
            await job.holds.forOperator(failure);
            const named = job.adopted();
            return named === undefined ? undefined : { modelId: named, attempts: 0 };
          },
        ),
      CREATE_GRACE_MS,
    );
    return modelId;
  } catch (error) {
    // Begun, and given up without an answer: to call this cancelled would say that no model is left.
    if (isCancellation(error) && !(error instanceof CancelledFailure)) throw creationUnknown();
    throw error;
  }
}

function creationUnknown(): ApplicationFailure {
  return makeFailure({
    message:
      'The job was cancelled while the API did not say whether it had created the model: one may be left over. Look for it in the account when the API answers again.',
    nonRetryable: true,
    details: { code: 'creation_unknown' },
  });
}

export async function trainModel(job: Job, modelId: ModelId, prepared: PreparedTraining): Promise<TrainingResult> {
  const { epochsMax } = job;
  job.enter({ stage: 'uploading', modelId, bytes: prepared.upload.bytes });
  await job.askOnce(
    'init-training',
    0,
    'upload the encoded batches',
    (api, key) => api.initTraining({ job: job.artifacts, key, modelId, body: prepared.upload }),
    () => unlessUntouched(job),
  );

  job.enter({ stage: 'training', modelId, epoch: 0, epochsMax });
  const { finished } = await job.askOnce<Counted & { finished?: TrainingResult }>(
    'train',
    0,
    'start the training',
    (api, key) => api.startTraining({ job: job.artifacts, key, modelId }),
    () => unlessUntouched(job),
  );
  if (finished !== undefined) return finished;
  return awaitTraining(job);
}

/** A model that is still as it was created has not been trained, whatever was asked: it can be asked again. */
async function unlessUntouched(job: Job): Promise<Counted | undefined> {
  const { status, attempts } = await lookAtModel(job);
  return status === 'created' ? undefined : { attempts };
}
