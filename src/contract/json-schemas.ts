/**
 * The published contract as JSON Schema, by name: what callers in any language send and get (docs/contract.md). Written
 * into the package by the build, and printed by `dxo schema`.
 */
import { z } from 'zod';
import { batchRequestSchema, setConcurrencyInputSchema } from './batch.js';
import { batchResultSchema, batchStatusSchema } from './batch-results.js';
import {
  adoptInputSchema,
  cancelInputSchema,
  extendInputSchema,
  failureDetailsSchema,
  jobPlanSchema,
  jobStatusSchema,
  setPriorityInputSchema,
} from './messages.js';
import { reapReportSchema, reapRequestSchema } from './reap.js';
import { generateRequestSchema, synthesizeRequestSchema, trainRequestSchema } from './requests.js';
import { generateResultSchema, synthesizeResultSchema, trainResultSchema } from './results.js';
import { schedulesFileSchema } from './schedules.js';

/** What callers send: fields with a default may be left out. */
const SENT = {
  'synthesize-request': synthesizeRequestSchema,
  'train-request': trainRequestSchema,
  'generate-request': generateRequestSchema,
  'batch-request': batchRequestSchema,
  'reap-request': reapRequestSchema,
  'extend-input': extendInputSchema,
  'set-priority-input': setPriorityInputSchema,
  'adopt-input': adoptInputSchema,
  'set-concurrency-input': setConcurrencyInputSchema,
  'cancel-input': cancelInputSchema,
  schedules: schedulesFileSchema,
} as const;

/** What callers get: fields may be added, so others than these are no fault. */
const ANSWERED = {
  'synthesize-result': synthesizeResultSchema,
  'train-result': trainResultSchema,
  'generate-result': generateResultSchema,
  'batch-result': batchResultSchema,
  'reap-result': reapReportSchema,
  'job-status': jobStatusSchema,
  'job-plan': jobPlanSchema,
  'batch-status': batchStatusSchema,
  'failure-details': failureDetailsSchema,
} as const;

export type JsonSchemaName = keyof typeof SENT | keyof typeof ANSWERED;

/** @returns each schema by its name (draft 2020-12) */
export function jsonSchemas(): Record<JsonSchemaName, object> {
  const named = [
    ...Object.entries(SENT).map(([name, schema]) => [name, schemaOf(schema, 'input')] as const),
    ...Object.entries(ANSWERED).map(([name, schema]) => [name, withoutClosing(schemaOf(schema, 'output'))] as const),
  ];
  return Object.fromEntries(named.map(([name, schema]) => [name, { title: name, ...schema }])) as Record<
    JsonSchemaName,
    object
  >;
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  return z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema }) => {
      // No format of JSON Schema: validators refuse it. The pattern beside it says the same.
      if ((jsonSchema.format as string) === 'starts_with') delete jsonSchema.format;
    },
  });
}

/** zod closes every object of an output; a caller that checks answers must not fail on a field that a release adds. */
function withoutClosing(schema: unknown): object {
  return JSON.parse(JSON.stringify(schema), (key, value) =>
    key === 'additionalProperties' && value === false ? undefined : value,
  ) as object;
}
