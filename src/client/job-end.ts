/** How a job ended without a result, as the error that a caller catches. */
import type { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import { failureDetailsOf, JobCancelledError, JobFailedError } from './errors.js';

export function errorOfEnd(jobId: string, { cause }: WorkflowFailedError): JobFailedError | JobCancelledError {
  if (cause instanceof CancelledFailure) {
    return new JobCancelledError(
      jobId,
      `Job ${jobId} was cancelled; a model that it created is deleted, unless the request keeps it.`,
      { cause },
    );
  }
  if (cause instanceof TerminatedFailure) {
    return new JobCancelledError(
      jobId,
      `Job ${jobId} was terminated; a model of it may be left over. \`dxo reap\` deletes it; \`dxo retry ${jobId}\` goes on with it.`,
      { cause },
    );
  }
  if (cause instanceof TimeoutFailure) {
    return new JobFailedError(
      jobId,
      `Job ${jobId} was ended by a timeout that somebody set on its workflow; a model of it may be left over. \`dxo reap\` deletes it; \`dxo retry ${jobId}\` goes on with it.`,
      { code: 'deadline_exceeded' },
      { cause },
    );
  }
  if (cause instanceof ApplicationFailure) {
    return new JobFailedError(jobId, cause.message, failureDetailsOf(cause.details?.[0]), { cause });
  }
  return new JobFailedError(jobId, cause?.message ?? `Job ${jobId} failed.`, { code: 'unexpected_error' }, { cause });
}
