/**
 * The failures that we mean: a sentence, a code, details. Without a stack: it would show the worker's file paths in the
 * Web UI and repeat the message, and pending failures over 4 096 bytes lose their details (measured).
 */
import { ApplicationFailure, type ApplicationFailureOptions } from '@temporalio/common';
import type { FailureDetails, LookDetails } from './messages.js';

export function makeFailure(
  options: Pick<ApplicationFailureOptions, 'nonRetryable' | 'nextRetryDelay' | 'category'> & {
    message: string;
    details: FailureDetails | LookDetails;
  },
): ApplicationFailure {
  const { details, ...rest } = options;
  const failure = ApplicationFailure.create({ ...rest, type: details.code, details: [details] });
  failure.stack = '';
  return failure;
}
