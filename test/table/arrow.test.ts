/** Arrow files as other programs write them: as a stream, with dictionaries, units and types that we do not write. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  Dictionary,
  Field,
  Int32,
  List,
  makeData,
  makeVector,
  Table,
  TimestampMillisecond,
  TimestampNanosecond,
  tableToIPC,
  Uint8,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { textOf } from '../../src/table/column-text.js';
import { readTable } from '../../src/table/read.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dxo-arrow-'));
});
afterAll(() => rm(folder, { recursive: true }));

// Each its own: the library's writer loses bytes of columns that share a buffer.
const instants = () => BigInt64Array.of(1_500n, -1n);
const table = new Table({
  Name: vectorFromArray(['x', 'y'], new Dictionary(new Utf8(), new Int32())),
  name: vectorFromArray([7, null], new Uint8()),
  ms: makeVector(makeData({ type: new TimestampMillisecond('UTC'), length: 2, data: instants() })),
  ns: makeVector(makeData({ type: new TimestampNanosecond(), length: 2, data: instants() })),
});

test.each(['file', 'stream'] as const)('a %s gives names, types and instants to the microsecond', async (kind) => {
  const path = join(folder, `${kind}.arrow`);
  await writeFile(path, tableToIPC(table, kind));
  const { columns } = await readTable(path);
  expect(columns.map(({ name, type }) => [name, type])).toEqual([
    ['Name', 'text'],
    ['name', 'integer'],
    ['ms', 'timestamp'],
    ['ns', 'timestamp'],
  ]);
  expect(textOf(columns[0]!).dictionary).toEqual(['x', 'y']);
  expect(columns[1]).toMatchObject({ values: Float64Array.of(7, 0), isNull: Uint8Array.of(0, 1) });
  expect(columns[2]).toMatchObject({ values: BigInt64Array.of(1_500_000n, -1_000n) });
  expect(columns[3]).toMatchObject({ values: BigInt64Array.of(1n, -1n) });
});

test('a nested column is refused by its name, unless it is excluded', async () => {
  const path = join(folder, 'nested.arrow');
  const tags = vectorFromArray([[1], [2]], new List(new Field('item', new Int32())));
  await writeFile(path, tableToIPC(new Table({ a: vectorFromArray([1, 2], new Int32()), tags }), 'file'));
  await expect(readTable(path)).rejects.toThrow(/Column "tags" holds nested values/);
  expect((await readTable(path, { columns: { exclude: ['tags'] } })).columns.length).toBe(1);
});

test('a file that is cut, or none, is refused', async () => {
  const path = join(folder, 'cut.arrow');
  for (const content of [tableToIPC(table, 'file').subarray(0, 300), Buffer.from('a,b\n1,2\n')]) {
    await writeFile(path, content);
    await expect(readTable(path)).rejects.toMatchObject({ code: 'not_a_table', param: 'table.uri' });
  }
});
