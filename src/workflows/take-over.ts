/**
 * A retry's first steps: read what the ended job had done, look whether its model lives, decide where to go on, and only
 * then claim it, so that a retry that is refused has touched nothing. From the claim on this job answers for all that the
 * other left behind, whether it uses it or not.
 */
import { type ApplicationFailure, CancellationScope } from '@temporalio/workflow';
import type { Claimant } from '../contract/claim.js';
import type { ModelId } from '../contract/ids.js';
import { KEY_USE_MS } from '../contract/limits.js';
import { makeFailure } from '../contract/make-failure.js';
import type { JobKind } from '../contract/requests.js';
import type { TrainingResult } from '../contract/results.js';
import { RETRY_STAGES, type RetryOf, type RetryStage } from '../contract/retry.js';
import { type Reusable, stagesToGoOnFrom, whyNotFrom } from '../contract/reusable.js';
import type { Debt } from './conclude.js';
import type { Job } from './job.js';
import { dataStep } from './steps.js';

/** What the job need not do any more; nothing for a job that is no retry. */
export interface TakenOver {
  prepared?: Reusable['prepared'];
  /** A creation to be asked for again, under the key of the job before. */
  creation?: Reusable['creation'];
  model?: TakenModel;
  chunks: Reusable['chunks'];
  /** The job before may have written the output: the same bytes are no fault then, as on a second try of one's own. */
  mayHaveWritten: boolean;
}
export interface TakenModel {
  id: ModelId;
  isUploaded: boolean;
  isTraining: boolean;
  /** Its training is done. */
  training?: TrainingResult;
}

/** @throws ApplicationFailure request_invalid, retry_impossible, leftovers_taken */
export async function takeOver(
  job: Job,
  kind: JobKind,
  request: { retryOf?: RetryOf | undefined },
  debt: Debt,
): Promise<TakenOver> {
  const { retryOf } = request;
  if (retryOf === undefined) return { chunks: [], mayHaveWritten: false };
  job.enter({ stage: 'preparing' });
  const found = await dataStep(`read what ${retryOf.job} had done`).findReusable({ kind, retryOf, request });
  const looked = await lookAt(job, found.model);
  const can = stagesToGoOnFrom(kind, found, looked?.status);
  const from = retryOf.from ?? can.at(-1) ?? 'preparing';
  if (!can.includes(from)) throw impossible(whyNotFrom(retryOf, found, looked?.status, can));
  // A claim that a cancel cut off would be nobody's.
  const { isMine, by } = await CancellationScope.nonCancellable(() =>
    dataStep(`claim what ${retryOf.job} left behind`).claimLeftovers(retryOf),
  );
  if (!isMine) throw taken(retryOf, by);
  debt.inherited = { models: found.models, groups: found.groups };
  if (found.wasToldToKeep) job.keepModel();
  job.note('goes on with', `${retryOf.job}, from ${from}`);
  return takenFrom(from, found, looked);
}

type LookedAt = { status?: string; training?: TrainingResult };

async function lookAt(job: Job, model: Reusable['model']): Promise<LookedAt | undefined> {
  if (model === undefined) return undefined;
  const modelId = model.id;
  return job.ask({ kind: 'look', summary: `look whether ${modelId} is alive`, forMs: KEY_USE_MS }, (api) =>
    api.findModel({ modelId }),
  );
}

function takenFrom(from: RetryStage, found: Reusable, looked?: LookedAt): TakenOver {
  const { prepared, creation, model, chunks, mayHaveWritten } = found;
  const isPast = (stage: RetryStage): boolean => RETRY_STAGES.indexOf(from) > RETRY_STAGES.indexOf(stage);
  const isReady = looked?.status === 'ready';
  const training = isReady ? (model?.training ?? looked.training ?? {}) : undefined;
  return {
    ...(isPast('preparing') && prepared !== undefined ? { prepared } : {}),
    ...(from === 'creating' && creation !== undefined ? { creation } : {}),
    ...(isPast('creating') && model !== undefined
      ? {
          model: {
            id: model.id,
            isUploaded: isPast('uploading'),
            isTraining: isPast('uploading') && looked?.status !== 'created',
            ...(training === undefined ? {} : { training }),
          },
        }
      : {}),
    chunks: from === 'generating' ? chunks : [],
    mayHaveWritten: from === 'generating' && mayHaveWritten,
  };
}

function impossible(message: string): ApplicationFailure {
  return makeFailure({ message, nonRetryable: true, details: { code: 'retry_impossible', param: 'retryOf.from' } });
}

function taken({ job }: RetryOf, by: Claimant): ApplicationFailure {
  const message =
    by.kind === 'reap'
      ? `What ${job} left behind was reaped by ${by.job}: start a new job.`
      : `The job ${by.job} goes on with ${job} already: wait for its end, or retry that one.`;
  return makeFailure({ message, nonRetryable: true, details: { code: 'leftovers_taken', param: 'retryOf.job' } });
}
