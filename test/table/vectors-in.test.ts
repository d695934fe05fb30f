/**
 * The inward half against what the SDK recorded: detection, statistics, cardinalities and codes of every flat table,
 * with protection (its draws given) and without. A column that we encode otherwise on purpose is compared under the
 * SDK's encoding, so that none is left out, and once more as we do encode it.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { EncodingType } from '../../src/contract/encoding.js';
import { analyze } from '../../src/table/analyze.js';
import { detectEncoding } from '../../src/table/detect.js';
import { encode } from '../../src/table/encode.js';
import { Random } from '../../src/table/random.js';
import type { Analysis, ColumnStats } from '../../src/table/stats.js';
import { DATE_PARTS } from '../../src/table/stats.js';
import { subColumnsOf } from '../../src/table/sub-columns.js';
import { tallyOf } from '../support/tally.js';
import {
  columnOf,
  FLAT_VECTORS,
  loadVector,
  type OtherValues,
  type Recording,
  type Vector,
} from '../support/vectors.js';

const compared = tallyOf('vectors, inward, found equal', {
  columns: 0,
  'sub-columns': 0,
  codes: 0,
  'codes of values that training did not have': 0,
});

/** Columns whose encoding is another one than the SDK's, which is categorical for all of them. */
const DEPARTURES = [
  { folder: 'cars', column: 'Miles_per_Gallon', bug: 'BUG-2', encoding: 'TABULAR_NUMERIC_BINNED', cardinality: 104 },
  { folder: 'odd-names', column: 'plat', bug: 'BUG-2', encoding: 'TABULAR_NUMERIC_DISCRETE', cardinality: 8 },
  { folder: 'forced-types', column: 'i auto', bug: 'BUG-1', encoding: 'TABULAR_NUMERIC_DISCRETE', cardinality: 8 },
  { folder: 'forced-types', column: 'in auto', bug: 'BUG-1', encoding: 'TABULAR_NUMERIC_DISCRETE', cardinality: 9 },
] as const;

test.each(DEPARTURES)('$folder, $column: not categorical ($bug)', async ({ folder, column, encoding, cardinality }) => {
  const vector = await loadVector(folder);
  const analysis = analyze(vector.table, {
    encodings: vector.options.config?.encoding_types ?? {},
    protectRare: false,
    random: new Random(0),
  });
  expect(analysis.features.find(({ name }) => name === column)?.stats.encoding).toBe(encoding);
  expect(subColumnsOf(analysis).find(({ feature }) => feature === column)?.cardinality).toBe(cardinality);
  expect(vector.expected.unprotected.create.metadata.column_stats[column]?.encoding_type).toBe('TABULAR_CATEGORICAL');
});

test('every departure that a test of the table names is listed in docs/data-plane.md', () => {
  const page = readFileSync('docs/data-plane.md', 'utf8');
  const tests = readdirSync('test/table').map((name) => readFileSync(join('test/table', name), 'utf8'));
  const named = new Set(tests.join('\n').match(/BUG-\d+/g));
  expect(named.size).toBeGreaterThan(5);
  expect([...named].filter((bug) => !page.includes(`| ${bug} `))).toEqual([]);
});

test.each(['unprotected', 'protected'] as const)(
  'orders-of-customers, %s: a child table is analyzed as a flat one',
  async (mode) => {
    const vector = await loadVector('orders-of-customers');
    const columns = vector.table.columns.filter(({ name }) => name !== 'customer');
    const recording = vector.expected[mode];
    const { features } = analyze(
      { ...vector.table, columns },
      {
        protectRare: mode === 'protected',
        random: new Random(recording.seed),
      },
    );
    expect(features).toHaveLength(4);
    for (const { name, stats } of features) {
      expect([name, wireStats(stats)]).toEqual([name, recording.create.metadata.column_stats[name]]);
    }
  },
);

test('a dot in a column name is taken (BUG-25)', async () => {
  const { table } = await loadVector('dotted-name');
  const analysis = analyze(table, { protectRare: true, random: new Random(0) });
  expect(subColumnsOf(analysis).map(({ key }) => key)).toEqual(['feat:/plain__cat', 'feat:/file.name__cat']);
  expect([...encode(table, analysis, new Random(0)).keys()]).toHaveLength(2);
});

