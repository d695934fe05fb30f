/** Two tables whose statistics and codes are known whole: one under protection for every seed, one of quantiles. */
import { expect, test } from '@jest/globals';
import { analyze } from '../../src/table/analyze.js';
import type { Column } from '../../src/table/column.js';
import { encode } from '../../src/table/encode.js';
import { Random } from '../../src/table/random.js';
import type { BinnedStats } from '../../src/table/stats.js';
import { subColumnsOf } from '../../src/table/sub-columns.js';
import { columnOf } from '../support/vectors.js';

const times = <T>(count: number, value: T): T[] => new Array<T>(count).fill(value);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const texts = (values: readonly (number | string)[]) => values.map(String);

function tableOf(columns: Column[]) {
  return { rows: columns[0]!.rows, columns };
}

const days = (month: string, from: number, to: number) =>
  range(from, to).map((day) => `${month}-${String(day).padStart(2, '0')}`);
const mixed = tableOf([
  columnOf('city', 'text', [...times(12, 'A'), ...times(9, 'B'), null, ...times(4, 'Z')]),
  columnOf(
    'score',
    'float64',
    texts([
      1.5, 1.75, 2, 2.25, 2.5, 3, 3, 3, 4, 4.25, 4.5, 4.75, 5, 5.25, 5.5, 5.75, 6, 6.25, 8, 8, 8, 9, 9.25, 9.5, 9.75,
      10.5,
    ]),
  ),
  columnOf('age', 'int64', texts([...times(10, 30), ...times(12, 41), ...times(4, 77)])),
  columnOf('joined', 'timestamp', [
    ...days('2020-01', 1, 5),
    ...times(3, '2020-02-10'),
    ...days('2021-05', 1, 10),
    ...times(3, '2022-11-20'),
    ...days('2022-12', 1, 5),
  ]),
]);

test.each(range(0, 19))('a table that no threshold changes has the same statistics under seed %i', (seed) => {
  const analysis = analyze(mixed, { protectRare: true, random: new Random(seed) });
  expect(analysis.features.map(({ stats }) => stats)).toEqual([
    { encoding: 'TABULAR_CATEGORICAL', rareCategories: 1, vocabulary: ['<protected>', '<<NULL>>', 'A', 'B'] },
    {
      encoding: 'TABULAR_NUMERIC_BINNED',
      specials: ['<<UNK>>', '<<MIN>>', '<<MAX>>'],
      minDecimal: -2,
      bins: [3, 4, 4.25, 4.5, 4.75, 5, 5.25, 5.5, 5.75, 6, 6.25, 8],
    },
    { encoding: 'TABULAR_NUMERIC_DISCRETE', vocabulary: ['<protected>', '30', '41'], minDecimal: 0 },
    {
      encoding: 'TABULAR_DATETIME',
      hasNull: false,
      hasTime: false,
      hasMilliseconds: false,
      minValues: [2020, 1, 1, 0, 0, 0, 0, 0, 0],
      maxValues: [2022, 12, 20, 0, 0, 0, 0, 0, 0],
      min: '2020-02-10',
      max: '2022-11-20',
    },
  ]);
  expect(subColumnsOf(analysis).map(({ key, cardinality }) => [key, cardinality])).toEqual([
    ['feat:/city__cat', 4],
    ['feat:/score__bin', 14],
    ['feat:/age__cat', 3],
    ['feat:/joined__year', 3],
    ['feat:/joined__month', 12],
    ['feat:/joined__day', 20],
  ]);
  const codes = [...encode(mixed, analysis, new Random(seed)).values()].map((column) => Array.from(column));
  expect(codes).toEqual([
    [...times(12, 2), ...times(9, 3), 1, ...times(4, 0)],
    [...times(5, 3), ...times(3, 1), ...range(4, 13), ...times(3, 2), ...times(5, 13)],
    [...times(10, 1), ...times(12, 2), ...times(4, 0)],
    [...times(8, 0), ...times(10, 1), ...times(8, 2)],
    [...times(8, 1), ...times(10, 4), ...times(8, 10)],
    [...times(8, 9), ...range(0, 9), ...times(8, 19)],
  ]);
});

test('other values are encoded by the statistics of training', () => {
  const analysis = analyze(mixed, { protectRare: true, random: new Random(0) });
  const other = tableOf([
    columnOf('city', 'text', ['A', 'Q', null]),
    columnOf('score', 'float64', ['0.1', '3', '8']),
    columnOf('age', 'Int64', ['30', '77', null]),
    columnOf('joined', 'timestamp', ['1999-01-01', '2021-05-05', '2030-01-01']),
  ]);
  const codes = [...encode(other, analysis, new Random(0)).values()].map((column) => Array.from(column));
  expect(codes).toEqual([
    [2, 0, 1],
    [3, 1, 2],
    [1, 0, 0],
    [0, 1, 2],
    [1, 4, 10],
    [9, 4, 19],
  ]);
});

test('500 floats have the 101 edges that NumPy finds', () => {
  const values = range(0, 499).map((i) => ((i * i) % 1009) / 4);
  const table = tableOf([columnOf('x', 'float64', texts(values))]);
  const analysis = analyze(table, { protectRare: false, random: new Random(0) });
  const stats = analysis.features[0]!.stats as BinnedStats;
  expect(stats).toMatchObject({ encoding: 'TABULAR_NUMERIC_BINNED', minDecimal: -2 });
  expect(stats.bins).toHaveLength(101);
  expect(stats.bins.slice(0, 8)).toEqual([0, 1, 2.25, 3.75, 6.25, 7.5, 10.25, 12.25]);
  expect(stats.bins.slice(48, 54)).toEqual([120.5, 122.5, 125.25, 126.5, 128.75, 130.75]);
  expect(stats.bins.slice(96)).toEqual([245.25, 247.25, 249.25, 250.75, 252]);
  const codesOf = (column: Column) =>
    Array.from(encode(tableOf([column]), analysis, new Random(0)).get('feat:/x__bin')!);
  expect(codesOf(table.columns[0]!).slice(0, 12)).toEqual([1, 3, 4, 5, 6, 7, 8, 10, 11, 12, 14, 16]);
  const other = columnOf('x', 'float64', ['-5', '0', '252', '9999', null, '0.1', '125.3']);
  expect(codesOf(other)).toEqual([3, 1, 2, 102, 0, 3, 53]);
});

test('many ties leave 101 edges', () => {
  const values = [...times(900, 0), ...range(0, 399).map((i) => (i % 37) * 1.5 + i / 100)];
  const table = tableOf([columnOf('x', 'float64', texts(values))]);
  const analysis = analyze(table, {
    encodings: { x: 'TABULAR_NUMERIC_BINNED' },
    protectRare: false,
    random: new Random(0),
  });
  const { bins } = analysis.features[0]!.stats as BinnedStats;
  expect(bins).toHaveLength(101);
  [0, 0.37, 1.51, 2.25, 2.99, 3.39].forEach((edge, i) => {
    expect(bins[i]).toBeCloseTo(edge, 12);
  });
  [55.47, 56.21, 57.69].forEach((edge, i) => {
    expect(bins[98 + i]).toBeCloseTo(edge, 12);
  });
});
