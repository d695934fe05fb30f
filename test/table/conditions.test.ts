/**
 * What a generation is given, where the vectors record nothing: the bodies and sentinels that data-plane 8.5, 8.9 and B.4
 * show, and what is done otherwise on purpose (BUG-17, BUG-18). Whole jobs of it: test/e2e/given-rows.test.ts.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { GIVEN_ROWS_MAX } from '../../src/contract/limits.js';
import { generationSchema, modelSettingsSchema } from '../../src/contract/requests.js';
import { analyze } from '../../src/table/analyze.js';
import { type Column, type Table, type TextRows, textOfRow } from '../../src/table/column.js';
import type * as ReadConditions from '../../src/table/conditions.js';
import { keepGiven } from '../../src/table/keep-given.js';
import { pickOverTrials } from '../../src/table/pick-over-trials.js';
import { Random } from '../../src/table/random.js';
import { sliceTable } from '../../src/table/slice-table.js';
import type { Analysis } from '../../src/table/stats.js';
import { generateBody } from '../../src/table/wire/generate-body.js';
import { givenCodesOf } from '../support/given-codes.js';
import { columnOf } from '../support/vectors.js';
import { DIST } from '../support/worker-process.js';

const model = modelSettingsSchema.parse({});
const tableOf = (...columns: Column[]): Table => ({ rows: columns[0]!.rows, columns });
const times = <T>(count: number, cellOf: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => cellOf(i));

const learn = (table: Table, encodings = {}, protectRare = false): Analysis =>
  analyze(table, { encodings, protectRare, random: new Random(1) });

function bodyOf(analysis: Analysis, table: Table, isToImpute: boolean, asked: object = {}) {
  const { warnings, ...given } = givenCodesOf(table, analysis, isToImpute);
  const generation = generationSchema.parse(asked);
  const body = generateBody(analysis, { rows: table.rows, model, generation, given });
  const { embedding, ...rest } = JSON.parse(Buffer.concat([...body.chunks()]).toString());
  expect(embedding.shape).toEqual([table.rows, 64]);
  return { ...rest, warnings };
}

/** g and inc, 50 of each; age, every value rare. */
const people = learn(
  tableOf(
    columnOf(
      'g',
      'text',
      times(100, (i) => (i % 2 === 0 ? 'M' : 'F')),
    ),
    columnOf(
      'inc',
      'text',
      times(100, (i) => (i % 4 < 2 ? 'lo' : 'hi')),
    ),
    columnOf(
      'age',
      'int64',
      times(100, (i) => String(20 + (i % 60))),
    ),
  ),
  {},
  true,
);

describe('a body', () => {
  test('with conditions and a bias lists each column once (BUG-18)', async () => {
    const given = tableOf(
      columnOf(
        'age',
        'int64',
        times(5, () => '25'),
      ),
    );
    const body = bodyOf(people, given, false, { bias: { target: 'inc', sensitive: ['g'] } });
    expect(body).toMatchObject({
      fixed_values: { 'feat:/age__cat': [0, 0, 0, 0, 0] },
      column_order: ['feat:/age', 'feat:/g', 'feat:/inc'],
      bias: {
        target_sub_col: 'feat:/inc__cat',
        sensitive_sub_cols: ['feat:/g__cat'],
        sensitive_groups: [[1, 2]],
      },
      warnings: [expect.stringMatching(/^Column "age": 5 of/)],
    });
    expect(body).not.toHaveProperty('imputation_columns');
  });

  test('that imputes puts holes last, and names the columns that have them', async () => {
    const given = tableOf(
      columnOf('g', 'text', ['M', null, 'M', 'F']),
      columnOf('inc', 'text', ['lo', 'hi', 'hi', 'lo']),
      columnOf('age', 'Int64', [null, '20', '21', '22']),
    );
    expect(bodyOf(people, given, true)).toMatchObject({
      fixed_values: { 'feat:/g__cat': [2, -1, 2, 1], 'feat:/inc__cat': [2, 1, 1, 2], 'feat:/age__cat': [-1, 0, 0, 0] },
      column_order: ['feat:/inc', 'feat:/g', 'feat:/age'],
      imputation_columns: ['g', 'age'],
    });
  });

  test('that imputes forbids null, and `<protected>` where it would stay as such', async () => {
    const city = [...times(12, () => 'A'), null, ...times(4, () => 'Z')];
    const score = [...times(16, (i) => String(i / 8)), null];
    const seen = tableOf(columnOf('city', 'text', city), columnOf('score', 'float64', score));
    const analysis = learn(seen, { score: 'TABULAR_NUMERIC_BINNED' });
    const withDigits = learn(tableOf(columnOf('n', 'Int64', ['12', null, '56'])), { n: 'TABULAR_NUMERIC_DIGIT' });
    expect(bodyOf(analysis, seen, true).fixed_probs).toEqual({
      'feat:/city__cat': { 0: 0, 1: 0 },
      'feat:/score__bin': { 0: 0, 1: 0 },
    });
    expect(bodyOf(withDigits, tableOf(columnOf('n', 'Int64', [null])), true).fixed_probs).toEqual({
      'feat:/n__nan': { 1: 0 },
    });
  });
});

