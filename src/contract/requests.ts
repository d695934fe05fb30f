/**
 * What a caller asks for. The schema is the type, the validation before anything is spent, and `dxo schema request`.
 * `model` and `generation` carry the names of the Python SDK verbatim [sdk]; their bounds are the SDK's own.
 * Strict: a misspelt name is refused, never ignored. A name is never removed, since old histories are parsed again.
 */
import { z } from 'zod';
import { artifactRefSchema } from './artifact.js';
import { encodingTypeSchema } from './encoding.js';
import { modelIdSchema } from './ids.js';
import {
  COLUMN_NAME_CHARS_MAX,
  COLUMNS_MAX,
  IMPUTE_TRIALS_MAX,
  ROWS_MAX,
  ROWS_PER_CHUNK,
  ROWS_PER_CHUNK_MAX,
  TRAINING_TIMEOUT_S,
  TRAINING_TIMEOUT_S_MAX,
} from './limits.js';
import { retryOfSchema } from './retry.js';
import { isTimeZone } from './wall-clock.js';

const columnName = z.string().max(COLUMN_NAME_CHARS_MAX);
const filledName = columnName.regex(/\S/, 'the name of a column, not blank');
const positiveInteger = z.number().int().positive();
const seed = z
  .number()
  .int()
  .min(0)
  .max(2 ** 31 - 1);
const fraction = z.number().min(0).lt(1);

/** IANA name. */
export const timeZoneSchema = z.string().refine(isTimeZone, 'not an IANA time zone such as Europe/Istanbul');

export const tableFormatSchema = z.enum(['csv', 'tsv', 'jsonl', 'parquet', 'arrow']);
export type TableFormat = z.infer<typeof tableFormatSchema>;

/** Of a text file; how each is spelt as UTF-8: table/read/decode-text.ts. */
export const textEncodingSchema = z.enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'latin-1']);
export type TextEncoding = z.infer<typeof textEncodingSchema>;

export const columnTypeSchema = z.enum(['integer', 'float', 'boolean', 'timestamp', 'text']);
export type ColumnType = z.infer<typeof columnTypeSchema>;

const uri = z.string().min(1).max(4_096);

export const tableSourceSchema = z.strictObject({
  uri: uri.describe(
    'A path or file:// URI under the roots that the worker may read; * and ? in the file name: several files, one table',
  ),
  format: tableFormatSchema.optional().describe('Default: from the ending'),
  delimiter: z.string().length(1).optional().describe('CSV only; default: found out'),
  quote: z.string().max(1).optional().describe('CSV only, empty for none; default: found out'),
  header: z.boolean().optional().describe('CSV only: whether the first line has the names; default: found out'),
  encoding: textEncodingSchema.optional().describe('CSV, TSV and JSONL; default: found out'),
  nulls: z.array(z.string()).max(100).optional().describe('CSV texts that mean null; default: the empty text'),
  types: z.record(columnName, columnTypeSchema).optional().describe('Column types; default: found out'),
});
export type TableSource = z.infer<typeof tableSourceSchema>;

export const columnsSchema = z.strictObject({
  include: z.array(columnName).min(1).max(COLUMNS_MAX).optional().describe('Only these columns'),
  exclude: z.array(columnName).max(COLUMNS_MAX).optional().describe('All columns but these'),
  encoding: z.record(columnName, encodingTypeSchema).optional().describe('Encoding by column; default: found out'),
});
export type ColumnsRequest = z.infer<typeof columnsSchema>;

export const modelSettingsSchema = z.strictObject({
  model_size: z.enum(['small', 'medium', 'large']).default('medium'),
  embedding_dim: positiveInteger.max(4_096).default(64),
  batch_size: positiveInteger.max(1_000_000).default(256),
  max_epochs: positiveInteger.max(100_000).default(100),
  accumulation_steps: positiveInteger
    .max(100_000)
    .default(1)
    .describe('Taken for the SDK and sent to nobody, as by it'),
  encoding_types: z
    .record(columnName, encodingTypeSchema)
    .optional()
    .describe("The SDK's name for columns.encoding, which wins over it"),
  early_stop_patience: z.number().int().nonnegative().default(4),
  val_split: z.number().gt(0).lt(1).default(0.1),
  learning_rate: z.number().positive().optional().describe('Default: 0.001 * sqrt(batch_size / 32)'),
  label_smoothing: fraction.default(0),
  embedding_dropout: fraction.default(0.5),
  time_limit_seconds: z.number().nonnegative().default(0),
  timeout: z
    .number()
    .positive()
    .max(TRAINING_TIMEOUT_S_MAX)
    .default(TRAINING_TIMEOUT_S)
    .describe('Seconds to wait for training'),
  seed: seed.optional().describe('Default: the seed of the request'),
  privacy: z
    .strictObject({
      protect_rare: z.boolean().default(true).describe('Withhold values that few rows hold'),
      rare_strategy: z.enum(['mask', 'sample']).default('mask'),
      enabled: z.boolean().default(false).describe('Add noise to the embeddings'),
      noise: z.number().nonnegative().default(0.1),
    })
    .prefault({}),
});
export type ModelSettings = z.infer<typeof modelSettingsSchema>;

const imputePickSchema = z.enum(['mode', 'mean', 'median']);
export type ImputePick = z.infer<typeof imputePickSchema>;

const imputeSchema = z.strictObject({
  X: tableSourceSchema.describe('The table with holes: each null in a trained column is filled, everything else kept'),
  trials: positiveInteger.max(IMPUTE_TRIALS_MAX).default(1).describe('Times that all rows are asked for'),
  pick: imputePickSchema
    .default('mode')
    .describe('What fills a cell after several trials; texts and booleans take the mode always'),
});

