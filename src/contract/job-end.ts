/** How the job of a batch's item has ended, whoever learns of it: the batch as its parent, or an activity that asks. */
import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import { type FailureDetails, failureDetailsSchema } from './messages.js';

export type JobFailure = FailureDetails & { message: string };
export type JobEnd =
  | { status: 'done'; result: unknown }
  | { status: 'failed'; failure: JobFailure }
  | { status: 'cancelled'; failure: JobFailure };

/** Its history is gone, and with it what became of it. */
export const JOB_LOST: JobEnd = {
  status: 'failed',
  failure: {
    code: 'job_not_found',
    message: 'Temporal does not know the job any more: look whether its output is there.',
  },
};

/** @param cause what ended it, as Temporal tells a parent or a client */
export function jobEndOf(cause: unknown): JobEnd {
  if (cause instanceof CancelledFailure) {
    return { status: 'cancelled', failure: { code: 'cancelled', message: 'The job was cancelled.' } };
  }
  if (cause instanceof TerminatedFailure) {
    const message = 'The job was terminated; a model of it may be left over.';
    return { status: 'failed', failure: { code: 'terminated', message } };
  }
  if (cause instanceof ApplicationFailure) {
    const { data } = failureDetailsSchema.safeParse(cause.details?.[0]);
    return { status: 'failed', failure: { code: cause.type ?? 'unexpected_error', ...data, message: cause.message } };
  }
  const message = String((cause as Error | undefined)?.message ?? cause);
  return { status: 'failed', failure: { code: 'unexpected_error', message } };
}

/** A job of somebody else runs under the id that a job was to have. */
export const isIdTaken = (error: unknown): boolean => error instanceof WorkflowExecutionAlreadyStartedError;