describe.each([
  ['with nulls', ['12', '34', null, '56'] as (string | null)[]],
  ['without nulls', ['12', '34', '11', '56'] as (string | null)[]],
])('digits trained %s', (seen, values) => {
  const analysis = learn(tableOf(columnOf('n', 'Int64', values)), { n: 'TABULAR_NUMERIC_DIGIT' });
  const hole = tableOf(columnOf('n', 'Int64', ['12', '34', null, '56']));
  const codesOf = (isToImpute: boolean): Record<string, number[]> => {
    const { fixedValues } = givenCodesOf(hole, analysis, isToImpute);
    const codes = Object.entries(JSON.parse(fixedValues) as Record<string, number[]>);
    return Object.fromEntries(codes.map(([key, values]) => [key.slice('feat:/n__'.length), values]));
  };

  test('a hole is free in every sub-column (BUG-17)', async () => {
    const flag = seen === 'with nulls' ? { nan: [0, 0, -1, 0] } : {};
    expect(codesOf(true)).toEqual({
      ...flag,
      E1: [0, 2, -1, 4],
      E0: seen === 'with nulls' ? [0, 2, -1, 4] : [1, 3, -1, 5],
    });
  });

  test('a null as a condition is one where the model knows nulls, and free where it does not', async () => {
    const codes = codesOf(false);
    if (seen === 'with nulls') expect(codes.nan).toEqual([0, 0, 1, 0]);
    else expect([codes.E1![2], codes.E0![2]]).toEqual([-1, -1]);
  });
});

describe('given values', () => {
  test.each<[string, Column, Column, Column]>([
    [
      'integers, exact ones too',
      columnOf('x', 'int64', ['1', '2', '3']),
      columnOf('x', 'Int64', ['9007199254740993', null, '7']),
      columnOf('x', 'int64', ['9007199254740993', '2', '7']),
    ],
    [
      'floats, where the decoded cell is null',
      columnOf('x', 'float64', ['1', null, '3']),
      columnOf('x', 'float64', [null, '0.1', null]),
      columnOf('x', 'float64', ['1', '0.1', '3']),
    ],
    [
      'booleans',
      columnOf('x', 'boolean', ['true', 'false', null]),
      columnOf('x', 'boolean', ['false', null, null]),
      columnOf('x', 'boolean', ['false', 'false', null]),
    ],
    [
      'texts, new ones too',
      columnOf('x', 'text', ['a', 'b', null]),
      columnOf('x', 'text', [null, 'c', 'a']),
      columnOf('x', 'text', ['a', 'c', 'a']),
    ],
    [
      'dates',
      columnOf('x', 'timestamp', ['2020-01-01', '2020-01-02']),
      columnOf('x', 'timestamp', [null, '1999-12-31']),
      columnOf('x', 'timestamp', ['2020-01-01', '1999-12-31']),
    ],
    [
      'text that was encoded as dates',
      columnOf('x', 'timestamp', ['2020-01-01', '2020-01-02']),
      columnOf('x', 'text', ['5 Mar 2021', null]),
      columnOf('x', 'timestamp', ['2021-03-05', '2020-01-02']),
    ],
    [
      'numbers that were encoded as characters',
      columnOf('x', 'text', ['1', '2']),
      columnOf('x', 'Int64', ['33', null]),
      columnOf('x', 'text', ['33', '2']),
    ],
  ])('stay as they are: %s', (_, decoded, given, expected) => {
    expect(keepGiven(decoded, given)).toEqual(expected);
  });
});

describe('several trials', () => {
  const trials = (...values: (string | null)[]): Column[] => values.map((value) => columnOf('x', 'Int64', [value]));
  test.each([
    ['mode', ['3', '1', '3', '2', null], 3],
    ['mode', ['2', '1', null], 1],
    ['mean', ['1', '2', '4', null], 2],
    ['median', ['9', '1', '3'], 3],
    ['median', ['1', '2', '4', '9'], 3],
    ['mode', [null, null], null],
    ['mean', [null], null],
  ] as const)('%s of %j is %s', (pick, values, expected) => {
    const column = pickOverTrials(trials(...values), pick) as Extract<Column, { type: 'integer' }>;
    expect(column.isNull[0] === 1 ? null : column.values[0]).toBe(expected);
  });

  test('texts and booleans take the mode, dates have a mean', () => {
    const of = (dtype: string, pick: 'mode' | 'mean', ...values: (string | null)[]) =>
      pickOverTrials(
        values.map((value) => columnOf('x', dtype, [value])),
        pick,
      );
    expect(of('text', 'mean', 'b', 'a', 'b', null)).toEqual(columnOf('x', 'text', ['b']));
    expect(of('text', 'mode', 'b', '🙂', '')).toEqual(columnOf('x', 'text', ['']));
    expect(of('boolean', 'mean', 'true', 'true', 'false')).toEqual(columnOf('x', 'boolean', ['true']));
    expect(of('timestamp', 'mean', '2020-01-01', '2020-01-03')).toEqual(columnOf('x', 'timestamp', ['2020-01-02']));
  });
});

