/**
 * How a job has ended that an earlier run of its batch began: the run that goes on is not told. A job that still runs makes
 * the attempt fail benignly with the delay until the next look, so that waiting holds no slot and costs no history.
 */
import { activityInfo, getClient } from '@temporalio/activity';
import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { type ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { JOB_LOST, type JobEnd, jobEndOf } from '../contract/job-end.js';
import { makeFailure } from '../contract/make-failure.js';
import { attempt } from './attempt.js';

export interface AwaitBatchJobInput {
  job: string;
  runId: string;
}

/** Looks come less often the longer they have been in vain. */
const LOOK_MS = 1_000;
const LOOK_MS_MAX = 15_000;

export const awaitBatchJob =
  () =>
  ({ job, runId }: AwaitBatchJobInput): Promise<JobEnd> =>
    attempt(async () => {
      const handle = getClient().workflow.getHandle(job, runId);
      try {
        const { status } = await handle.describe();
        if (status.name === 'RUNNING') throw stillRunning(job);
        return { status: 'done', result: await handle.result() };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return JOB_LOST;
        if (error instanceof WorkflowFailedError) return jobEndOf(error.cause);
        throw error;
      }
    });

function stillRunning(job: string): ApplicationFailure {
  const delayMs = Math.min(LOOK_MS * activityInfo().attempt, LOOK_MS_MAX);
  return makeFailure({
    message: `the job ${job} goes on, looks again in ${Math.ceil(delayMs / 1_000)} s; this is waiting, not a failure`,
    nonRetryable: false,
    nextRetryDelay: delayMs,
    category: ApplicationFailureCategory.BENIGN,
    details: { code: 'item_running' },
  });
}
