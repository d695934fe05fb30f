/** Tables that people have and no specification foresees: each is taken as it is, or refused with where and what to do. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { InputError } from '../../src/contract/input-error.js';
import { CELL_BYTES_MAX } from '../../src/contract/limits.js';
import { modelSettingsSchema } from '../../src/contract/requests.js';
import { textOf } from '../../src/table/column-text.js';
import type * as Prepare from '../../src/table/prepare-table.js';
import { type ReadOptions, readTable } from '../../src/table/read.js';
import { DIST } from '../support/worker-process.js';

let folder: string;
let withPreparedTable: typeof Prepare.withPreparedTable;
beforeAll(async () => {
  // Its threads are compiled programs.
  ({ withPreparedTable } = await import(resolve(DIST, 'table', 'prepare-table.js')));
  folder = await mkdtemp(join(tmpdir(), 'dxo-hostile-'));
});
afterAll(() => rm(folder, { recursive: true }));

const ROWS_OF_WIDE = 20;

let files = 0;
const newPath = (ending: string) => join(folder, `table-${++files}.${ending}`);

async function fileOf(content: string | Uint8Array, ending = 'csv'): Promise<string> {
  const path = newPath(ending);
  await writeFile(path, content);
  return path;
}

async function parquetOf(select: string): Promise<string> {
  const path = newPath('parquet');
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

/** Type, then cells. */
async function columnOf(path: string, options?: ReadOptions): Promise<(string | null)[]> {
  const { columns } = await readTable(path, options);
  const { dictionary, indices } = textOf(columns[0]!);
  return [columns[0]!.type, ...Array.from(indices, (index) => (index < 0 ? null : dictionary[index]!))];
}

/** All that happens before a request is sent: names of the columns, and the bytes of the upload. */
async function prepared(path: string): Promise<{ names: string[]; bytes: number }> {
  const model = modelSettingsSchema.parse({ embedding_dim: 2, batch_size: 2 });
  const seeds = { thresholds: 1, fills: 2, batches: 3 };
  return await withPreparedTable(path, { protectRare: true, model, seeds }, async ({ analysis, upload }) => {
    let bytes = 0;
    for await (const chunk of upload()) bytes += chunk.length;
    return { names: analysis.features.map(({ name }) => name), bytes };
  });
}

describe('values', () => {
  test.each<[string, string, (string | null)[]]>([
    ['an empty text is null, quoted or not', 'a,b\n"",1\n,2\nx,3\n', ['text', null, null, 'x']],
    ['words for null are words', 'a\nNULL\nNaN\nnone\n<NA>\n\\N\n', ['text', 'NULL', 'NaN', 'none', '<NA>', '\\N']],
    ['our own signs are data', 'a\n<<NULL>>\n<protected>\n__RARE__\n', ['text', '<<NULL>>', '<protected>', '__RARE__']],
    ['nothing but nulls is text', 'a,b\n,1\n,2\n', ['text', null, null]],
    ['a single empty line is a null of a single column', 'a\nx\n\ny\n', ['text', 'x', null, 'y']],
    ['emoji of several characters', 'a\n👩‍👩‍👧‍👦\n🏳️‍🌈\n', ['text', '👩‍👩‍👧‍👦', '🏳️‍🌈']],
    ['combining characters are not composed', 'a\ne\u0301\n\u00e9\n', ['text', 'e\u0301', '\u00e9']],
    ['U+0000 is lost (BUG-28)', 'a\nx\u0000y\nxy\n', ['text', 'xy', 'xy']],
    ['leading zeros are text', 'a\n007\n010\n', ['text', '007', '010']],
    [
      'integers beyond 2^53 are exact',
      'a\n9007199254740993\n-9007199254740993\n',
      ['integer', '9007199254740993', '-9007199254740993'],
    ],
    ['integers from 2^63 on are floats', 'a\n9223372036854775808\n1\n', ['float', '9.223372036854776e+18', '1.0']],
    [
      '-0 and infinities, in any order, and nan',
      'a\ninf\n-inf\nnan\n-0.0\n1.5\n',
      ['float', 'inf', '-inf', null, '-0.0', '1.5'],
    ],
    ['dates in two formats are text', 'a\n2020-01-05\n05/01/2020\n', ['text', '2020-01-05', '05/01/2020']],
    [
      'times in several zones are one instant',
      'a\n2020-01-05T12:00:00+03:00\n2020-01-05 09:00:00Z\n2020-01-05 09:00:00\n',
      ['timestamp', '2020-01-05 09:00:00', '2020-01-05 09:00:00', '2020-01-05 09:00:00'],
    ],
    ['one row', 'a,b\n5,x\n', ['integer', '5']],
    ['a constant', 'a\n5\n5\n', ['integer', '5', '5']],
  ])('%s', async (_, content, column) => {
    const path = await fileOf(content);
    expect(await columnOf(path)).toEqual(column);
    expect((await prepared(path)).bytes).toBeGreaterThan(0);
  });

  test.each<[string, string, (string | null)[]]>([
    ['an empty text is none, beside null', '{"a":""}\n{"a":null}\n{"a":"x"}\n', ['text', '', null, 'x']],
    ['numbers and texts are text', '{"a":1}\n{"a":"x"}\n{"a":true}\n', ['text', '1', 'x', 'true']],
    ['U+0000 is lost', '{"a":"x\\u0000y"}\n', ['text', 'xy']],
    [
      'dates that only look like some are text',
      '{"a":"31-12-2020"}\n{"a":"01-02-2020"}\n',
      ['text', '31-12-2020', '01-02-2020'],
    ],
  ])('in JSON lines %s', async (_, content, column) => {
    expect(await columnOf(await fileOf(content, 'jsonl'))).toEqual(column);
  });

  test('an integer of JSON lines beyond 2^64 is exact where it is declared', async () => {
    const path = await fileOf('{"a":18446744073709551616}\n', 'jsonl');
    expect(await columnOf(path, { types: { a: 'integer' } })).toEqual(['integer', '18446744073709551616']);
  });

  test('a million distinct texts are read', async () => {
    const path = await parquetOf("SELECT 'text number ' || range AS a FROM range(1000000)");
    expect((await readTable(path)).columns[0]).toMatchObject({ rows: 1_000_000, type: 'text' });
  });
});

