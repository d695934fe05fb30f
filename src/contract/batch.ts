/**
 * A batch: many jobs from one manifest, a few at a time, with one end. What a caller asks for. An item is a synthesize or
 * generate request with a name; what all items share is in `defaults`.
 * Not here: how items end and what a batch answers (batch-results.ts).
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { artifactRefSchema } from './artifact.js';
import { trialsOf } from './given-table.js';
import { jobIdSchema } from './ids.js';
import {
  BATCH_AT_ONCE,
  BATCH_AT_ONCE_MAX,
  BATCH_ITEM_ATTEMPTS,
  BATCH_ITEM_ATTEMPTS_MAX,
  BATCH_ITEMS_MAX,
  JOB_ID_CHARS_MAX,
} from './limits.js';
import { type GenerationSettings, timeZoneSchema } from './requests.js';

export const batchKindSchema = z.enum(['synthesize', 'generate']);
export type BatchKind = z.infer<typeof batchKindSchema>;

export const manifestFormatSchema = z.enum(['yaml', 'jsonl', 'csv']);
export type ManifestFormat = z.infer<typeof manifestFormatSchema>;

const uri = z.string().min(1).max(4_096);

export const batchRequestSchema = z.strictObject({
  kind: batchKindSchema.default('synthesize').describe('What each item is'),
  manifest: z.strictObject({
    uri: uri.describe('YAML, JSONL or CSV: an item each, under the roots that the worker may read'),
    format: manifestFormatSchema.optional().describe('Default: from the ending'),
  }),
  defaults: z.record(z.string(), z.unknown()).default({}).describe('A partial request that every item is merged over'),
  output: z.strictObject({
    uri: uri.describe('Where the manifest of outputs is written: JSONL, a line an item'),
    overwrite: z.boolean().default(false),
  }),
  account: z.string().default('default').describe('Of synthesize items that name none'),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .optional()
    .describe('Items without a seed draw theirs from it and from their name'),
  timeZone: timeZoneSchema.optional().describe('Of {{ scheduled | date }}; default UTC'),
  deadline: z.iso.datetime({ offset: true }).optional().describe('When the batch has to be done'),
  policy: z
    .strictObject({
      atOnce: z.number().int().min(1).max(BATCH_AT_ONCE_MAX).default(BATCH_AT_ONCE).describe('Items under way at once'),
      attempts: z
        .number()
        .int()
        .min(1)
        .max(BATCH_ITEM_ATTEMPTS_MAX)
        .default(BATCH_ITEM_ATTEMPTS)
        .describe('Tries of an item whose failure may pass'),
      onFailure: z.enum(['continue', 'fail-fast']).default('continue').describe('fail-fast: as maxFailures 0'),
      maxFailures: z
        .number()
        .int()
        .nonnegative()
        .max(BATCH_ITEMS_MAX)
        .optional()
        .describe('More failed items than these end the batch, and what is under way is cancelled'),
      quotaRows: z
        .number()
        .int()
        .positive()
        .optional()
        .describe('Rows of quota that are left: a batch that asks for more is refused before it starts'),
    })
    .prefault({}),
  retryOf: z
    .strictObject({ items: artifactRefSchema, outcomes: artifactRefSchema.optional() })
    .optional()
    .describe('An earlier batch, as its memo says: only its items that are not done are run, as they were read then'),
});
export type BatchRequest = z.infer<typeof batchRequestSchema>;
export type BatchInput = z.input<typeof batchRequestSchema>;

/** The update `setConcurrency` of a running batch: more or fewer items at once from now on. What is under way stays so. */
export const SET_CONCURRENCY = 'setConcurrency';
export const setConcurrencyInputSchema = z.strictObject({
  atOnce: z.number().int().min(1).max(BATCH_AT_ONCE_MAX).describe('Items under way at once'),
});
export type SetConcurrencyInput = z.infer<typeof setConcurrencyInputSchema>;

/** Unique in its batch, and the end of its job's id. */
export const itemNameSchema = jobIdSchema;

/** One item as the batch runs it: a whole request, named, with its place in the manifest. */
export interface BatchItem {
  /** From 0, in the order of the manifest. */
  index: number;
  name: string;
  request: Record<string, unknown>;
  /** Rows it asks for, where that is known before its table is read. */
  rows?: number | undefined;
}

/** What it counts against the row quota, as far as it says its rows: each trial of imputing asks for all of them. */
export function quotaRowsOf({ request, rows = 0 }: Pick<BatchItem, 'request' | 'rows'>): number {
  const { generation = {} } = request as { generation?: Pick<GenerationSettings, 'impute'> };
  return rows * trialsOf(generation);
}

const DIGEST_CHARS = 12;

/** `<batch id>.<item name>`; what would be too long is cut and told apart by a digest. */
export function jobIdOfItem(batchId: string, itemName: string): string {
  const whole = `${batchId}.${itemName}`;
  if (whole.length <= JOB_ID_CHARS_MAX) return whole;
  const digest = bytesToHex(sha256(utf8ToBytes(whole))).slice(0, DIGEST_CHARS);
  return `${whole.slice(0, JOB_ID_CHARS_MAX - DIGEST_CHARS - 1)}-${digest}`;
}

/** More failed items than these end a batch. */
export function failuresAllowed({ onFailure, maxFailures }: BatchRequest['policy']): number {
  return onFailure === 'fail-fast' ? 0 : (maxFailures ?? Number.POSITIVE_INFINITY);
}

/** The item's request under the deadline of its batch, unless its own comes sooner. @param deadline ISO 8601 */
export function underDeadline(
  request: BatchItem['request'],
  deadline: string | undefined,
): BatchItem['request'] & { deadline?: string } {
  const own = request.deadline as string | undefined;
  const isSooner = own !== undefined && (deadline === undefined || Date.parse(own) <= Date.parse(deadline));
  return { ...request, ...(isSooner ? { deadline: own } : deadline === undefined ? {} : { deadline }) };
}
