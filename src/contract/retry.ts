/**
 * What a retry asks for: a new job that goes on where an ended one of the same request stopped.
 * Not here: what is found of the old job, and from where it can go on (reusable.ts).
 */
import { z } from 'zod';
import { jobIdSchema } from './ids.js';

/** In order. A retry redoes the stage that it goes on from, and all that follow. */
export const RETRY_STAGES = ['preparing', 'creating', 'uploading', 'training', 'generating'] as const;
export const retryStageSchema = z.enum(RETRY_STAGES);
export type RetryStage = z.infer<typeof retryStageSchema>;

export const retryOfSchema = z.strictObject({
  job: jobIdSchema.describe('An ended job of the same kind and request'),
  runId: z.string().min(1).max(100).describe('Its run'),
  from: retryStageSchema.optional().describe('Redo from here; default: the latest stage that it can go on from'),
});
export type RetryOf = z.infer<typeof retryOfSchema>;
