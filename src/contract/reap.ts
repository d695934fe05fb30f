/**
 * A reap: what ended jobs left behind, found from their histories and deleted. What a caller asks for, and its report,
 * which is the result of the workflow; lists are cut, counts are not.
 */
import { z } from 'zod';
import { modelIdSchema } from './ids.js';
import { REAP_DAYS, REAP_DAYS_MAX, REAP_JOBS, REAP_JOBS_MAX } from './limits.js';
import { accountSchema } from './requests.js';

export const reapRequestSchema = z.strictObject({
  account: accountSchema,
  dryRun: z.boolean().default(false).describe('Delete nothing, and say what would be'),
  days: z.number().int().positive().max(REAP_DAYS_MAX).default(REAP_DAYS).describe('Jobs that ended within so many'),
  jobsMax: z.number().int().positive().max(REAP_JOBS_MAX).default(REAP_JOBS).describe('Examine at most so many'),
});
export type ReapRequest = z.infer<typeof reapRequestSchema>;
export type ReapInput = z.input<typeof reapRequestSchema>;

const ofJob = z.object({ modelId: modelIdSchema, job: z.string() });
const count = z.number().int().nonnegative();

export const reapReportSchema = z.object({
  account: z.string(),
  dryRun: z.boolean(),
  /** Ended jobs whose histories were read. */
  examined: count,
  /** False: there were more than `jobsMax`. */
  isComplete: z.boolean(),
  counts: z.object({ deleted: count, leftOver: count, kept: count, unknown: count }),
  deleted: z.array(ofJob),
  /** Still there: what a real run would delete, or what could not be deleted, and why. */
  leftOver: z.array(ofJob.extend({ why: z.string() })),
  /** Alive, and for a reason. */
  kept: z.array(ofJob.extend({ why: z.string() })),
  /** What a person should look at. */
  unknown: z.array(z.object({ job: z.string(), what: z.string() })),
  /** Jobs whose artifacts were removed, or would be. */
  artifactsOfJobs: count,
  /** Where a creation is unknown: models of the account that no job here accounts for. */
  unaccounted: z.array(modelIdSchema),
  /** API requests sent. */
  requests: count,
});
export type ReapReport = z.infer<typeof reapReportSchema>;
