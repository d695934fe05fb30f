/**
 * How jobs that wait for a training share one look at all of an account's models. A job joins the account's watch, which
 * tells it what has become of its model; the watch never asks anything of a job, so either may be repeated or lost.
 */
import { z } from 'zod';
import { type ModelId, modelIdSchema } from './ids.js';
import { JOB_ID_CHARS_MAX, MESSAGE_BYTES_MAX } from './limits.js';
import { type TrainingResult, trainingResultSchema } from './results.js';

export const WATCH_WORKFLOW = 'watch';
export const watchWorkflowIdOf = (account: string): string => `dataxid-watch-${account}`;

/** To the watch. */
export const JOIN_SIGNAL = 'join';
export const LEAVE_SIGNAL = 'leave';
export const LOOK_NOW_SIGNAL = 'lookNow';
/** To a job. */
export const MODEL_NEWS_SIGNAL = 'modelNews';

/** Temporal lets a batch's items have longer ids than people's jobs. */
const WORKFLOW_ID_CHARS_MAX = JOB_ID_CHARS_MAX * 5;

export const waiterSchema = z.object({
  /** Workflow id. */
  job: z.string().min(1).max(WORKFLOW_ID_CHARS_MAX),
  modelId: modelIdSchema,
  epochsMax: z.number().int().positive(),
});
export type Waiter = z.infer<typeof waiterSchema>;

const loss = z.number().optional();
const sentence = z.string().max(MESSAGE_BYTES_MAX * 2);

/** What became of a job's model. A job takes no notice of another model's. */
export const modelNewsSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('training'),
    modelId: modelIdSchema,
    epoch: z.number(),
    trainLoss: loss,
    validationLoss: loss,
  }),
  z.object({ kind: z.literal('ready'), modelId: modelIdSchema, training: trainingResultSchema }),
  z.object({
    kind: z.literal('failed'),
    modelId: modelIdSchema,
    error: sentence.optional(),
    requestId: z.string().optional(),
  }),
  /** The watch cannot see it: the job has to look for itself. */
  z.object({ kind: z.literal('unlisted'), modelId: modelIdSchema, why: sentence }),
  /** The API does not answer, and does again. */
  z.object({ kind: z.literal('trouble'), modelId: modelIdSchema, what: sentence }),
  z.object({ kind: z.literal('trouble_over'), modelId: modelIdSchema }),
]);
export type ModelNews = z.infer<typeof modelNewsSchema>;

/** A model of the list, as a look tells of it. */
export interface SeenModel {
  id: ModelId;
  status: string;
  /** 0 before the first. */
  epoch: number;
  trainLoss?: number | undefined;
  validationLoss?: number | undefined;
  training?: TrainingResult | undefined;
  error?: string | undefined;
  requestId?: string | undefined;
}
