/**
 * How the items of a batch end, and what a batch answers: its status while it runs, its result, and the memo that a
 * retry goes by. All of it small, whatever the number of items: what each came to is in the manifest of outputs.
 */
import { z } from 'zod';
import { artifactRefSchema } from './artifact.js';
import { batchRequestSchema } from './batch.js';
import { modelIdSchema } from './ids.js';
import { trainedModelSchema } from './requests.js';
import { outputResultSchema } from './results.js';

export const itemErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  /** The API's error type and HTTP status, where it answered. */
  type: z.string().optional(),
  status: z.number().optional(),
  param: z.string().optional(),
  request_id: z.string().optional(),
});

/** What an item came to. One that was never started has none. */
export const itemOutcomeSchema = z.object({
  index: z.number().int().nonnegative(),
  status: z.enum(['done', 'failed', 'cancelled']),
  /** The id of its job, under which the last try is found. */
  job: z.string(),
  attempts: z.number().int().positive(),
  output: outputResultSchema.optional(),
  model: z.object({ id: modelIdSchema, kept: z.boolean() }).optional(),
  /** Present when the item kept its model: what `generate` takes. */
  trained: trainedModelSchema.optional(),
  requests: z.number().optional(),
  error: itemErrorSchema.optional(),
  /** The failed run keeps what it made for the next try, until then (`policy.keepOnFailure`). ISO 8601. */
  kept: z.object({ runId: z.string(), until: z.string() }).optional(),
});
export type ItemOutcome = z.infer<typeof itemOutcomeSchema>;

/** A line of the manifest of outputs. */
export const itemResultSchema = itemOutcomeSchema
  .omit({ index: true, status: true })
  .partial()
  .extend({
    name: z.string(),
    status: z.enum(['done', 'failed', 'cancelled', 'not_run']),
  });
export type ItemResult = z.infer<typeof itemResultSchema>;

export const failedItemSchema = itemErrorSchema.extend({ name: z.string() });
export type FailedItem = z.infer<typeof failedItemSchema>;

const count = z.number().int().nonnegative();
export const batchCountsSchema = z.object({
  items: count,
  done: count,
  failed: count,
  cancelled: count,
  /** Under way, those that wait for their next try included. */
  running: count,
  /** Not started; when the batch has ended, never. */
  waiting: count,
});
export type BatchCounts = z.infer<typeof batchCountsSchema>;

export const batchStageSchema = z.object({
  stage: z.enum(['preparing', 'running', 'assembling', 'done', 'failed', 'cancelled']),
  /** Why it failed, or why nothing more is started. */
  message: z.string().optional(),
});
export type BatchStage = z.infer<typeof batchStageSchema>;

export const batchStatusSchema = z.object({
  stage: batchStageSchema,
  /** ISO 8601: when the batch entered each stage, in order. */
  entered: z.array(z.object({ stage: z.string(), at: z.string() })),
  counts: batchCountsSchema,
  /** Rows of the items that are done. */
  rowsDone: z.number(),
  /** Rows that all items ask for, as far as that is known before their tables are read. */
  rows: z.number(),
  /** Items that do not say how many rows they ask for. */
  itemsOfUnknownRows: z.number(),
  /** API requests of the items that have ended. */
  requests: z.number(),
  /** What all items need at least, and how long the request budget takes to let them go where nobody else asks. */
  requestsAtLeast: z.number().optional(),
  budgetSeconds: z.number().optional(),
  atOnce: z.number(),
  /** ISO 8601: when it will be done if it goes on as it has so far. */
  expectedEnd: z.string().optional(),
  deadline: z.string().optional(),
  /** The last ones, newest first. */
  failures: z.array(failedItemSchema),
  /** What is wrong with the manifest, where that ended the batch. */
  faults: z.array(z.string()).optional(),
});
export type BatchStatus = z.infer<typeof batchStatusSchema>;

export const batchResultSchema = z.object({
  counts: batchCountsSchema,
  rows: z.number(),
  requests: z.number(),
  /** The manifest of outputs. */
  output: z.object({ uri: z.string(), bytes: z.number(), sha256: z.string() }),
  /** The first ones. */
  failures: z.array(failedItemSchema),
});
export type BatchResult = z.infer<typeof batchResultSchema>;

/** Kept with the batch, readable without a worker however it ended: what `retryOf` and `dxo batch retry` need. */
export const batchMemoSchema = z.object({
  request: batchRequestSchema.omit({ defaults: true, retryOf: true }),
  /** Absent when all items are done: then there is nothing to retry, and they are removed. */
  items: artifactRefSchema.optional(),
  outcomes: artifactRefSchema.optional(),
});
export type BatchMemo = z.infer<typeof batchMemoSchema>;

export const BATCH_MEMO_KEY = 'batch';
