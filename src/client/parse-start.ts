/** What a caller asks for, checked before anything is sent: the request by its schema, and how it is to be started. */
import { z } from 'zod';
import { batchRequestSchema } from '../contract/batch.js';
import { describeIssue } from '../contract/describe-issue.js';
import type { AnyRequest } from '../contract/describe-request.js';
import { jobIdSchema } from '../contract/ids.js';
import { REQUEST_BYTES_MAX } from '../contract/limits.js';
import { fairnessKeySchema, prioritySchema, type WorkflowType } from '../contract/messages.js';
import { reapRequestSchema } from '../contract/reap.js';
import { REQUEST_SCHEMAS } from '../contract/requests.js';
import { InvalidRequestError } from './errors.js';

export const STARTABLE = {
  ...REQUEST_SCHEMAS,
  batch: batchRequestSchema,
  reap: reapRequestSchema,
} as const satisfies Record<WorkflowType, z.ZodType>;

const startOptionsSchema = z.strictObject({
  /** The job's id: what makes a repeated start safe. Choose it from what the job is for, not at random. */
  id: jobIdSchema,
  /**
   * What becomes of the start when there is a job of the id already, within the namespace's retention:
   *
   * `attach` (default): the handle is that job's, whether it runs or has ended in any way. A start that is repeated
   * after a crash never makes a second job.
   * `retry`: as attach, but a job that failed, timed out, was cancelled or terminated is followed by a new one.
   * `restart`: as attach while it runs; a job that has ended in any way is followed by a new one.
   * `refuse`: JobExistsError.
   */
  onConflict: z.enum(['attach', 'retry', 'restart', 'refuse']).default('attach'),
  /** 1 is asked first, 5 last. @default 3 */
  priority: prioritySchema.optional(),
  /** Whose turn it uses among jobs of one priority: a tenant, say. */
  fairnessKey: fairnessKeySchema.optional(),
  /** When the job has to be done: the request's `deadline`. */
  deadline: z.union([z.date(), z.iso.datetime({ offset: true })], 'a Date or an ISO 8601 instant').optional(),
});
export type StartOptions = z.input<typeof startOptionsSchema>;

export interface ParsedStart {
  request: AnyRequest;
  options: Omit<z.output<typeof startOptionsSchema>, 'deadline'>;
}

/** @throws InvalidRequestError that lists every fault of the request, or of the options */
export function parseStart(kind: WorkflowType, request: unknown, given: StartOptions): ParsedStart {
  const { deadline, ...options } = parse(startOptionsSchema, given, 'The options of the start are wrong');
  const timed =
    deadline === undefined || typeof request !== 'object'
      ? request
      : { ...request, deadline: new Date(deadline).toISOString() };
  const parsed = parse(STARTABLE[kind] as z.ZodType<AnyRequest>, timed, `The ${kind} request is wrong`);
  const bytes = Buffer.byteLength(JSON.stringify(parsed));
  if (bytes > REQUEST_BYTES_MAX) {
    throw new InvalidRequestError(
      `The ${kind} request has ${bytes} bytes of JSON; at most ${REQUEST_BYTES_MAX} are allowed.`,
      [],
    );
  }
  return { request: parsed, options };
}

/** @throws InvalidRequestError that lists every fault */
export function parse<Schema extends z.ZodType>(schema: Schema, given: unknown, sentence: string): z.output<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => ({
    param: issue.path.join('.'),
    fault: describeIssue(issue, given),
  }));
  throw new InvalidRequestError(
    [`${sentence}:`, ...faults.map(({ param, fault }) => `  ${param === '' ? '' : `${param}: `}${fault}`)].join('\n'),
    faults.map(({ param }) => param),
  );
}
