/** Several files are one table: their rows in order, if they have the same columns. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CELL_BYTES_MAX } from '../../src/contract/limits.js';
import { textOf } from '../../src/table/column-text.js';
import { type ReadOptions, readTable } from '../../src/table/read.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dxo-several-'));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function filesOf(ending: string, ...contents: (string | Uint8Array)[]): Promise<string[]> {
  files += 1;
  const paths = contents.map((_, i) => join(folder, `${files}-part-${i}.${ending}`));
  for (const [i, path] of paths.entries()) await writeFile(path, contents[i]!);
  return paths;
}

async function parquetOf(...selects: string[]): Promise<string[]> {
  const paths = await filesOf('parquet', ...selects.map(() => ''));
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  for (const [i, select] of selects.entries())
    await connection.run(`COPY (${select}) TO '${paths[i]}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return paths;
}

async function contentOf(paths: string[], options?: ReadOptions) {
  const { columns } = await readTable(paths, options);
  return columns.map((column) => {
    const { dictionary, indices } = textOf(column);
    return [column.name, column.type, ...Array.from(indices, (index) => (index < 0 ? null : dictionary[index]!))];
  });
}

test('CSV files, each in an encoding and a packing of its own', async () => {
  const paths = await filesOf(
    'csv',
    'a,b\n1,é\n',
    gzipSync('a,b\n2,ü\n'),
    Buffer.from('a,b\n3,ç\n', 'latin1'),
    Buffer.from('\ufeffa,b\n4,ş\n', 'utf16le'),
  );
  expect(await contentOf(paths)).toEqual([
    ['a', 'integer', '1', '2', '3', '4'],
    ['b', 'text', 'é', 'ü', 'ç', 'ş'],
  ]);
});

test('a type is that of the rows of all files, however many', async () => {
  const contents = Array.from({ length: 30 }, (_, i) => (i === 29 ? 'a,b\nx,1\n' : `a,b\n${i},1\n`));
  expect((await contentOf(await filesOf('csv', ...contents)))[0]!.slice(0, 3)).toEqual(['a', 'text', '0']);
});

test('files without a header, as the first one is', async () => {
  expect(await contentOf(await filesOf('csv', '1,x\n2,y\n', '3,z\n'))).toEqual([
    ['column_1', 'integer', '1', '2', '3'],
    ['column_2', 'text', 'x', 'y', 'z'],
  ]);
});

test('JSON lines, whose keys may differ as those of lines may', async () => {
  const paths = await filesOf('jsonl', '{"a":1}\n', '{"b":"x"}\n{"a":1.5,"b":null}\n');
  expect(await contentOf(paths)).toEqual([
    ['a', 'float', '1.0', null, '1.5'],
    ['b', 'text', null, 'x', null],
  ]);
});

test('Parquet files, with an integer that is wider in one', async () => {
  const paths = await parquetOf("SELECT 1::TINYINT AS a, 'x' AS b", "SELECT 9007199254740993 AS a, 'y' AS b");
  expect(await contentOf(paths)).toEqual([
    ['a', 'integer', '1', '9007199254740993'],
    ['b', 'text', 'x', 'y'],
  ]);
});

test.each<[string, () => Promise<string[]>, RegExp]>([
  ['another name', () => filesOf('csv', 'a,b\n1,2\n', 'a,c\n1,2\n'), /-part-1\.csv has another name for column 2/],
  ['another order', () => filesOf('csv', 'a,b\n1,2\n', 'a,b\n1,2\n', 'b,a\n1,2\n'), /-part-2\.csv has another name/],
  ['a column more', () => filesOf('csv', 'a,b\n1,2\n', 'a,b,c\n1,2,3\n'), /-part-1\.csv has 3 columns, not 2/],
  ['another delimiter', () => filesOf('csv', 'a,b\n1,2\n', 'a;b\n1;2\n'), /-part-1\.csv has 1 columns, not 2/],
  [
    'a Parquet column more',
    () => parquetOf('SELECT 1 AS a', 'SELECT 1 AS a, 2 AS b'),
    /-part-1\.parquet has 2 columns/,
  ],
  [
    'another Parquet type',
    () => parquetOf('SELECT 1 AS a', "SELECT 'x' AS a"),
    /"a" has another type in .*-part-1\.parquet/,
  ],
])('%s in one file is refused, and the file is named', async (_, make, message) => {
  const reading = readTable(await make());
  await expect(reading).rejects.toMatchObject({ code: 'columns_invalid', param: 'table.uri' });
  await expect(reading).rejects.toThrow(message);
});

test.each<[string, string | Uint8Array, RegExp]>([
  ['a row too long', 'a,b\n1,2\n1,2,3\n', /-part-1\.csv, line 3: .*fields/],
  ['an open quote', 'a,b\n1,"x\n', /-part-1\.csv, line 2: .*quote/],
  ['a wrong byte', Buffer.from('a,b\n\xc3\xa7,\xe9\n', 'latin1'), /-part-1\.csv, line 2/],
  ['a line too long', `a,b\n1,${'x'.repeat(CELL_BYTES_MAX + 1)}\n`, /-part-1\.csv.*longer than 2 MB/],
  ['nothing', '', /-part-1\.csv is empty/],
])('%s in the second file is told of that file', async (_, content, message) => {
  await expect(readTable(await filesOf('csv', 'a,b\n1,2\n', content))).rejects.toThrow(message);
});
