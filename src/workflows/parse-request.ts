/**
 * A workflow's input, validated before anything is spent: whoever starts a job by hand has no other check; and filled in
 * with the time that it was scheduled for.
 */
import type { ApplicationFailure } from '@temporalio/workflow';
import type { z } from 'zod';
import { describeIssue } from '../contract/describe-issue.js';
import { InputError } from '../contract/input-error.js';
import { MESSAGE_BYTES_MAX } from '../contract/limits.js';
import { makeFailure } from '../contract/make-failure.js';
import { asScheduled } from '../contract/scheduled-request.js';
import { cutToBytes } from '../contract/text.js';
import { scheduledTime } from './scheduled-time.js';

/** @throws ApplicationFailure (request_invalid) that names the first wrong place; a ZodError would hang the run */
export function parseRequest<S extends z.ZodType<{ seed?: number | undefined; timeZone?: string | undefined }>>(
  schema: S,
  input: unknown,
): z.output<S> {
  const request = parseInput(schema, input, 'The request');
  return sayingSo(() => asScheduled(request, scheduledTime()));
}

/** @throws ApplicationFailure (request_invalid) @param subject what is wrong, where something is */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown, subject: string): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  const param = first?.path.join('.') ?? '';
  throw invalid(
    `${subject} is wrong at ${param === '' ? 'its top' : param}: ${first && describeIssue(first, input)}`,
    param,
  );
}

/** An InputError would be retried as a fault of the workflow's code. */
function sayingSo<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof InputError ? invalid(error.message, error.param) : error;
  }
}

function invalid(message: string, param = ''): ApplicationFailure {
  return makeFailure({
    message: cutToBytes(message, MESSAGE_BYTES_MAX),
    nonRetryable: true,
    details: { code: 'request_invalid', ...(param === '' ? {} : { param }) },
  });
}
