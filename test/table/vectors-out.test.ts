/**
 * The outward half against what the SDK recorded: bodies byte for byte where nothing in them is random, and every decoded
 * value. Where ours differs on purpose the departure is named.
 */
import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { generationSchema, modelSettingsSchema } from '../../src/contract/requests.js';
import type { Column, Table } from '../../src/table/column.js';
import { formatInstant } from '../../src/table/date-parts.js';
import { decode } from '../../src/table/decode.js';
import { encode } from '../../src/table/encode.js';
import { Random } from '../../src/table/random.js';
import type { Analysis, Codes } from '../../src/table/stats.js';
import { subColumnsOf } from '../../src/table/sub-columns.js';
import { createBody } from '../../src/table/wire/create-body.js';
import { generateBody } from '../../src/table/wire/generate-body.js';
import { generatedCodes } from '../../src/table/wire/generated-codes.js';
import { initTrainingBody } from '../../src/table/wire/init-training-body.js';
import { analysisOfStats } from '../support/analysis-of-stats.js';
import { givenCodesOf } from '../support/given-codes.js';
import { tallyOf } from '../support/tally.js';
import { FLAT_VECTORS, loadVector, type Recording, type Vector } from '../support/vectors.js';

// biome-ignore lint/suspicious/noExplicitAny: recordings are JSON of many shapes
type Json = any;
const MODES = ['unprotected', 'protected'] as const;

const compared = tallyOf('vectors, outward, found equal', {
  'create bodies': 0,
  'of them byte for byte': 0,
  'upload bodies': 0,
  'generation bodies': 0,
  values: 0,
  'columns that the SDK cannot decode (BUG-21)': 0,
});

const textOf = (chunks: Iterable<Uint8Array>) => Buffer.concat([...chunks]).toString();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function settingsOf({ create, ...recording }: Recording) {
  return modelSettingsSchema.parse({ ...(create.config as object), seed: recording.seed });
}

function codesOf(vector: Vector, analysis: Analysis): Codes {
  return encode(vector.table, analysis, new Random(1));
}

