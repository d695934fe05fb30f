/** What is written is read back as it was: every format, every type, nulls among the values. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Column, Table } from '../../src/table/column.js';
import { fileKindOf } from '../../src/table/file-kind.js';
import { type ReadOptions, readTable } from '../../src/table/read.js';
import { concatenateTables, writeTable } from '../../src/table/write.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dxo-round-trip-'));
});
afterAll(() => rm(folder, { recursive: true }));

const ENDINGS = ['csv', 'csv.gz', 'csv.zst', 'tsv', 'tsv.gz', 'jsonl', 'jsonl.gz', 'jsonl.zst', 'parquet', 'arrow'];
const FIRST_US = Date.UTC(1000, 0, 1) * 1000;
const LAST_US = Date.UTC(9999, 11, 31) * 1000;
const DAY_US = 86_400_000_000n;

/** A row as plain values. The first one of every table has no null, so that a text format can tell the types. */
interface Row {
  whole: bigint | null;
  large: bigint | null;
  real: number | null;
  yes: boolean | null;
  at: bigint | null;
  on: bigint | null;
  word: string | null;
}
const FIRST_ROW: Row = {
  whole: -7n,
  large: 2n ** 64n - 1n,
  real: 0.5,
  yes: true,
  at: 1n,
  on: -DAY_US,
  word: 'a,"b"\n🙂',
};

const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const aRow: fc.Arbitrary<Row> = fc.record({
  whole: orNull(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  large: orNull(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  real: orNull(fc.double({ noNaN: true })),
  yes: orNull(fc.boolean()),
  at: orNull(fc.bigInt({ min: BigInt(FIRST_US), max: BigInt(LAST_US) })),
  on: orNull(fc.bigInt({ min: -350_000n, max: 2_900_000n }).map((days) => days * DAY_US)),
  // An empty text is null in a CSV, U+0000 is in no text that was read.
  word: orNull(
    fc
      .oneof(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.constantFrom(
          '<<NULL>>',
          'NULL',
          'null',
          'NaN',
          '007',
          '1e5',
          'true',
          '#x',
          "'",
          '"',
          ' ',
          '\\',
          'a\r\nb',
          'é',
          '2020-01-05',
        ),
      )
      .filter((text) => !text.includes('\u0000')),
  ),
});

function tableOf(rows: readonly Row[]): Table {
  const base = (name: keyof Row) => ({
    name,
    rows: rows.length,
    isNull: Uint8Array.from(rows, (row) => (row[name] === null ? 1 : 0)),
  });
  const instants = (name: 'at' | 'on') => BigInt64Array.from(rows, (row) => row[name] ?? 0n);
  const dictionary = [...new Set(rows.flatMap(({ word }) => word ?? []))];
  return {
    rows: rows.length,
    columns: [
      integers('whole', rows),
      integers('large', rows),
      { ...base('real'), type: 'float', values: Float64Array.from(rows, ({ real }) => real ?? 0) },
      { ...base('yes'), type: 'boolean', values: Uint8Array.from(rows, ({ yes }) => (yes ? 1 : 0)) },
      { ...base('at'), type: 'timestamp', values: instants('at'), isDate: false },
      { ...base('on'), type: 'timestamp', values: instants('on'), isDate: true },
      {
        name: 'word',
        type: 'text',
        rows: rows.length,
        dictionary,
        indices: Int32Array.from(rows, ({ word }) => (word === null ? -1 : dictionary.indexOf(word))),
      },
    ],
  };
}

function integers(name: 'whole' | 'large', rows: readonly Row[]): Column {
  const beyond = rows.flatMap((row, i) => {
    const value = row[name];
    return value !== null && !Number.isSafeInteger(Number(value)) ? [[i, value] as const] : [];
  });
  return {
    name,
    type: 'integer',
    rows: rows.length,
    values: Float64Array.from(rows, (row) => Number(row[name] ?? 0n)),
    isNull: Uint8Array.from(rows, (row) => (row[name] === null ? 1 : 0)),
    ...(beyond.length === 0 ? {} : { exact: new Map(beyond) }),
  };
}

/** What no text can tell: that digits are text, and integers beyond 2^63 are not floats. */
const TYPES: NonNullable<ReadOptions['types']> = { word: 'text', large: 'integer' };

test.each(ENDINGS)('.%s gives every value back', async (ending) => {
  const path = join(folder, `table.${ending}`);
  const { format, compression } = fileKindOf(path, undefined, 'output.uri');
  const isText = format !== 'parquet' && format !== 'arrow';
  await fc.assert(
    fc.asyncProperty(fc.array(aRow, { maxLength: 30 }), async (rows) => {
      const table = tableOf([FIRST_ROW, ...rows]);
      await writeTable(table, path, format, compression);
      const read = await readTable(path, isText ? { types: TYPES } : {});
      expect(read).toEqual(table);
    }),
    { numRuns: 15, seed: 6 },
  );
});

test.each(ENDINGS)('.%s is joined from parts, the same bytes each time', async (ending) => {
  const { format, compression } = fileKindOf(`x.${ending}`, undefined, 'output.uri');
  const parts = [join(folder, 'part-0.parquet'), join(folder, 'part-1.parquet')];
  const rows = Array.from({ length: 20_000 }, (_, i): Row => ({ ...FIRST_ROW, whole: BigInt(i), word: `w${i % 9}` }));
  await writeTable(tableOf(rows.slice(0, 15_000)), parts[0]!, 'parquet');
  await writeTable(tableOf(rows.slice(15_000)), parts[1]!, 'parquet');
  const contents = [];
  for (const name of ['one', 'two']) {
    const path = join(folder, `${name}.${ending}`);
    expect(await concatenateTables(parts, path, format, compression)).toMatchObject({ rows: 20_000 });
    const { columns } = await readTable(path, { columns: { include: ['whole'] } });
    expect(columns[0]).toMatchObject({ type: 'integer', values: Float64Array.from(rows.keys()) });
    contents.push(await readFile(path));
  }
  expect(contents[0]!.equals(contents[1]!)).toBe(true);
});
