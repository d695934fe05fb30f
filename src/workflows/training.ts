/** Waiting for a training: with all other jobs of the account, or alone; never longer than the request allows. */
import type { ApplicationFailure } from '@temporalio/workflow';
import { makeFailure } from '../contract/make-failure.js';
import type { TrainingResult } from '../contract/results.js';
import { describeStage } from '../contract/stage.js';
import { followModel } from './follow-model.js';
import type { Job } from './job.js';
import { lookUntilTrained } from './look-alone.js';

const WITH_OTHERS = "the model trains; one look at the account's models serves all jobs that wait";

/** @throws ApplicationFailure (training_failed, training_timeout) */
export async function awaitTraining(job: Job): Promise<TrainingResult> {
  const limit = job.limitTraining();
  try {
    return await limit.run(
      async () => {
        const followed = await job.waitingFor({ reason: 'training', what: WITH_OTHERS }, () => followModel(job));
        return 'training' in followed ? followed.training : lookUntilTrained(job, followed.unlisted);
      },
      () => tooLong(job),
    );
  } finally {
    job.trainingIsOver();
  }
}

function tooLong(job: Job): ApplicationFailure {
  return makeFailure({
    message: `The training was not done in the time allowed: ${describeStage(job.stage())}. Raise model.timeout, or send the update \`extend\` in time.`,
    nonRetryable: true,
    details: { code: 'training_timeout' },
  });
}