describe.each(FLAT_VECTORS)('%s', (folder) => {
  test.each(MODES)("%s: the create body is the SDK's", async (mode) => {
    const vector = await loadVector(folder);
    const recording = vector.expected[mode];
    const analysis = analysisOfStats(vector, recording);
    const create = recording.create as Json;
    const body = createBody(analysis, codesOf(vector, analysis), settingsOf(recording));
    const text = textOf(body.chunks());
    expect(Buffer.byteLength(text)).toBe(body.bytes);
    const { metadata, config } = JSON.parse(text);
    expect(config).toEqual(create.config);
    for (const part of ['cardinalities', 'features', 'column_stats', 'value_mappings']) {
      expect(JSON.stringify(metadata[part])).toBe(JSON.stringify(create.metadata[part]));
    }
    expect(Object.keys(metadata)).toEqual(Object.keys(create.metadata));
    // The SDK's sanitiser turns the six characters backslash-u0000 in a category into others (BUG-6); random fills differ.
    const isComparable = folder !== 'text-edges' && create.probs_with_random_part.length === 0;
    compared['create bodies'] += 1;
    if (!isComparable) return;
    expect([body.bytes, sha256(text)]).toEqual([create.bytes, create.sha256]);
    compared['of them byte for byte'] += 1;
  });

  test.each(MODES)("%s: the init-training body has the SDK's fields, batches and size", async (mode) => {
    const vector = await loadVector(folder);
    const recording = vector.expected[mode];
    const analysis = analysisOfStats(vector, recording);
    const codes = codesOf(vector, analysis);
    const text = textOf(initTrainingBody(analysis, codes, settingsOf(recording), new Random(3)));
    const body = JSON.parse(text);
    const { key_order, bytes, batches, batch_count, targets_keys, ...fields } = recording.init_training as Json;
    expect(Object.keys(body)).toEqual(key_order);
    expect(body).toMatchObject(fields);
    expect(
      body.batches.map((batch: Json) => ({
        rows: batch.embedding.shape[0],
        is_validation: batch.is_validation,
        keys: Object.keys(batch),
        embedding: { ...batch.embedding, embedding_b64: batch.embedding.embedding_b64.length },
      })),
    ).toEqual(
      batches.map((batch: Json) => {
        const { base64_length, sha256: _, ...embedding } = batch.embedding;
        return {
          rows: batch.rows,
          is_validation: batch.is_validation,
          keys: batch.keys,
          embedding: { ...embedding, embedding_b64: base64_length },
        };
      }),
    );
    let codesSeen = 0;
    for (const [key, column] of codes) {
      const sent = body.batches.flatMap((batch: Json) => batch.targets[key]);
      expect(Int32Array.from(sent).sort()).toEqual(Int32Array.from(column).sort());
      codesSeen += sent.length;
    }
    expect(codesSeen).toBe(analysis.rows * codes.size);
    const hasRandomFills = Object.values(recording.codes).some(({ random_rows }) => random_rows > 0);
    if (!hasRandomFills) expect(Buffer.byteLength(text)).toBe(bytes);
    compared['upload bodies'] += 1;
  });

  test.each(MODES)('%s: every recorded code decodes to the recorded value', async (mode) => {
    const vector = await loadVector(folder);
    const recording = vector.expected[mode] as Json;
    const analysis = analysisOfStats(vector, recording);
    let values = 0;
    for (const set of ['sweep', 'random', 'rows']) {
      const { codes: recordedCodes, values: recordedValues, errors } = recording.decode[set];
      const codes = set === 'sweep' ? sweepOf(analysis, recordedCodes.rows) : recordedCodes;
      const rows = (Object.values(codes)[0] as number[]).length;
      const decoded = decode(generatedCodes({ codes }, analysis, rows), analysis, {
        rareStrategy: 'mask',
        random: new Random(5),
      });
      for (const column of decoded.columns) {
        const expected = recordedValues[column.name];
        const { stats } = analysis.features.find(({ name }) => name === column.name)!;
        if (expected === undefined) {
          expect(errors).toHaveProperty([column.name]); // the SDK raises: BUG-21
          expect(column.rows).toBe(rows);
          compared['columns that the SDK cannot decode (BUG-21)'] += 1;
          continue;
        }
        for (let row = 0; row < rows; row += 1) {
          const where = `${set} ${column.name} row ${row}`;
          const bins = 'bins' in stats ? stats : undefined;
          expect([where, agreement(cellOf(column, row), expected[row], column.type, bins?.minDecimal ?? 0)]).toEqual([
            where,
            'agrees',
          ]);
          values += 1;
        }
      }
    }
    expect(values).toBeGreaterThanOrEqual(3 * analysis.features.length);
    compared.values += values;
  });
});

/** Row i has code i mod cardinality in every sub-column. */
function sweepOf(analysis: Analysis, rows: number): Record<string, number[]> {
  return Object.fromEntries(
    subColumnsOf(analysis).map(({ key, cardinality }) => [
      key,
      Array.from({ length: rows }, (_, i) => i % cardinality),
    ]),
  );
}

/** Our cell against a recorded one: 'agrees', or both for the failure's text. */
function agreement(ours: Json, recorded: Json, type: Column['type'], minDecimal: number): string {
  const fault = `${String(ours)} is not ${JSON.stringify(recorded)}`;
  const is = (condition: boolean) => (condition ? 'agrees' : fault);
  if (recorded === null) return is(ours === null);
  if (typeof recorded === 'object') {
    if ('$int' in recorded) return is(BigInt(ours) === BigInt(recorded.$int));
    if ('any_category' in recorded) return is(ours !== null);
    const [low, high] = recorded.interval;
    const step = 10 ** minDecimal;
    return is(Number(ours) >= low - step && Number(ours) <= high);
  }
  // BUG-3: numbers and booleans come back as such; the SDK's categories of them are text, and `<protected>` has no number.
  if (type !== 'text' && recorded === '<protected>') return is(ours === null);
  if (type === 'boolean') return is(ours === (recorded === 'True'));
  if (type === 'integer' || type === 'float') return is(Object.is(Number(ours), Number(recorded)));
  return is(ours === recorded);
}