describe.each(FLAT_VECTORS)('%s', (folder) => {
  test.each(['unprotected', 'protected'] as const)(
    '%s: statistics, cardinalities and codes are those of the SDK',
    async (mode) => {
      const vector = await loadVector(folder);
      const recording = vector.expected[mode];
      const analysis = analyzeAsRecorded(vector, mode);
      const codes = encode(vector.table, analysis, new Random(1));
      expect(analysis.features.map(({ name }) => name)).toEqual(recording.create.metadata.features);
      const before = { ...compared };
      for (const feature of analysis.features) {
        expect([feature.name, wireStats(feature.stats)]).toEqual([
          feature.name,
          recording.create.metadata.column_stats[feature.name],
        ]);
        compared.columns += 1;
        const subColumns = subColumnsOf({ ...analysis, features: [feature] });
        for (const { key, sub, cardinality } of subColumns) {
          expect([key, cardinality]).toEqual([key, recording.create.metadata.cardinalities[key]]);
          const recorded = recording.codes[key]!;
          const isNull = sub === 'nan' || recorded.random_rows === 0 ? [] : nullRows(vector, feature.name, recording);
          const ours = Array.from(codes.get(key)!, (code, row) => (isNull[row] ? null : code));
          expect([key, ours.slice(0, recorded.first.length)]).toEqual([key, recorded.first]);
          expect([key, digestOf(ours)]).toEqual([key, recorded.sha256]);
          compared['sub-columns'] += 1;
          compared.codes += ours.length;
        }
      }
      const expectedColumns = recording.create.metadata.features.length;
      const subColumns = compared['sub-columns'] - before['sub-columns'];
      expect(compared.columns - before.columns).toBe(expectedColumns);
      expect(subColumns).toBeGreaterThanOrEqual(expectedColumns);
      expect(compared.codes - before.codes).toBe(subColumns * vector.table.rows);
    },
  );

  test('the encodings are those that the SDK detects', async () => {
    const { options, table, expected } = await loadVector(folder);
    const asked = new Set([
      ...Object.keys(options.config?.encoding_types ?? {}),
      ...DEPARTURES.filter((departure) => departure.folder === folder).map(({ column }) => column as string),
    ]);
    const detected = table.columns.filter(({ name }) => !asked.has(name));
    expect(detected.map((column) => [column.name, detectEncoding(column).encoding])).toEqual(
      detected.map(({ name }) => [name, expected.unprotected.detected[name]]),
    );
    expect(detected.length + asked.size).toBe(table.columns.length);
  });

  test('the seed draws the rare thresholds of the SDK', async () => {
    const vector = await loadVector(folder);
    const { seed, create } = vector.expected.protected;
    const analysis = analyze(vector.table, {
      encodings: encodingsOf(vector),
      protectRare: true,
      random: new Random(seed),
    });
    const ours = Object.fromEntries(analysis.features.map(({ name, stats }) => [name, wireStats(stats)]));
    expect(ours).toEqual(create.metadata.column_stats);
  });

  test('values that training did not have become the codes of the SDK', async () => {
    const vector = await loadVector(folder);
    const analysis = analyzeAsRecorded(vector, 'unprotected');
    const others = vector.expected.unprotected.other_values!;
    let keys = 0;
    for (const feature of analysis.features) {
      const other = others[feature.name];
      if (other === undefined || other.fixed_values === undefined) continue;
      const table = { rows: other.values.length, columns: [otherColumn(feature.name, other)] };
      const codes = encode(table, analysis, new Random(1));
      for (const [key, fixed] of Object.entries(other.fixed_values)) {
        const ours = Array.from(codes.get(key) ?? [], (code, row) => (fixed[row] === null ? null : code));
        const expected = fixed.map((code, row) => zeroCode(feature.stats, other.values[row]) ?? code);
        expect([key, other.values, ours]).toEqual([key, other.values, expected]);
        keys += 1;
        compared['codes of values that training did not have'] += fixed.length;
      }
    }
    expect(keys).toBeGreaterThan(0);
  });
});

/** -0 counts as 0 when the SDK analyzes a discrete column, and is unknown when it encodes it: here it is 0 both times. */
function zeroCode(stats: ColumnStats, value: unknown): number | undefined {
  if (stats.encoding !== 'TABULAR_NUMERIC_DISCRETE' || !Object.is(value, -0)) return undefined;
  const code = stats.vocabulary.findIndex((category) => Number(category) === 0);
  return code < 0 ? undefined : code;
}

/** What was asked for; for a departing column, what the SDK made of it. */
function encodingsOf({ folder, options }: Vector): Record<string, EncodingType> {
  const departing = DEPARTURES.filter((departure) => departure.folder === folder);
  return {
    ...options.config?.encoding_types,
    ...Object.fromEntries(departing.map(({ column }) => [column, 'TABULAR_CATEGORICAL' as const])),
  };
}

