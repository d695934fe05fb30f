import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ENCODING_TYPES } from '../../src/contract/encoding.js';
import { analyze } from '../../src/table/analyze.js';
import { compareCodePoints } from '../../src/table/code-points.js';
import type { Column } from '../../src/table/column.js';
import { encode } from '../../src/table/encode.js';
import { escapeCategory, unescapeCategory } from '../../src/table/escape.js';
import { Random } from '../../src/table/random.js';
import { subColumnsOf } from '../../src/table/sub-columns.js';
import { columnOf } from '../support/vectors.js';

const SEEDED = { seed: 7, numRuns: 300 };

const dtype = fc.constantFrom('Int64', 'float64', 'boolean', 'timestamp', 'text');
const cellOf = (type: string): fc.Arbitrary<string | null> => {
  const values: Record<string, fc.Arbitrary<string>> = {
    Int64: fc.oneof(fc.integer({ min: -20, max: 20 }), fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n })).map(String),
    float64: fc
      .oneof(
        fc.double(),
        fc.integer({ min: -50, max: 50 }).map((n) => n / 4),
      )
      .map(String),
    boolean: fc.boolean().map(String),
    timestamp: fc
      .date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().replace('T', ' ').replace('Z', '')),
    text: fc.oneof(
      fc.constantFrom('', 'a', '<protected>', '<<NULL>>', '\u0001x', '2020-01-05', '01/02/2020', '12.5 kg', '🙂é'),
      fc.string({ unit: 'binary', maxLength: 60 }),
    ),
  };
  return fc.option(values[type]!, { nil: null, freq: 5 });
};
const cells = dtype.chain((type) =>
  fc.array(cellOf(type), { minLength: 1, maxLength: 60 }).map((texts) => ({ type, texts })),
);
const encoding = fc.constantFrom(...ENCODING_TYPES);

/** `columnOf` takes NaN for a number; a column never holds it. */
function column({ type, texts }: { type: string; texts: (string | null)[] }): Column {
  return columnOf('created', type, type === 'float64' ? texts.map((text) => (text === 'NaN' ? null : text)) : texts);
}

function tableOf(...columns: Column[]) {
  return { rows: columns[0]!.rows, columns };
}

describe('analyze and encode', () => {
  test('take any column in any encoding: every code lies within its cardinality, of this table and of another', () => {
    fc.assert(
      fc.property(cells, cells, encoding, fc.boolean(), fc.nat(), (trained, other, type, protectRare, seed) => {
        const table = tableOf(column(trained));
        const analysis = analyze(table, { encodings: { created: type }, protectRare, random: new Random(seed) });
        const subColumns = subColumnsOf(analysis);
        for (const shown of [table, tableOf(column(other))]) {
          const codes = encode(shown, analysis, new Random(seed));
          expect([...codes.keys()]).toEqual(subColumns.map(({ key }) => key));
          for (const { key, cardinality } of subColumns) {
            expect(codes.get(key)).toHaveLength(shown.rows);
            expect(codes.get(key)!.every((code) => code >= 0 && code < cardinality)).toBe(true);
          }
        }
      }),
      SEEDED,
    );
  });

  test('statistics do not depend on the order of rows', () => {
    // The order of day and month is that of the first date of a column, so texts of dates are left out.
    const inOrder = cells.filter(({ type }) => type !== 'text');
    fc.assert(
      fc.property(inOrder, encoding, fc.boolean(), fc.nat(), (given, type, protectRare, seed) => {
        const order = Array.from(new Random(seed).permutation(given.texts.length));
        const shuffled = { type: given.type, texts: order.map((row) => given.texts[row]!) };
        const statsOf = (from: typeof given) =>
          analyze(tableOf(column(from)), { encodings: { created: type }, protectRare, random: new Random(1) })
            .features[0]!.stats;
        expect(statsOf(shuffled)).toEqual(statsOf(given));
      }),
      SEEDED,
    );
  });

  test('no value that fewer than five rows hold gets into a vocabulary under protection', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1, maxLength: 40 }),
        fc.nat(),
        (texts, seed) => {
          const table = tableOf(columnOf('x', 'text', texts));
          const { stats } = analyze(table, { protectRare: true, random: new Random(seed) }).features[0]!;
          if (stats.encoding !== 'TABULAR_CATEGORICAL') throw new Error('not categorical');
          for (const value of new Set(texts)) {
            const rows = texts.filter((text) => text === value).length;
            if (rows < 5) expect(stats.vocabulary).not.toContain(value);
            if (rows >= 7) expect(stats.vocabulary).toContain(value);
          }
        },
      ),
      SEEDED,
    );
  });

  test('a null is filled with the value of some row, and flagged', () => {
    const table = tableOf(columnOf('x', 'float64', ['1.5', null, '20.25', null]));
    const analysis = analyze(table, {
      encodings: { x: 'TABULAR_NUMERIC_DIGIT' },
      protectRare: false,
      random: new Random(0),
    });
    const codes = encode(table, analysis, new Random(4));
    expect(Array.from(codes.get('feat:/x__nan')!)).toEqual([0, 1, 0, 1]);
    const rows = [0, 1, 2, 3].map((row) =>
      ['E1', 'E0', 'E-1', 'E-2'].map((sub) => codes.get(`feat:/x__${sub}`)![row]).join(' '),
    );
    expect([rows[0], rows[2]]).toContain(rows[1]);
    expect([rows[0], rows[2]]).toContain(rows[3]);
  });

  test('each bound of a datetime column is written in the form of its own end', () => {
    const days = Array.from({ length: 1000 }, () => '2020-01-01');
    const table = tableOf(columnOf('t', 'timestamp', [...days, ...days.map(() => '2021-01-01 10:00:00.500')]));
    const { stats } = analyze(table, { protectRare: false, random: new Random(0) }).features[0]!;
    expect(stats).toMatchObject({ min: '2020-01-01', max: '2021-01-01 10:00:00.500' });
  });

  test('a protected table of fewer than 20 rows is warned of; an unprotected one is not', () => {
    const table = tableOf(columnOf('x', 'text', ['a', 'b']));
    const warningsOf = (protectRare: boolean) => analyze(table, { protectRare, random: new Random(0) }).warnings;
    expect(warningsOf(true)).toEqual([expect.stringMatching(/2 rows.*20 rows/)]);
    expect(warningsOf(false)).toEqual([]);
  });
});