describe('names', () => {
  const names = ['__proto__', 'constructor', 'a__b', 'a/b', 'a.b', 'a b', "a'b", 'hasOwnProperty', '🙂', 'A', 'a'];
  test('of every kind are kept, from a CSV and from JSON lines', async () => {
    const csv = await fileOf(
      `${names.join(',')}\n${names.map((_, i) => i).join(',')}\n${names.map((_, i) => i + 1).join(',')}\n`,
    );
    expect((await prepared(csv)).names).toEqual(names);
    const object = `{${names.map((name, i) => `${JSON.stringify(name)}:${i}`).join(',')}}\n`;
    const { columns } = await readTable(await fileOf(object, 'jsonl'));
    expect(columns.map(({ name }) => name)).toEqual(names);
    expect(columns.map((column) => textOf(column).dictionary[0])).toEqual(names.map((_, i) => `${i}`));
  });

  test.each<[string, string, string, RegExp]>([
    ['an empty name', 'a,,b\n1,2,3\n', 'csv', /Column 2 has no name/],
    ['an empty key', '{"a":1,"":2}\n', 'jsonl', /Column 2 has no name/],
    ['two of one name', 'a,b,a\n1,2,3\n', 'csv', /Two columns are named "a"/],
    ['a key twice', '{"a":1,"b":1,"a":2}\n', 'jsonl', /line 1: .*a key twice/],
    ['a line that is no object', '{"a":1}\n[1,2]\n', 'jsonl', /not one JSON object/],
  ])('%s is refused', async (_, content, ending, message) => {
    const reading = readTable(await fileOf(content, ending));
    await expect(reading).rejects.toBeInstanceOf(InputError);
    await expect(reading).rejects.toThrow(message);
  });
});

describe('shapes', () => {
  test.each<[string, () => Promise<string>, RegExp]>([
    [
      'a CSV cut in a quoted field',
      () => fileOf('a,b\n1,"x"\n2,"y and then noth'),
      /line 3: .*a quote is opened and never closed/,
    ],
    ['lines that end in two ways', () => fileOf('a,b\r\n1,2\n3,4\r\n'), /lines end in different ways/],
    [
      'a cell of 100 MB in a CSV',
      () => fileOf(`a,b\n1,2\n3,${'x'.repeat(100_000_000)}\n`),
      /line 3: .*longer than 2 MB/,
    ],
    [
      'a cell of 100 MB in JSON lines',
      () => fileOf(`{"a":1}\n{"a":"${'x'.repeat(100_000_000)}"}\n`, 'jsonl'),
      /line 2: .*longer than 16 MiB/,
    ],
    ['a cell of 100 MB in Parquet', () => parquetOf("SELECT repeat('x', 100000000) AS a"), /takes more memory/],
    [
      'a cell a little too long in Parquet',
      () => parquetOf(`SELECT repeat('x', ${CELL_BYTES_MAX + 1}) AS a`),
      /Column "a" holds a value of more than 2 MB/,
    ],
    [
      'nested columns in Parquet',
      () => parquetOf("SELECT 1 AS a, [1] AS tags, {'x': 1} AS place, map([1], [2]) AS m"),
      /Columns "tags", "place", "m" hold nested values/,
    ],
  ])('%s is refused', async (_, make, message) => {
    const reading = readTable(await make());
    await expect(reading).rejects.toBeInstanceOf(InputError);
    await expect(reading).rejects.toThrow(message);
  });

  test('nested columns may be excluded', async () => {
    const path = await parquetOf('SELECT 1 AS a, [1] AS tags');
    expect((await readTable(path, { columns: { exclude: ['tags'] } })).columns.length).toBe(1);
  });

  test('5 000 columns are read', async () => {
    const path = newPath('csv');
    const file = createWriteStream(path);
    const columns = 5_000;
    const line = (cell: (column: number) => string) =>
      `${Array.from({ length: columns }, (_, i) => cell(i)).join(',')}\n`;
    file.write(line((i) => `c${i}`));
    for (let row = 0; row < ROWS_OF_WIDE; row += 1)
      file.write(line((i) => (i % 2 === 0 ? `w${(row * i) % 7}` : String(row * i))));
    file.end();
    await finished(file);
    const table = await readTable(path);
    expect(table.columns.length).toBe(columns);
    expect(table.columns.at(-1)).toMatchObject({ name: 'c4999', type: 'integer', rows: ROWS_OF_WIDE });
    expect(table.columns.at(-1)).toMatchObject({
      values: Float64Array.from({ length: ROWS_OF_WIDE }, (_, row) => row * 4_999),
    });
  });
});