function cellOf(column: Column, row: number): Json {
  if (column.type === 'text') return column.indices[row]! < 0 ? null : column.dictionary[column.indices[row]!];
  if (column.isNull[row] === 1) return null;
  switch (column.type) {
    case 'boolean':
      return column.values[row] === 1;
    case 'timestamp':
      return formatInstant(column.values[row]!, column.values[row]! % 1_000_000n === 0n ? 'seconds' : 'microseconds');
    case 'integer':
      return column.exact?.get(row) ?? column.values[row];
    default:
      return column.values[row];
  }
}

/** The rows and columns of a recorded call, out of the table of the vector. */
function givenTable({ table }: Vector, { rows, columns, null_cells = [] }: Json): Table {
  const isHole = (row: number, name: string) =>
    null_cells.some(([at, of]: [number, string]) => at === row && of === name);
  const names = new Set(columns);
  return {
    rows: rows.length,
    columns: table.columns
      .filter(({ name }) => names.has(name))
      .map((column): Column => {
        const isNull = Uint8Array.from(rows, (row: number, i) =>
          cellOf(column, row) === null || isHole(i, column.name) ? 1 : 0,
        );
        if (column.type === 'text') {
          return {
            ...column,
            rows: rows.length,
            indices: Int32Array.from(rows, (row: number, i) => (isNull[i] === 1 ? -1 : column.indices[row]!)),
          };
        }
        if (column.type !== 'float' && column.type !== 'integer')
          throw new Error(`${column.name}: no such column is recorded`);
        return {
          ...column,
          rows: rows.length,
          isNull,
          values: Float64Array.from(rows, (row: number) => column.values[row]!),
        };
      }),
  };
}

function givenCodes(vector: Vector, analysis: Analysis, { conditions, impute }: Json) {
  if (conditions === undefined && impute === undefined) return {};
  const table = givenTable(vector, conditions ?? impute);
  return { given: givenCodesOf(table, analysis, impute !== undefined) };
}

test.each([
  ['penguins', 'unprotected', 6],
  ['penguins', 'protected', 6],
  ['odd-names', 'unprotected', 1],
] as const)(
  "%s, %s: generation bodies are the SDK's, conditions and imputing included",
  async (folder, mode, calls) => {
    const vector = await loadVector(folder);
    const recording = vector.expected[mode];
    const analysis = analysisOfStats(vector, recording);
    let bodies = 0;
    for (const { call, body, body_key_order } of recording.generate as Json[]) {
      const { n_samples, seed, conditions, impute, ...generation } = call;
      const ours = generateBody(analysis, {
        rows: body.embedding.shape[0],
        model: settingsOf(recording),
        generation: generationSchema.parse(generation),
        ...(seed === undefined ? {} : { seed }),
        ...givenCodes(vector, analysis, call),
      });
      const text = textOf(ours.chunks());
      expect(Buffer.byteLength(text)).toBe(ours.bytes);
      const { embedding, ...rest } = JSON.parse(text);
      const { embedding: recordedEmbedding, ...recordedRest } = body;
      expect(rest).toEqual(recordedRest);
      expect(['embedding', ...Object.keys(rest)]).toEqual(body_key_order);
      const zeros = Buffer.from(embedding.embedding_b64, 'base64');
      expect(createHash('sha256').update(zeros).digest('hex')).toBe(recordedEmbedding.sha256);
      expect(embedding.shape).toEqual(recordedEmbedding.shape);
      bodies += 1;
    }
    expect(bodies).toBe(calls);
    compared['generation bodies'] += bodies;
  },
);
