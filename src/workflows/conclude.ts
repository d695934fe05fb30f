/**
 * How every job ends. A created model is a debt: it is deleted on success, failure and cancel, unless the request keeps
 * a model whose training is done. Cleaning up is shielded from cancel, reports its own failure and never hides the
 * first one. Terminate skips all of this.
 */
import { type ApplicationFailure, CancellationScope, isCancellation, log } from '@temporalio/workflow';
import type { ModelId } from '../contract/ids.js';
import { makeFailure } from '../contract/make-failure.js';
import type { TrainedModel } from '../contract/requests.js';
import { explain } from './explain.js';
import type { Job } from './job.js';

export interface Debt {
  /** The model this job answers for. */
  modelId?: ModelId;
  /** Set when the training is done and the request keeps the model: then it is the caller's. */
  kept?: TrainedModel;
}

/** @param work what the job does; the requests of its whole life, the delete included, are added to its result */
export async function conclude<T extends { warnings: string[] }>(
  job: Job,
  work: (debt: Debt) => Promise<T>,
): Promise<T & { requests: number }> {
  const debt: Debt = {};
  try {
    const result = await work(debt);
    const leftOver = await settle(job, debt);
    job.enter({ stage: 'done' });
    const left = leftOver === undefined ? [] : [`The model ${leftOver} could not be deleted: delete it.`];
    return { ...result, requests: job.requests(), warnings: [...result.warnings, ...left] };
  } catch (error) {
    const leftOver = await settle(job, debt);
    if (isCancellation(error) && leftOver === undefined) {
      job.enter({ stage: 'cancelled' });
      throw error;
    }
    const failure = isCancellation(error) ? cancelledWith(leftOver) : explain(error, { leftOver, kept: debt.kept });
    job.enter({ stage: 'failed', message: failure.message });
    throw failure;
  }
}

/** To call this cancelled would say that nothing is left. */
function cancelledWith(leftOver: ModelId | undefined): ApplicationFailure {
  return makeFailure({
    message: `The job was cancelled, and its model ${leftOver} could not be deleted: delete it.`,
    nonRetryable: true,
    details: { code: 'model_left_over' },
  });
}

/** @returns the model that could not be deleted, if so */
async function settle(job: Job, { modelId, kept }: Debt): Promise<ModelId | undefined> {
  return CancellationScope.nonCancellable(async () => {
    let leftOver: ModelId | undefined;
    if (modelId !== undefined && kept === undefined) {
      job.enter({ stage: 'deleting', modelId });
      await job.counted(job.api.deleteModel({ modelId })).catch((error: unknown) => {
        log.error('model left over', { modelId, reason: explain(error).message });
        leftOver = modelId;
      });
    }
    const groups = kept === undefined ? [job.artifacts, job.modelArtifacts] : [job.artifacts];
    await job.data.discardArtifacts({ groups }).catch((error: unknown) => {
      log.warn('artifacts left over', { groups, reason: explain(error).message });
    });
    return leftOver;
  });
}