export const generationSchema = z
  .strictObject({
    n_samples: positiveInteger
      .max(ROWS_MAX)
      .optional()
      .describe('Rows to generate; default: as many as were trained on'),
    seed: seed.optional().describe('Default: the seed of the request'),
    diversity: z.number().positive().default(1),
    rare_cutoff: z.number().gt(0).max(1).default(1),
    rare_strategy: z.enum(['mask', 'sample']).optional().describe('Default: model.privacy.rare_strategy'),
    distribution: z
      .strictObject({
        column: filledName,
        probabilities: z
          .record(z.string().regex(/\S/, 'a category is not blank'), z.number().nonnegative())
          .refine((probabilities) => Object.keys(probabilities).length > 0, 'at least one category'),
      })
      .optional(),
    bias: z
      .strictObject({ target: filledName, sensitive: z.array(filledName).min(1) })
      .refine(({ target, sensitive }) => !sensitive.includes(target), {
        error: 'may not contain the target',
        path: ['sensitive'],
      })
      .optional(),
    conditions: tableSourceSchema
      .optional()
      .describe('A table with some of the trained columns: row i of the output has the values of its row i'),
    impute: imputeSchema
      .optional()
      .describe('Fill the holes of a table instead of making rows up; not with conditions'),
  })
  .refine(({ conditions, impute }) => conditions === undefined || impute === undefined, {
    error: 'not together with conditions: the table to impute is what each row is given',
    path: ['impute'],
  });
export type GenerationSettings = z.infer<typeof generationSchema>;

export const outputSchema = z.strictObject({
  uri: uri.describe('A path or file:// URI under the roots that the worker may write'),
  format: tableFormatSchema.optional().describe('Default: from the ending; .gz and .zst behind it compress'),
  overwrite: z.boolean().default(false),
});
export type OutputRequest = z.infer<typeof outputSchema>;

export const reportRequestSchema = z.strictObject({
  uri: uri.describe('A path or file:// URI under the roots that the worker may write'),
  overwrite: z.boolean().default(false),
});
export type ReportRequest = z.infer<typeof reportRequestSchema>;

const policyFields = {
  onQuota: z
    .enum(['fail', 'hold'])
    .default('fail')
    .describe('When the row quota is used up: fail, or wait for the reset'),
};
const generatePolicyFields = {
  ...policyFields,
  rowsPerChunk: positiveInteger
    .max(ROWS_PER_CHUNK_MAX)
    .default(ROWS_PER_CHUNK)
    .describe('Rows asked for by one request'),
  keepOnFailure: z
    .boolean()
    .default(false)
    .describe('When the job fails after the training: keep the model and the rows there are for `dxo retry`, 72 hours'),
};

export const accountSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens')
  .default('default')
  .describe("The name under which the worker's settings hold the API key");

const retryOf = retryOfSchema.optional().describe('An ended job that this one goes on with (`dxo retry`)');
const common = {
  account: accountSchema,
  seed: seed.optional().describe('Makes the job repeatable: analysis, batches, generation, decoding'),
  deadline: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('When the job has to be done: then it ends, and cleans up'),
  timeZone: timeZoneSchema.optional().describe('Of {{ scheduled | date }} in a uri; default UTC'),
};

/** What a reader looks for comes first: the Web UI shows inputs in this order. */
export const synthesizeRequestSchema = z.strictObject({
  table: tableSourceSchema,
  output: outputSchema,
  report: reportRequestSchema.optional().describe('One HTML page: how close the output is to the table'),
  generation: generationSchema.prefault({}),
  columns: columnsSchema.optional(),
  policy: z.strictObject({ ...generatePolicyFields, keepModel: z.boolean().default(false) }).prefault({}),
  ...common,
  model: modelSettingsSchema.prefault({}),
  retryOf,
});
export type SynthesizeRequest = z.infer<typeof synthesizeRequestSchema>;
export type SynthesizeInput = z.input<typeof synthesizeRequestSchema>;

export const trainRequestSchema = z.strictObject({
  table: tableSourceSchema,
  columns: columnsSchema.optional(),
  policy: z.strictObject(policyFields).prefault({}),
  ...common,
  model: modelSettingsSchema.prefault({}),
  retryOf,
});
export type TrainRequest = z.infer<typeof trainRequestSchema>;
export type TrainInput = z.input<typeof trainRequestSchema>;

/** What `train` ends with and `generate` takes, days later and on another worker. */
export const trainedModelSchema = z.object({
  account: z.string(),
  modelId: modelIdSchema,
  /** The statistics and vocabularies that turn codes back into values; without them the model is of no use. */
  metadata: artifactRefSchema,
  rows: z.number().int().positive().describe('Rows it was trained on'),
});
export type TrainedModel = z.infer<typeof trainedModelSchema>;

export const generateRequestSchema = z.strictObject({
  output: outputSchema,
  generation: generationSchema.prefault({}),
  trained: trainedModelSchema,
  policy: z.strictObject({ ...generatePolicyFields, keepModel: z.boolean().default(true) }).prefault({}),
  seed: common.seed,
  deadline: common.deadline,
  timeZone: common.timeZone,
  retryOf,
});
export type GenerateRequest = z.infer<typeof generateRequestSchema>;
export type GenerateInput = z.input<typeof generateRequestSchema>;

/** Jobs of one model; a batch is many of them (batch.ts). */
export const REQUEST_SCHEMAS = {
  synthesize: synthesizeRequestSchema,
  train: trainRequestSchema,
  generate: generateRequestSchema,
} as const;
export type JobKind = keyof typeof REQUEST_SCHEMAS;
