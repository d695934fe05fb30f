/**
 * The bodies of the API's calls [sdk]. Extra fields are ignored [assumed]. Long lists of codes are only checked to be
 * there: `training-data.ts` and `conditions.ts` look at their numbers.
 */
import { z } from 'zod';
import { type ApiError, parameterInvalid } from './api-error.js';

const positiveInteger = z.number().int().positive();
const codesByKey = z.record(z.string(), z.array(z.unknown()));

export const createBodySchema = z.object({
  metadata: z.object({
    cardinalities: z.record(z.string(), positiveInteger.max(10_000_000)),
    is_sequential: z.boolean().default(false),
    seq_len_max: positiveInteger.default(1),
  }),
  config: z.object({
    embedding_dim: positiveInteger,
    model_size: z.enum(['small', 'medium', 'large']),
    batch_size: positiveInteger,
    max_epochs: positiveInteger,
  }),
});

const embeddingSchema = z.object({
  embedding_b64: z.string(),
  dtype: z.literal('float32').default('float32'),
  shape: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
  encoding: z.literal('numpy-b64'),
});
export type EmbeddingPayload = z.infer<typeof embeddingSchema>;

export const initTrainingBodySchema = z.object({
  max_epochs: positiveInteger.default(100),
  patience: z.number().int().nonnegative().default(4),
  learning_rate: z.number().positive().optional(),
  label_smoothing: z.number().min(0).lt(1).default(0),
  embedding_dropout: z.number().min(0).lt(1).default(0.5),
  time_limit_seconds: z.number().nonnegative().default(0),
  seed: z.number().int().optional(),
  batches: z
    .array(
      z.object({
        embedding: embeddingSchema,
        targets: codesByKey,
        is_sequential: z.boolean().default(false),
        is_validation: z.boolean(),
      }),
    )
    .min(1),
});
export type InitTrainingBody = z.infer<typeof initTrainingBodySchema>;

export const trainBodySchema = z.object({});

export const generateBodySchema = z.object({
  embedding: embeddingSchema,
  fixed_probs: z
    .record(z.string(), z.record(z.string().regex(/^\d+$/, 'a code in decimal'), z.number().min(0).max(1)))
    .default({}),
  fixed_values: codesByKey.default({}),
  column_order: z.array(z.string()).default([]),
  seed: z.number().int().nullish(),
  imputation_columns: z.array(z.string()).optional(),
  bias: z
    .object({
      target_sub_col: z.string(),
      sensitive_sub_cols: z.array(z.string()).min(1),
      sensitive_groups: z.array(z.array(z.number().int())),
    })
    .nullish(),
  diversity: z.number().positive().default(1),
  rare_cutoff: z.number().gt(0).max(1).default(1),
  is_sequential: z.boolean().default(false),
  seq_len_max: positiveInteger.optional(),
});
export type GenerateBody = z.infer<typeof generateBodySchema>;

/** @throws ApiError `parameter_invalid`, whose `param` is a path such as `body.config.batch_size` */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: Buffer): z.infer<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(body.length === 0 ? '{}' : body.toString('utf8'));
  } catch {
    throw parameterInvalid('body', 'The body is not JSON.');
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalidAt(parsed.error);
  return parsed.data;
}

function invalidAt(error: z.ZodError): ApiError {
  const issue = error.issues[0]!;
  return parameterInvalid(['body', ...issue.path.map(String)].join('.'), issue.message);
}

const BYTES_PER_FLOAT = 4;

/** Shape, dtype and length of an embedding; its numbers are not used by this emulator. @throws ApiError */
export function checkEmbedding({ shape, embedding_b64 }: EmbeddingPayload, width: number, param: string): number {
  const [rows, columns] = shape;
  if (columns !== width) {
    throw parameterInvalid(
      `${param}.shape`,
      `The embedding is ${columns} wide, the model's embedding_dim is ${width}.`,
    );
  }
  const base64Chars = Math.ceil((rows * columns * BYTES_PER_FLOAT) / 3) * 4;
  if (embedding_b64.length !== base64Chars || !/^[A-Za-z0-9+/]*={0,2}$/.test(embedding_b64.slice(-64))) {
    throw parameterInvalid(
      `${param}.embedding_b64`,
      `A float32 matrix of ${rows} x ${columns} is ${base64Chars} characters of base64; ${embedding_b64.length} came.`,
    );
  }
  return rows;
}
