/** Validates a workflow's input before anything is spent. Whoever starts a job by hand has no other check. */
import type { z } from 'zod';
import { MESSAGE_BYTES_MAX } from '../contract/limits.js';
import { makeFailure } from '../contract/make-failure.js';
import { cutToBytes } from '../contract/text.js';

/** @throws ApplicationFailure (request_invalid) that names the first wrong place; a ZodError would hang the run */
export function parseRequest<S extends z.ZodType>(schema: S, input: unknown): z.infer<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  const param = first?.path.join('.') ?? '';
  throw makeFailure({
    message: cutToBytes(
      `The request is wrong at ${param === '' ? 'its top' : param}: ${first?.message}`,
      MESSAGE_BYTES_MAX,
    ),
    nonRetryable: true,
    details: { code: 'request_invalid', ...(param === '' ? {} : { param }) },
  });
}
