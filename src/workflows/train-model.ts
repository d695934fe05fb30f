/** From a private table to a trained model: prepare, create, upload, train, wait. */
import { type ApplicationFailure, CancelledFailure, isCancellation, sleep } from '@temporalio/workflow';
import type { PreparedTraining, PrepareTrainingInput } from '../activities/prepare-training.js';
import type { ModelId } from '../contract/ids.js';
import { CREATE_GRACE_MS, LOOK_DELAYS_MS } from '../contract/limits.js';
import { makeFailure } from '../contract/make-failure.js';
import type { TrainRequest } from '../contract/requests.js';
import type { TrainingResult } from '../contract/results.js';
import type { Job } from './job.js';
import { shielded } from './shielded.js';

export function prepare(
  job: Job,
  { table, columns, model }: Pick<TrainRequest, 'table' | 'columns' | 'model'>,
  toGenerate?: Pick<PrepareTrainingInput, 'generation' | 'output'>,
): Promise<PreparedTraining> {
  job.enter({ stage: 'preparing' });
  const seed = model.seed ?? job.seed;
  return job.data.prepareTraining({
    job: job.artifacts,
    modelGroup: job.modelArtifacts,
    table,
    columns,
    // The SDK's one-call functions put their seed into the training configuration too [sdk].
    model: seed === undefined ? model : { ...model, seed },
    seed: seed ?? job.seedFor('prepare'),
    ...toGenerate,
  });
}

export async function createModel(job: Job, prepared: PreparedTraining): Promise<ModelId> {
  job.enter({ stage: 'creating' });
  try {
    const { modelId } = await shielded(
      () => job.asking('create', 0, (key) => job.api.createModel({ key, body: prepared.create })),
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
  await job.asking('init-training', 0, (key) => job.api.initTraining({ key, modelId, body: prepared.upload }));

  job.enter({ stage: 'training', modelId, epoch: 0, epochsMax });
  const { finished } = await job.asking('train', 0, (key) => job.api.startTraining({ key, modelId }));
  if (finished !== undefined) return finished;
  await sleep(LOOK_DELAYS_MS[0], { summary: 'the training begins' });
  const { training } = await job.counted(job.api.awaitTraining({ modelId, epochsMax, until: 'trained' }));
  return training;
}
