/**
 * How the outside talks to a job: workflow types, task queues, query, update, search attributes.
 * On the floor, so that client/ never imports workflow code and workflows never import the client.
 */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { z } from 'zod';
import { modelIdSchema } from './ids.js';
import { trainedModelSchema } from './requests.js';
import { stageSchema } from './stage.js';

export const WORKFLOW_TYPES = ['synthesize', 'train', 'generate'] as const;

export const WORKFLOW_QUEUE = 'dataxid-workflows';
export const DATA_QUEUE = 'dataxid-data';
/** The rate limit is an organization's, so each account has an API queue of its own. */
export const apiQueueOf = (account: string): string =>
  account === 'default' ? 'dataxid-api' : `dataxid-api.${account}`;

export const STATUS_QUERY = 'status';
export const RESUME_UPDATE = 'resume';

export const jobStatusSchema = z.object({
  stage: stageSchema,
  /** ISO 8601: when the job entered each stage, in order. */
  entered: z.array(z.object({ stage: z.string(), at: z.string() })),
  modelId: modelIdSchema.optional(),
  requests: z.number(),
});
export type JobStatus = z.infer<typeof jobStatusSchema>;

export const SEARCH_ATTRIBUTES = {
  stage: defineSearchAttributeKey('DataxidStage', SearchAttributeType.KEYWORD),
  modelId: defineSearchAttributeKey('DataxidModelId', SearchAttributeType.KEYWORD),
  account: defineSearchAttributeKey('DataxidAccount', SearchAttributeType.KEYWORD),
  table: defineSearchAttributeKey('DataxidTable', SearchAttributeType.KEYWORD),
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
  /** The shortest time to let pass before asking again, where the API said one. */
  retry_after_ms: z.number().optional(),
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