test('slices of a table are its rows, every one once', () => {
  const row = fc.record({
    i: fc.option(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n })),
    f: fc.option(fc.double({ noNaN: true })),
    t: fc.option(fc.string()),
    b: fc.option(fc.boolean()),
  });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 31 }), (rows, size) => {
      const text = (value: unknown) => (value === null ? null : String(value));
      const make = (part: typeof rows): Table =>
        tableOf(
          columnOf(
            'i',
            'Int64',
            part.map(({ i }) => text(i)),
          ),
          columnOf(
            'f',
            'float64',
            part.map(({ f }) => text(f)),
          ),
          columnOf(
            'b',
            'boolean',
            part.map(({ b }) => text(b)),
          ),
        );
      const whole = make(rows);
      for (let first = 0; first < rows.length; first += size) {
        const part = rows.slice(first, first + size);
        expect(sliceTable(whole, first, part.length)).toEqual(make(part));
      }
      const texts = columnOf(
        't',
        'text',
        rows.map(({ t }) => t),
      ) as Extract<Column, { type: 'text' }>;
      const [cut] = sliceTable(tableOf(texts), 0, Math.min(size, rows.length)).columns as [typeof texts];
      expect([...cut.indices].map((place) => (place < 0 ? null : cut.dictionary[place]))).toEqual(
        rows.slice(0, size).map(({ t }) => t),
      );
    }),
    { seed: 5, numRuns: 100 },
  );
});

describe('a file of conditions', () => {
  let folder: string;
  let readConditions: typeof ReadConditions.readConditions;
  beforeAll(async () => {
    // Its thread is a compiled program.
    ({ readConditions } = await import(resolve(DIST, 'table', 'conditions.js')));
    folder = mkdtempSync(join(tmpdir(), 'dxo-conditions-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const analysis = learn(
    tableOf(
      columnOf(
        'zip',
        'text',
        times(40, (i) => `0${i % 4}`),
      ),
      columnOf(
        'age',
        'int64',
        times(40, (i) => String(i % 5)),
      ),
      columnOf(
        'joined',
        'text',
        times(40, (i) => `${1 + (i % 12)}/5/2020`),
      ),
    ),
    { joined: 'TABULAR_DATETIME' },
  );
  const read = (text: string, more: object = {}) => {
    const path = join(folder, 'table.csv');
    writeFileSync(path, text);
    const given = { source: { uri: path, ...more }, param: 'generation.conditions' as const, isToImpute: false };
    return readConditions(path, given, analysis, { seed: 1 });
  };

  test('is read in the types of the training, in its order', async () => {
    const { given, codes } = await read('age,note,zip\n3,x,01\n4,y,03\n');
    expect(given.columns.map(({ name, type }) => [name, type])).toEqual([
      ['zip', 'text rows'],
      ['age', 'integer'],
    ]);
    expect([...codes]).toEqual([
      ['feat:/zip__cat', Int32Array.of(2, 4)],
      ['feat:/age__cat', Int32Array.of(4, 5)],
    ]);
  });

  test('gives slices whose rows are its own', async () => {
    const { given } = await read(`zip,age\n${times(50, (i) => `é${i},${i % 5}`).join('\n')}\n`);
    const [zips] = sliceTable(given, 20, 10).columns as [TextRows];
    expect(times(10, (row) => textOfRow(zips, row))).toEqual(times(10, (i) => `é${20 + i}`));
  });

  test('of more rows than are taken is refused, with the limit', async () => {
    const reading = read(`age\n${'1\n'.repeat(GIVEN_ROWS_MAX + 1)}`);
    await expect(reading).rejects.toThrow(/1000001 rows; at most 1000000 are taken/);
  });

  test.each([
    ['age\n3\nold\n', {}, 'generation.conditions.types.age', /^generation\.conditions: Column "age" .* row 2 /],
    ['joined\n1/5/2020\nsoon\n', {}, 'generation.conditions.uri', /row 2 is no date/],
    [
      'age\n1\n',
      { nulls: ['-'], delimiter: ';', types: { zap: 'text' } },
      'generation.conditions.types.zap',
      /no column "zap"/,
    ],
    ['age,zip\n1,2,3\n', {}, 'generation.conditions.uri', /generation\.conditions/],
  ])('%j is refused by its own name, without its values', async (text, more, param, message) => {
    const failure = await read(text, more).then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    expect(failure).toMatchObject({ name: 'InputError', param, message: expect.stringMatching(message) });
    expect(failure!.message).not.toMatch(/old|soon|conditions\.csv/);
  });
});
