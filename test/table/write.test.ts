import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Table } from '../../src/table/column.js';
import { readTable } from '../../src/table/read.js';
import { concatenateTables, writeTable } from '../../src/table/write.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dxo-write-'));
});
afterEach(() => rm(folder, { recursive: true }));

const none = (rows: number) => new Uint8Array(rows);
const lastNull = Uint8Array.of(0, 0, 1);

/** One column of each type, null in the last row; `first` tells parts apart. */
function aTable(first = 1): Table {
  const rows = 3;
  return {
    rows,
    columns: [
      { name: 'n', type: 'integer', rows, values: Float64Array.of(first, -2, 0), isNull: lastNull },
      { name: 'x y', type: 'float', rows, values: Float64Array.of(0.5, 1e-9, 0), isNull: lastNull },
      { name: 'ok', type: 'boolean', rows, values: Uint8Array.of(1, 0, 0), isNull: lastNull },
      {
        name: 'at',
        type: 'timestamp',
        rows,
        values: BigInt64Array.of(1_577_836_800_250_000n, -1_000_000n, 0n),
        isNull: lastNull,
        isDate: false,
      },
      {
        name: 'on',
        type: 'timestamp',
        rows,
        values: BigInt64Array.of(1_577_836_800_000_000n, -86_400_000_000n, 0n),
        isNull: lastNull,
        isDate: true,
      },
      { name: 'say "hi"', type: 'text', rows, dictionary: ['a,"b"\n🙂', 'plain'], indices: Int32Array.of(0, 1, -1) },
    ],
  };
}

test('a Parquet file gives every type and value back', async () => {
  const path = join(folder, 'a.parquet');
  const { bytes } = await writeTable(aTable(), path, 'parquet');
  expect((await readFile(path)).length).toBe(bytes);
  const read = await readTable(path);
  expect(read.rows).toBe(3);
  expect(read.columns).toMatchObject(aTable().columns);
});

test('integers beyond 2^53 keep every digit', async () => {
  const path = join(folder, 'a.csv');
  const exact = new Map([[0, 9_007_199_254_740_993n]]);
  const values = Float64Array.of(Number(exact.get(0)));
  await writeTable(
    { rows: 1, columns: [{ name: 'n', type: 'integer', rows: 1, values, isNull: none(1), exact }] },
    path,
    'csv',
  );
  expect(await readFile(path, 'utf8')).toBe('n\n9007199254740993\n');
});

test.each([
  ['csv', 'n,x y,ok,at,on,"say ""hi"""\n1,0.5,true,2020-01-01 00:00:00.25,2020-01-01,"a,""b""\n🙂"\n'],
  ['tsv', 'n\tx y\tok\tat\ton\t"say ""hi"""\n1\t0.5\ttrue\t2020-01-01 00:00:00.25\t2020-01-01\t"a,""b""\n🙂"\n'],
  [
    'jsonl',
    '{"n":1,"x y":0.5,"ok":true,"at":"2020-01-01 00:00:00.25","on":"2020-01-01","say \\"hi\\"":"a,\\"b\\"\\n🙂"}\n',
  ],
] as const)('%s is written in its own spelling', async (format, beginning) => {
  const path = join(folder, 'out');
  await writeTable(aTable(), path, format);
  expect((await readFile(path, 'utf8')).slice(0, beginning.length)).toBe(beginning);
});

test('parts become one file, in order, with the same bytes each time', async () => {
  const parts = await Promise.all(
    [10, 20, 30].map(async (first) => {
      const path = join(folder, `${first}.parquet`);
      await writeTable(aTable(first), path, 'parquet');
      return path;
    }),
  );
  const digests = [];
  for (const format of ['parquet', 'parquet', 'csv', 'csv'] as const) {
    const path = join(folder, `whole-${digests.length}.${format}`);
    const { rows, bytes } = await concatenateTables(parts, path, format);
    const content = await readFile(path);
    expect([rows, bytes]).toEqual([9, content.length]);
    const { columns } = await readTable(path);
    expect(columns[0]).toMatchObject({ values: Float64Array.of(10, -2, 0, 20, -2, 0, 30, -2, 0) });
    digests.push(createHash('sha256').update(content).digest('hex'));
  }
  expect(digests[0]).toBe(digests[1]);
  expect(digests[2]).toBe(digests[3]);
});

test('an integer column whose parts differ in width is joined without loss', async () => {
  const wide = 2n ** 63n + 1n;
  const column = { name: 'n', type: 'integer', rows: 1, isNull: none(1) } as const;
  const parts = [join(folder, '0.parquet'), join(folder, '1.parquet')] as const;
  await writeTable({ rows: 1, columns: [{ ...column, values: Float64Array.of(7) }] }, parts[0], 'parquet');
  const values = Float64Array.of(Number(wide));
  await writeTable({ rows: 1, columns: [{ ...column, values, exact: new Map([[0, wide]]) }] }, parts[1], 'parquet');
  const path = join(folder, 'whole.csv');
  await concatenateTables(parts, path, 'csv');
  expect(await readFile(path, 'utf8')).toBe(`n\n7\n${wide}\n`);
});

test('a target that cannot be written is refused by its path and leaves nothing behind', async () => {
  const path = join(folder, 'missing', 'a.csv');
  await expect(writeTable(aTable(), path, 'csv')).rejects.toMatchObject({ code: 'output_unwritable' });
  await expect(writeTable(aTable(), path, 'csv')).rejects.toThrow(path);
  await expect(writeTable(aTable(), folder, 'csv')).rejects.toMatchObject({ code: 'output_unwritable' });
  await writeFile(join(folder, 'kept'), '');
  expect(await readdir(folder)).toEqual(['kept']);
});

test('names that differ in case alone are told apart', async () => {
  const path = join(folder, 'a.csv');
  const [column] = aTable().columns;
  await writeTable(
    {
      rows: 3,
      columns: [
        { ...column!, name: 'Name' },
        { ...column!, name: 'name' },
      ],
    },
    path,
    'csv',
  );
  expect((await readFile(path, 'utf8')).split('\n')[0]).toBe('Name,name_1');
});
