/**
 * How the outside talks to a job: workflow types, task queues, queries, updates, signals, search attributes.
 * On the floor, so that client/ never imports workflow code and workflows never import the client. All of it is a
 * published contract (docs/contract.md): any language may start, ask and steer a job.
 */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { z } from 'zod';
import { modelIdSchema } from './ids.js';
import { EXTEND_MAX_S, FAIRNESS_KEY_BYTES_MAX, PRIORITY_MAX, REASON_CHARS_MAX } from './limits.js';
import { trainedModelSchema } from './requests.js';
import { stageSchema } from './stage.js';

export const WORKFLOW_TYPES = ['synthesize', 'train', 'generate', 'batch', 'reap'] as const;
export type WorkflowType = (typeof WORKFLOW_TYPES)[number];

export const WORKFLOW_QUEUE = 'dataxid-workflows';
export const DATA_QUEUE = 'dataxid-data';
/** The rate limit is an organization's, so each account has an API queue of its own. */
export const apiQueueOf = (account: string): string =>
  account === 'default' ? 'dataxid-api' : `dataxid-api.${account}`;

export const QUERIES = { status: 'status', plan: 'plan' } as const;
export const UPDATES = {
  resume: 'resume',
  extend: 'extend',
  setPriority: 'setPriority',
  keep: 'keep',
  salvage: 'salvage',
  adopt: 'adopt',
} as const;
export const CANCEL_SIGNAL = 'cancel';

/** Temporal's own scale: 1 is asked first, 5 last. */
export const prioritySchema = z.number().int().min(1).max(PRIORITY_MAX);
export const fairnessKeySchema = z
  .string()
  .min(1)
  .refine(
    (key) => new TextEncoder().encode(key).length <= FAIRNESS_KEY_BYTES_MAX,
    `at most ${FAIRNESS_KEY_BYTES_MAX} bytes`,
  );

export const extendInputSchema = z.strictObject({
  seconds: z.number().int().positive().max(EXTEND_MAX_S).describe('How much later the deadline comes'),
});
export type ExtendInput = z.infer<typeof extendInputSchema>;

export const setPriorityInputSchema = z.strictObject({
  priority: prioritySchema.describe('1 is asked first, 5 last'),
  fairnessKey: fairnessKeySchema.optional().describe('Whose turn it uses among jobs of one priority; a tenant, say'),
});
export type SetPriorityInput = z.infer<typeof setPriorityInputSchema>;

export const adoptInputSchema = z.strictObject({
  modelId: modelIdSchema.describe('A model of the account that this job may use, and deletes at its end'),
});
export type AdoptInput = z.infer<typeof adoptInputSchema>;

export const cancelInputSchema = z.strictObject({ reason: z.string().max(REASON_CHARS_MAX).optional() });
export type CancelInput = z.infer<typeof cancelInputSchema>;

/** Why a job does not go on by itself right now. */
export const waitSchema = z.object({
  reason: z.enum(['training', 'retry_after', 'api_unavailable', 'quota', 'operator']),
  /** A sentence for a person. */
  what: z.string(),
  /** ISO 8601: when the job looks or asks again by itself. */
  until: z.string().optional(),
});
export type Wait = z.infer<typeof waitSchema>;

export const jobStatusSchema = z.object({
  stage: stageSchema,
  /** ISO 8601: when the job entered each stage, in order. */
  entered: z.array(z.object({ stage: z.string(), at: z.string() })),
  modelId: modelIdSchema.optional(),
  /** API requests sent so far. */
  requests: z.number(),
  /** What the job has asked for and not got yet: it waits for its turn in the request budget, or for the answer. */
  asked: z.array(z.object({ what: z.string(), since: z.string() })),
  wait: waitSchema.optional(),
  /** ISO 8601. */
  deadline: z.string().optional(),
  priority: setPriorityInputSchema.optional(),
  /** Whether a trained model outlives the job. */
  keepModel: z.boolean(),
  /** Requests that the job still needs at least, as far as it knows how many rows it makes. */
  requestsLeft: z.number().optional(),
  /**
   * ISO 8601: when the job should end, at the pace of its epochs or rows so far; absent before it has a pace. A training may stop
   * earlier; the time that rows take counts from the first of them on.
   */
  endsAt: z.string().optional(),
});
export type JobStatus = z.infer<typeof jobStatusSchema>;

/** What a job will ask of the API, as far as it knows yet. */
export const jobPlanSchema = z.object({
  kind: z.string(),
  table: z.string().optional(),
  output: z.string().optional(),
  /** Rows asked for; unknown until the table is read, where the request does not say. */
  rows: z.number().optional(),
  chunks: z.number().optional(),
  /** Requests that the job needs at least: one for each call but the looks at a training. */
  requestsAtLeast: z.number().optional(),
});
export type JobPlan = z.infer<typeof jobPlanSchema>;

export const SEARCH_ATTRIBUTES = {
  stage: defineSearchAttributeKey('DataxidStage', SearchAttributeType.KEYWORD),
  /** A `Wait` reason while the job waits, else unset. */
  waitReason: defineSearchAttributeKey('DataxidWaitReason', SearchAttributeType.KEYWORD),
  /** The `code` a failed job ended with. */
  failureCode: defineSearchAttributeKey('DataxidFailureCode', SearchAttributeType.KEYWORD),
  modelId: defineSearchAttributeKey('DataxidModelId', SearchAttributeType.KEYWORD),
  account: defineSearchAttributeKey('DataxidAccount', SearchAttributeType.KEYWORD),
  table: defineSearchAttributeKey('DataxidTable', SearchAttributeType.KEYWORD),
  /** Rows asked for. */
  rows: defineSearchAttributeKey('DataxidRows', SearchAttributeType.INT),
} as const;

/** The details that every failure of a job carries, in Temporal's failure and in `JobFailedError`. */
export const failureDetailsSchema = z.object({
  code: z.string(),
  /** The API's error type and HTTP status, where it answered: what the error policy goes by. */
  type: z.string().optional(),
  status: z.number().optional(),
  param: z.string().optional(),
  request_id: z.string().optional(),
  doc_url: z.string().optional(),
  /** Quota errors: when the period ends, if the API says so. ISO 8601. */
  resets_at: z.string().optional(),
  /** A trained model that was kept although the job failed later: what `generate` takes. */
  trained: trainedModelSchema.optional(),
  /** What the job made is kept for a retry until then. ISO 8601. */
  kept_until: z.string().optional(),
  /** Asking again may help, after this time at least; absent where it would not. */
  ask_again_ms: z.number().optional(),
  /** Requests that the activity had sent when it gave up. */
  attempts: z.number().optional(),
  /** Of `attempts`, those that surely took no effect: refused for the rate, or not sent. */
  without_effect: z.number().optional(),
});
export type FailureDetails = z.infer<typeof failureDetailsSchema>;

/** What a look at a training model leaves in the pending activity: a job's progress, without a line of history. */
export const lookDetailsSchema = z.object({
  code: z.string(),
  epoch: z.number(),
  epochs_max: z.number(),
  train_loss: z.number().optional(),
  validation_loss: z.number().optional(),
});
export type LookDetails = z.infer<typeof lookDetailsSchema>;