describe('departures from the SDK', () => {
  const statsOf = (given: Column, encoding: (typeof ENCODING_TYPES)[number]) =>
    analyze(tableOf(given), { encodings: { [given.name]: encoding }, protectRare: false, random: new Random(0) });

  test('infinities are null in numeric encodings, with a warning (BUG-5)', () => {
    const { features, warnings } = statsOf(
      columnOf('x', 'float64', ['1', 'Infinity', '3', '-Infinity']),
      'TABULAR_NUMERIC_BINNED',
    );
    expect(features[0]!.stats).toMatchObject({ bins: [1, 3], specials: ['<<UNK>>', '<<NULL>>', '<<MIN>>', '<<MAX>>'] });
    expect(warnings).toEqual([expect.stringContaining('2 cells')]);
  });

  test('integers beyond 2^63 keep their own categories (BUG-29)', () => {
    const given = columnOf('x', 'int64', ['18446744073709551615', '18446744073709551614', '5']);
    const analysis = statsOf(given, 'TABULAR_NUMERIC_DISCRETE');
    expect(analysis.features[0]!.stats).toMatchObject({
      vocabulary: ['<protected>', '5', '18446744073709551614', '18446744073709551615'],
    });
    expect(Array.from(encode(tableOf(given), analysis, new Random(0)).get('feat:/x__cat')!)).toEqual([3, 2, 1]);
  });

  test('large floats of a discrete column are spelled as integers and found again', () => {
    const given = columnOf('x', 'float64', ['1e16', '3e22', '1e16']);
    const analysis = statsOf(given, 'TABULAR_NUMERIC_DISCRETE');
    expect(analysis.features[0]!.stats).toMatchObject({
      vocabulary: ['<protected>', '10000000000000000', '30000000000000000000000'],
    });
    expect(Array.from(encode(tableOf(given), analysis, new Random(0)).get('feat:/x__cat')!)).toEqual([1, 2, 1]);
  });

  test('a digit below 10^-8 makes a column decimal', () => {
    const given = columnOf('x', 'float64', ['1e-9', '2', '3']);
    const analysis = statsOf(given, 'TABULAR_NUMERIC_DISCRETE');
    expect(analysis.features[0]!.stats).toMatchObject({
      minDecimal: -8,
      vocabulary: ['<protected>', '1e-09', '2.0', '3.0'],
    });
    expect(Array.from(encode(tableOf(given), analysis, new Random(0)).get('feat:/x__cat')!)).toEqual([1, 2, 3]);
  });

  test('timestamps without a four-digit year are null, with a warning', () => {
    const given = {
      ...columnOf('t', 'timestamp', ['2020-01-01', '2021-01-01']),
      values: BigInt64Array.of(0n, 2n ** 62n),
    } as Column;
    const { features, warnings } = statsOf(given, 'TABULAR_DATETIME');
    expect(features[0]!.stats).toMatchObject({ hasNull: true, min: '1970-01-01', max: '1970-01-01' });
    expect(warnings).toEqual([expect.stringContaining('1 cells')]);
  });
});

describe('categories', () => {
  test.each([
    ['a', 'a'],
    ['<protected>', '\u0001<protected>'],
    ['<<NULL>>', '\u0001<<NULL>>'],
    ['\u0001x', '\u0001\u0001x'],
    ['\u0001<protected>', '\u0001\u0001<protected>'],
    ['x<protected>', 'x<protected>'],
  ])('%j is stored as %j', (raw, stored) => {
    expect(escapeCategory(raw)).toBe(stored);
    expect(unescapeCategory(stored)).toBe(raw);
  });

  test('escaping is undone for every text', () => {
    const parts = fc.constantFrom('\u0001', '<protected>', '<<NULL>>', 'a');
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 4 }), (list) => {
        expect(unescapeCategory(escapeCategory(list.join('')))).toBe(list.join(''));
      }),
      SEEDED,
    );
  });

  test('order is that of code points, where UTF-16 has another', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), (a, b) => {
        const points = (text: string) =>
          Array.from(text, (point) => point.codePointAt(0)!.toString(16).padStart(6, '0')).join('');
        const [x, y] = [points(a), points(b)];
        expect(Math.sign(compareCodePoints(a, b))).toBe(x < y ? -1 : x > y ? 1 : 0);
      }),
      SEEDED,
    );
    expect(['\uffee', '🙂'].sort(compareCodePoints)).toEqual(['\uffee', '🙂']);
  });
});