function analyzeAsRecorded(vector: Vector, mode: 'unprotected' | 'protected'): Analysis {
  const draws = new Map(Object.entries(vector.expected[mode].draws).map(([name, list]) => [name, [...list]]));
  const analysis = analyze(vector.table, {
    encodings: encodingsOf(vector),
    protectRare: mode === 'protected',
    random: new Random(0),
    draw: (feature) => {
      const drawn = draws.get(feature)?.shift();
      if (drawn === undefined) throw new Error(`${feature}: more draws than the SDK made`);
      return drawn;
    },
  });
  expect([...draws.values()].flat()).toEqual([]);
  return analysis;
}

/** The `column_stats` of the wire, before U+0000 is removed from it there. */
function wireStats(stats: ColumnStats): unknown {
  const codesOf = (list: readonly string[]) =>
    Object.fromEntries(list.map((text, code) => [text.replaceAll('\u0000', ''), code]));
  const features = [{ name: 'f', sourceType: 'text' as const, isDate: false, stats, reason: '' }];
  const subColumns = subColumnsOf({ version: 1, rows: 0, warnings: [], features });
  const cardinalities = Object.fromEntries(subColumns.map(({ sub, cardinality }) => [sub, cardinality]));
  const common = { encoding_type: stats.encoding, cardinalities };
  switch (stats.encoding) {
    case 'TABULAR_CATEGORICAL':
      return { ...common, no_of_rare_categories: stats.rareCategories, codes: codesOf(stats.vocabulary) };
    case 'TABULAR_NUMERIC_DISCRETE':
      return { ...common, codes: codesOf(stats.vocabulary), min_decimal: stats.minDecimal };
    case 'TABULAR_NUMERIC_BINNED':
      return { ...common, codes: codesOf(stats.specials), min_decimal: stats.minDecimal, bins: stats.bins };
    case 'TABULAR_NUMERIC_DIGIT': {
      const digits = (list: readonly number[]) => Object.fromEntries(list.map((digit, i) => [`E${18 - i}`, digit]));
      return {
        ...common,
        has_nan: stats.hasNull,
        has_neg: stats.hasNegative,
        min_digits: digits(stats.minDigits),
        max_digits: digits(stats.maxDigits),
        max_decimal: stats.maxDecimal,
        min_decimal: stats.minDecimal,
        min: stats.min,
        max: stats.max,
      };
    }
    case 'TABULAR_DATETIME': {
      const parts = (list: readonly number[]) => Object.fromEntries(DATE_PARTS.map((part, i) => [part, list[i]]));
      return {
        ...common,
        has_nan: stats.hasNull,
        has_time: stats.hasTime,
        has_ms: stats.hasMilliseconds,
        min_values: parts(stats.minValues),
        max_values: parts(stats.maxValues),
        min: stats.min,
        max: stats.max,
      };
    }
    case 'TABULAR_CHARACTER':
      return {
        ...common,
        has_nan: stats.hasNull,
        max_string_length: stats.alphabets.length,
        codes: Object.fromEntries(stats.alphabets.map((alphabet, position) => [`P${position}`, codesOf(alphabet)])),
      };
  }
}

/** Rows that the SDK filled at random: those flagged in `nan`, which every such column of the vectors has. */
function nullRows(vector: Vector, feature: string, recording: Recording): boolean[] {
  const column = vector.table.columns.find(({ name }) => name === feature)!;
  const flags = recording.codes[`feat:/${feature}__nan`];
  if (flags === undefined) throw new Error(`${feature}: random rows without a nan sub-column`);
  return Array.from({ length: column.rows }, (_, row) => flags.first[row] === 1 || isNullAt(vector, feature, row));
}

function isNullAt(vector: Vector, feature: string, row: number): boolean {
  const column = vector.table.columns.find(({ name }) => name === feature)!;
  return column.type === 'text' ? column.indices[row]! < 0 : column.isNull[row] === 1;
}

function digestOf(codes: readonly (number | null)[]): string {
  return createHash('sha256')
    .update(codes.map((code) => code ?? '*').join(','))
    .digest('hex');
}

function otherColumn(name: string, { dtype, values }: OtherValues) {
  const texts = values.map((value) => (value === null ? null : textOfOther(value)));
  const types: Record<string, string> = {
    object: 'text',
    'datetime64[us]': 'timestamp',
    'datetime64[ns]': 'timestamp',
    'datetime64[ns, UTC]': 'timestamptz',
  };
  return columnOf(name, types[dtype] ?? dtype, texts);
}

function textOfOther(value: unknown): string {
  if (typeof value === 'object') return (value as { $int: string }).$int;
  return Object.is(value, -0) ? '-0' : String(value);
}
