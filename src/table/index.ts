/**
 * `dataxid-orchestrator/table`: the private data plane, usable alone and without Temporal. The inward half reads a table,
 * analyzes it and encodes it as integers; the outward half writes the API's request bodies, checks and decodes its answers,
 * and writes tables.
 *
 *     const table = await readTable('customers.csv');
 *     const analysis = analyze(table, { protectRare: true, random: new Random(7) });
 *     const codes = encode(table, analysis, new Random(8));
 *     const body = createBody(analysis, codes, modelSettingsSchema.parse({}));
 */
export { type AnalyzeOptions, analyze, analyzeByColumn } from './analyze.js';
export { finishWithPauses } from './by-column.js';
export type {
  BooleanColumn,
  Column,
  FloatColumn,
  IntegerColumn,
  PlainColumn,
  PlainTable,
  Table,
  TextColumn,
  TextRows,
  TimestampColumn,
} from './column.js';
export { type Conditions, type ReadConditionsOptions, readConditions } from './conditions.js';
export { type DecodeOptions, decode } from './decode.js';
export { decodeAnswer } from './decode-answer.js';
export { encode, encodeByColumn } from './encode.js';
export { type FileKind, fileKindOf } from './file-kind.js';
export { keepGiven } from './keep-given.js';
export { pickOverTrials } from './pick-over-trials.js';
export { type PreparedTable, type PrepareOptions, withPreparedTable } from './prepare-table.js';
export { Random } from './random.js';
export { inspectTable, type ReadOptions, readTable, type TablePath } from './read.js';
export { sliceTable } from './slice-table.js';
export type { Analysis, Codes, ColumnStats, Feature, SubColumn } from './stats.js';
export { subColumnsOf } from './sub-columns.js';
export type { Body } from './wire/body.js';
export { createBody, createBodyOf } from './wire/create-body.js';
export { fixedValuesText } from './wire/fixed-values.js';
export { checkGeneration, type GenerateBodyRequest, type GivenCodes, generateBody } from './wire/generate-body.js';
export { generatedCodes } from './wire/generated-codes.js';
export { initTrainingBody } from './wire/init-training-body.js';
export { concatenateTables, writeTable } from './write.js';
