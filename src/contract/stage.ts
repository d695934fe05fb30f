/**
 * Where a job is. A union that cannot say impossible things: a training has a model, a hold has a reason.
 * Shown in the Temporal Web UI's details, the search attribute DataxidStage, `dxo` and the progress bar.
 */
import { z } from 'zod';
import { modelIdSchema } from './ids.js';
import { clockOf } from './text.js';

const epochsMax = z.number().int().positive();

export const stageSchema = z.discriminatedUnion('stage', [
  z.object({ stage: z.literal('preparing') }),
  z.object({ stage: z.literal('creating') }),
  z.object({ stage: z.literal('uploading'), modelId: modelIdSchema, bytes: z.number() }),
  z.object({
    stage: z.literal('training'),
    modelId: modelIdSchema,
    epoch: z.number().int().nonnegative(),
    epochsMax,
    trainLoss: z.number().optional(),
    validationLoss: z.number().optional(),
  }),
  z.object({ stage: z.literal('generating'), modelId: modelIdSchema, rowsDone: z.number(), rows: z.number() }),
  z.object({ stage: z.literal('assembling'), rows: z.number() }),
  z.object({
    stage: z.literal('held'),
    modelId: modelIdSchema.optional(),
    reason: z.enum(['quota_exceeded', 'key_expired']),
    /** The API's own words, or what a person has to decide. */
    message: z.string(),
    /** ISO 8601; when the job tries again unless an operator resumes it sooner. */
    until: z.string(),
  }),
  z.object({ stage: z.literal('deleting'), modelId: modelIdSchema }),
  z.object({ stage: z.literal('done') }),
  z.object({ stage: z.literal('failed'), message: z.string(), code: z.string().optional() }),
  z.object({ stage: z.literal('cancelled'), reason: z.string().optional() }),
]);
export type Stage = z.infer<typeof stageSchema>;

export function describeStage(now: Stage): string {
  switch (now.stage) {
    case 'preparing':
      return 'preparing: reading, analyzing and encoding the table on the worker';
    case 'creating':
      return 'creating the model';
    case 'uploading':
      return `uploading ${(now.bytes / 1e6).toFixed(1)} MB of encoded batches to ${now.modelId}`;
    case 'training': {
      const losses = [
        now.trainLoss === undefined ? undefined : `loss ${now.trainLoss.toFixed(4)}`,
        now.validationLoss === undefined ? undefined : `validation loss ${now.validationLoss.toFixed(4)}`,
      ].filter((part) => part !== undefined);
      return [`training ${now.modelId}: epoch ${now.epoch} of at most ${now.epochsMax}`, ...losses].join(', ');
    }
    case 'generating':
      return `generating: ${now.rowsDone} of ${now.rows} rows`;
    case 'assembling':
      return `assembling ${now.rows} rows into the output`;
    case 'held':
      return `held until ${clockOf(now.until)}, or until somebody resumes it: ${now.message}`;
    case 'deleting':
      return `deleting ${now.modelId}`;
    case 'done':
      return 'done';
    case 'failed':
      return `failed: ${now.message}`;
    case 'cancelled':
      return now.reason === undefined ? 'cancelled' : `cancelled: ${now.reason}`;
    default:
      return now satisfies never;
  }
}
