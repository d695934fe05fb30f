/** From a private table to a trained model: prepare, create, upload, train, wait. A retry leaves out what is done. */
import { type ApplicationFailure, CancelledFailure, isCancellation } from '@temporalio/workflow';
import type { CreateModelInput } from '../activities/create-model.js';
import type { ModelId } from '../contract/ids.js';
import { CREATE_GRACE_MS } from '../contract/limits.js';
import { makeFailure } from '../contract/make-failure.js';
import type { SynthesizeRequest, TrainRequest } from '../contract/requests.js';
import type { TrainingResult } from '../contract/results.js';
import type { PreparedTraining } from '../contract/reusable.js';
import { mayHaveTakenEffect } from '../contract/taken-effect.js';
import type { Api } from './api-step.js';
import type { Counted } from './ask-api.js';
import { checkGeneration } from './check-generation.js';
import { failureOf, type OurFailure } from './explain.js';
import type { Job } from './job.js';
import { lookAtModel } from './look-alone.js';
import { shielded } from './shielded.js';
import { dataStep } from './steps.js';
import type { TakenModel, TakenOver } from './take-over.js';
import { awaitTraining } from './training.js';

type ToGenerate = Pick<SynthesizeRequest, 'generation' | 'output' | 'report'> & { rowsPerChunk: number };

export async function prepare(
  job: Job,
  request: Pick<TrainRequest, 'table' | 'columns' | 'model'>,
  { prepared: taken, mayHaveWritten }: TakenOver,
  toGenerate?: ToGenerate,
): Promise<PreparedTraining> {
  job.enter({ stage: 'preparing' });
  const prepared = taken ?? (await readTable(job, request, toGenerate));
  if (taken !== undefined && toGenerate !== undefined) {
    const { generation, output, rowsPerChunk } = toGenerate;
    const { metadata } = taken;
    const seed = job.seedFor('conditions');
    // What its rows were given stays what it was: chunks of them may be there.
    await checkGeneration({ job: job.artifacts, metadata, generation, output, rowsPerChunk, seed }, mayHaveWritten);
  }
  if (toGenerate !== undefined && toGenerate.generation.n_samples === undefined) {
    job.rowsWillBe(prepared.given?.rows ?? prepared.rows);
  }
  job.note('rows trained on', String(prepared.rows));
  return prepared;
}

function readTable(
  job: Job,
  { table, columns, model }: Pick<TrainRequest, 'table' | 'columns' | 'model'>,
  toGenerate?: ToGenerate,
): Promise<PreparedTraining> {
  const seed = model.seed ?? job.seed;
  return dataStep('read, analyze and encode the table').prepareTraining({
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

/** @param rowsLeft what the job will be billed for once the model is trained; absent: nothing */
export async function createModel(
  job: Job,
  { create: body }: PreparedTraining,
  { creation }: Pick<TakenOver, 'creation'>,
  rowsLeft?: number,
): Promise<ModelId> {
  job.enter({ stage: 'creating' });
  const summary = 'create the model';
  // Requests, of this job and in this step.
  let mayHaveCreated = 0;
  let isForgotten = false;
  const create = (api: Api, input: CreateModelInput) =>
    api.createModel(input).catch((error: unknown) => {
      mayHaveCreated += mayHaveTakenEffect(failureOf(error));
      throw error;
    });
  try {
    const { modelId } = await (creation === undefined
      ? job.askOnce(
          'create',
          0,
          summary,
          (api, key, isAskedAgain) => create(api, { job: job.artifacts, key, body, rowsLeft, isAskedAgain }),
          (failure) => {
            isForgotten = true;
            return namedModel(job, failure);
          },
        )
      : shielded(
          () =>
            job.ask({ kind: 'prepare', summary, forMs: creation.knownUntilMs - Date.now() }, (api) =>
              create(api, { key: creation.key, body, rowsLeft }),
            ),
          CREATE_GRACE_MS,
        ));
    return modelId;
  } catch (error) {
    // Begun, and given up without an answer: to call this cancelled would say that no model is left.
    const isUnknown = isForgotten || !(error instanceof CancelledFailure);
    if (isCancellation(error) && isUnknown) throw creationUnknown(CANCELLED);
    if (isCancellation(error) || mayHaveCreated === 0) throw error;
    throw creationUnknown(failureOf(error)?.message ?? UNANSWERED);
  }
}

/** An operator names the model, or has another one created. */
async function namedModel(job: Job, failure: OurFailure): Promise<(Counted & { modelId: ModelId }) | undefined> {
  await job.holds.forOperator(failure);
  const modelId = job.adopted();
  return modelId === undefined ? undefined : { modelId, attempts: 0 };
}

/** The code of a job that may have left a model whose id nobody recorded. */
export const CREATION_UNKNOWN = 'creation_unknown';
const CANCELLED = 'The job was cancelled while the API did not say whether it had created the model.';
const UNANSWERED = 'The creation of the model was not answered.';

/** @param why it was given up */
function creationUnknown(why: string): ApplicationFailure {
  return makeFailure({
    message: `${why} A request before that was not answered as it should: a model may be left over. For 23 hours \`dxo retry\` goes on with it and \`dxo reap\` deletes it; after that, look in the account.`,
    nonRetryable: true,
    details: { code: CREATION_UNKNOWN },
  });
}

/** @param done of the model, by the job that this one goes on with */
export async function trainModel(
  job: Job,
  modelId: ModelId,
  prepared: PreparedTraining,
  done?: Omit<TakenModel, 'id'>,
): Promise<TrainingResult> {
  const { epochsMax } = job;
  if (done?.training !== undefined) return done.training;
  if (done?.isUploaded !== true) {
    job.enter({ stage: 'uploading', modelId, bytes: prepared.upload.bytes });
    await job.askOnce(
      'init-training',
      0,
      'upload the encoded batches',
      (api, key) => api.initTraining({ job: job.artifacts, key, modelId, body: prepared.upload }),
      () => unlessUntouched(job),
    );
  }

  job.enter({ stage: 'training', modelId, epoch: 0, epochsMax });
  if (done?.isTraining === true) return awaitTraining(job);
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
