/**
 * Waits for a training by the account's watch, whose one look serves all jobs that wait. No request is the job's own, and
 * nothing of it is pending but a timer.
 */
import { CancellationScope, getExternalWorkflowHandle, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { TrainingResult } from '../contract/results.js';
import { trainingFailed } from '../contract/training-failed.js';
import { LEAVE_SIGNAL, LOOK_NOW_SIGNAL, type Waiter, watchWorkflowIdOf } from '../contract/watch.js';
import type { Job } from './job.js';
import { dataStep } from './steps.js';

/** The training is done, or the job has to look for itself. */
export type Followed = { training: TrainingResult } | { unlisted: string };

/** @throws ApplicationFailure (training_failed) */
export async function followModel(job: Job): Promise<Followed> {
  const waiter = { job: workflowInfo().workflowId, modelId: job.knownModel(), epochsMax: job.epochsMax };
  try {
    for (;;) {
      const isJoined = await join(job, waiter);
      if (!isJoined) return { unlisted: 'the watch could not be joined' };
      const told = await hear(job, waiter);
      if (told !== undefined) return told;
    }
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => tellWatch(job, LEAVE_SIGNAL, [waiter]));
    throw error;
  } finally {
    job.inTrouble(undefined);
  }
}

async function join({ account }: Job, waiter: Waiter): Promise<boolean> {
  try {
    await dataStep("wait with the others for the account's models").joinWatch({ account, waiter });
    return true;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return false;
  }
}

/** @returns undefined where nothing was heard for long */
async function hear(job: Job, { modelId, epochsMax }: Waiter): Promise<Followed | undefined> {
  let epoch = 0;
  for (;;) {
    const news = await job.newsOfModels.next(
      modelId,
      epoch === 0 ? 'training' : `training: epoch ${epoch} of at most ${epochsMax}`,
    );
    switch (news?.kind) {
      case 'training': {
        const { trainLoss, validationLoss } = news;
        epoch = news.epoch;
        const losses = {
          ...(trainLoss === undefined ? {} : { trainLoss }),
          ...(validationLoss === undefined ? {} : { validationLoss }),
        };
        // A model that was not ready when rows were asked for is waited for too, in the stage `generating`.
        if (job.stage().stage === 'training') job.enter({ stage: 'training', modelId, epoch, epochsMax, ...losses });
        break;
      }
      case 'ready':
        return { training: news.training };
      case 'failed':
        throw trainingFailed(news);
      case 'unlisted':
        return { unlisted: news.why };
      case 'trouble':
        job.inTrouble(news.what, () => void tellWatch(job, LOOK_NOW_SIGNAL, []));
        break;
      case 'trouble_over':
        job.inTrouble(undefined);
        break;
      default:
        return undefined;
    }
  }
}

/** A watch that is gone watches nobody. */
function tellWatch<Args extends unknown[]>({ account }: Job, signal: string, args: Args): Promise<void> {
  return getExternalWorkflowHandle(watchWorkflowIdOf(account))
    .signal(signal, ...args)
    .catch((error: unknown) => {
      if (isCancellation(error)) throw error;
    });
}
