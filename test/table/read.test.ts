import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { InputError } from '../../src/contract/input-error.js';
import type { Column, Table } from '../../src/table/column.js';
import { textOf } from '../../src/table/column-text.js';
import { inspectTable, type ReadOptions, readTable } from '../../src/table/read.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dxo-read-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

let files = 0;
async function fileOf(content: string | Uint8Array, ending = 'csv'): Promise<string> {
  files += 1;
  const path = join(folder, `table-${files}.${ending}`);
  await writeFile(path, content);
  return path;
}

async function parquetOf(select: string): Promise<string> {
  files += 1;
  const path = join(folder, `table-${files}.parquet`);
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

function cellsOf(column: Column): (string | null)[] {
  const { dictionary, indices } = textOf(column);
  return Array.from(indices, (index) => (index < 0 ? null : dictionary[index]!));
}

const contentOf = (table: Table) => table.columns.map((column) => [column.name, column.type, cellsOf(column)]);

async function refusalOf(path: string, options?: ReadOptions): Promise<InputError> {
  const error = await readTable(path, options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof InputError)) throw new Error(`not refused by an InputError but: ${String(error)}`);
  return error;
}

describe('a CSV', () => {
  test('gives each column its type', async () => {
    const path = await fileOf(
      'whole,real,flag,day,moment,zoned,word\n' +
        '1,1.5,true,2020-01-05,2020-01-05 10:20:30,2020-01-05T10:00:00+03:00,x\n' +
        ',,,,,,\n' +
        '-3,1e5,FALSE,2021-12-31,2021-12-31 00:00:00.25,2020-01-05T10:00:00Z,"y, z"\n',
    );
    const table = await readTable(path);
    expect(contentOf(table)).toEqual([
      ['whole', 'integer', ['1', null, '-3']],
      ['real', 'float', ['1.5', null, '100000.0']],
      ['flag', 'boolean', ['True', null, 'False']],
      ['day', 'timestamp', ['2020-01-05', null, '2021-12-31']],
      ['moment', 'timestamp', ['2020-01-05 10:20:30.000', null, '2021-12-31 00:00:00.250']],
      ['zoned', 'timestamp', ['2020-01-05 07:00:00', null, '2020-01-05 10:00:00']],
      ['word', 'text', ['x', null, 'y, z']],
    ]);
    expect(table.columns.map((column) => column.type === 'timestamp' && column.isDate)).toEqual([
      false,
      false,
      false,
      true,
      false,
      false,
      false,
    ]);
    expect((await inspectTable(path)).columns).toEqual(table.columns.map(({ name, type }) => ({ name, type })));
  });

  test('keeps as text what would lose something as a number, a boolean or a date', async () => {
    const path = await fileOf(
      'zip,answer,bit,us_date,eu_date,clock\n12345,yes,t,01/02/2020,01.02.2020,10:30\n01234,no,f,12/31/2020,31.12.2020,11:00\n',
    );
    const table = await readTable(path);
    expect(table.columns.map(({ type }) => type)).toEqual(['text', 'text', 'text', 'text', 'text', 'text']);
    expect(cellsOf(table.columns[0]!)).toEqual(['12345', '01234']);
    expect(cellsOf(table.columns[3]!)).toEqual(['01/02/2020', '12/31/2020']);
  });

  test('decides on a type by every row, not by the first ones', async () => {
    const path = await fileOf(`n\n${'1\n'.repeat(30_000)}x\n`);
    const { rows, columns } = await readTable(path);
    expect([rows, columns[0]!.type]).toEqual([30_001, 'text']);
  });

  test('reads more rows than one chunk of the reader holds, in their order', async () => {
    const count = 10_000;
    const lines = Array.from({ length: count }, (_, i) => `${i},${i / 4},${i % 2 === 0},w${i % 7}`);
    const table = await readTable(await fileOf(`a,b,c,d\n${lines.join('\n')}\n`));
    const texts = table.columns.map(cellsOf);
    const wrong = lines.findIndex((_, i) => {
      const [a, b, c, d] = texts.map((column) => column[i]!) as [string, string, string, string];
      return Number(a) !== i || Number(b) !== i / 4 || c !== (i % 2 === 0 ? 'True' : 'False') || d !== `w${i % 7}`;
    });
    expect([table.rows, wrong]).toEqual([count, -1]);
  });

  test('keeps integers beyond 2^53 exactly', async () => {
    const { columns } = await readTable(await fileOf('n\n9007199254740993\n-9007199254740995\n1\n'));
    expect(cellsOf(columns[0]!)).toEqual(['9007199254740993', '-9007199254740995', '1']);
  });

  test('keeps integers beyond 2^63 exactly, when they are declared', async () => {
    const path = await fileOf('n\n18446744073709551615\n5\n');
    const { columns } = await readTable(path, { types: { n: 'integer' } });
    expect(cellsOf(columns[0]!)).toEqual(['18446744073709551615', '5']);
  });

  test('keeps column names as they are written', async () => {
    const names = ['Name', 'name', 'name ', '__proto__', 'a "b"', 'a,b', 'c0', '1', 'Ünï🙂', "it's"];
    const header = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(',');
    const { columns } = await readTable(await fileOf(`\ufeff${header}\n${names.map((_, i) => i).join(',')}\n`));
    expect(columns.map((column) => [column.name, cellsOf(column)[0]])).toEqual(
      names.map((name, i) => [name, String(i)]),
    );
  });

  test.each([
    ['semicolons', 'a;b\n1,5;2\n', undefined, ['1,5', '2']],
    ['tabs', 'a\tb\nx y\t2\n', undefined, ['x y', '2']],
    ['bars', 'a|b\nx,y|2\n', undefined, ['x,y', '2']],
    ['what the request says', 'a#b\n"x#y"#2\n', '#', ['x#y', '2']],
  ])('is divided by %s', async (_, content, delimiter, firstRow) => {
    const { columns } = await readTable(await fileOf(content), { delimiter });
    expect(columns.map((column) => cellsOf(column)[0])).toEqual(firstRow);
  });

  test('has the null texts that the request names', async () => {
    const path = await fileOf('a,b\nNA,1\n-,NA\nx,3\n');
    const { columns } = await readTable(path, { nulls: ['NA', '-'] });
    expect(columns.map(cellsOf)).toEqual([
      [null, null, 'x'],
      ['1', null, '3'],
    ]);
  });

  test('keeps lines that look like comments, and loses U+0000 (BUG-28)', async () => {
    const { columns } = await readTable(await fileOf('a,b\n#x,1\ny\u0000z,2\nyz,3\n'));
    expect(cellsOf(columns[0]!)).toEqual(['#x', 'yz', 'yz']);
    expect(columns[0]).toMatchObject({ dictionary: ['#x', 'yz'] });
  });

  test('a TSV is divided by tabs, whatever its header holds', async () => {
    const { columns } = await readTable(await fileOf('a,a\tb;b;b\n1\t2\n', 'tsv'));
    expect(columns.map(({ name }) => name)).toEqual(['a,a', 'b;b;b']);
  });
});

describe('other formats', () => {
  test('JSONL gives types and nulls, and absent keys are null', async () => {
    const path = await fileOf('{"a":1,"b":"01","c":true,"d":"2020-01-05"}\n{"a":null,"c":false,"e":1.5}\n', 'jsonl');
    expect(contentOf(await readTable(path))).toEqual([
      ['a', 'integer', ['1', null]],
      ['b', 'text', ['01', null]],
      ['c', 'boolean', ['True', 'False']],
      ['d', 'timestamp', ['2020-01-05', null]],
      ['e', 'float', [null, '1.5']],
    ]);
  });

  test('Parquet keeps its types; durations, times and bytes become text', async () => {
    const path = await parquetOf(`
      SELECT 1::TINYINT AS a, 18446744073709551615::UBIGINT AS b, 1.25::DECIMAL(9,2) AS c, 1.5::FLOAT AS d, true AS e,
        DATE '2020-01-05' AS f, TIMESTAMP_NS '2020-01-05 10:00:00.123456789' AS g, TIMESTAMPTZ '2020-01-05 10:00:00+03' AS h,
        TIME '10:30:00' AS i, 'x' AS "Name", 'y' AS "nbme", 'a'::ENUM('a','b') AS j, NULL::INTEGER AS k`);
    // DuckDB does not write two names that differ in case alone; other writers do.
    await writeFile(path, Buffer.from((await readFile(path, 'latin1')).replaceAll('nbme', 'name'), 'latin1'));
    expect(contentOf(await readTable(path))).toEqual([
      ['a', 'integer', ['1']],
      ['b', 'integer', ['18446744073709551615']],
      ['c', 'float', ['1.25']],
      ['d', 'float', ['1.5']],
      ['e', 'boolean', ['True']],
      ['f', 'timestamp', ['2020-01-05']],
      ['g', 'timestamp', ['2020-01-05 10:00:00.123456']],
      ['h', 'timestamp', ['2020-01-05 07:00:00']],
      ['i', 'text', ['10:30:00']],
      ['Name', 'text', ['x']],
      ['name', 'text', ['y']],
      ['j', 'text', ['a']],
      ['k', 'integer', [null]],
    ]);
  });

  test('the request may name the format that the ending does not', async () => {
    const path = await fileOf('a\n1\n', 'data');
    expect((await readTable(path, { format: 'csv' })).rows).toBe(1);
    expect(await refusalOf(path)).toMatchObject({ code: 'request_invalid', param: 'table.uri' });
  });
});

describe('columns of the request', () => {
  const people = 'age,city,income\n30,A,1.5\n40,B,2.5\n';

  test('are selected in file order', async () => {
    const path = await fileOf(people);
    const namesOf = async (columns: ReadOptions['columns']) =>
      (await readTable(path, { columns })).columns.map(({ name }) => name);
    expect(await namesOf({ include: ['income', 'age'] })).toEqual(['age', 'income']);
    expect(await namesOf({ exclude: ['city'] })).toEqual(['age', 'income']);
  });

  test('have the types that are declared', async () => {
    const path = await fileOf('a,b,c,d\n01,1,2020-01-05,1\n02,2,2020-01-06 10:00,0\n');
    const table = await readTable(path, { types: { a: 'integer', b: 'text', c: 'timestamp', d: 'float' } });
    expect(contentOf(table)).toEqual([
      ['a', 'integer', ['1', '2']],
      ['b', 'text', ['1', '2']],
      ['c', 'timestamp', ['2020-01-05 00:00:00', '2020-01-06 10:00:00']],
      ['d', 'float', ['1.0', '0.0']],
    ]);
  });

  test('a declared column may be named as SQL names things', async () => {
    const path = await fileOf('{"row":"1","select":"x"}\n', 'jsonl');
    expect(contentOf(await readTable(path, { types: { row: 'integer' } }))).toEqual([
      ['row', 'integer', ['1']],
      ['select', 'text', ['x']],
    ]);
  });

  test.each([
    [{ columns: { encoding: { aeg: 'TABULAR_CATEGORICAL' } } }, 'columns.encoding.aeg', /"age"/],
    [{ columns: { include: ['age', 'ctiy'] } }, 'columns.include[1]', /"city"/],
    [{ columns: { exclude: ['Income'] } }, 'columns.exclude[0]', /"income"/],
    [{ types: { entirely_else: 'text' } }, 'table.types.entirely_else', /no column "entirely_else"\.$/],
  ] as [ReadOptions, string, RegExp][])(
    '%j is refused: the table has no such column',
    async (options, param, message) => {
      const error = await refusalOf(await fileOf(people), options);
      expect(error).toMatchObject({ code: 'column_unknown', param });
      expect(error.message).toMatch(message);
    },
  );

  test('a declared type that a value contradicts is refused, naming the row and not the value', async () => {
    for (const value of ['SECRET', '1.5']) {
      const error = await refusalOf(await fileOf(`n,m\n1,1\n${value},2\n`), { types: { n: 'integer' } });
      expect(error).toMatchObject({ code: 'columns_invalid', param: 'table.types.n' });
      expect(error.message).toContain('row 2');
      expect(error.message).not.toContain(value);
    }
  });

  test('a selection that leaves nothing is refused', async () => {
    const error = await refusalOf(await fileOf(people), { columns: { exclude: ['age', 'city', 'income'] } });
    expect(error).toMatchObject({ code: 'columns_invalid', param: 'columns' });
  });
});

describe('what is no table is refused, without quoting it', () => {
  test.each([
    ['a missing file', async () => join(folder, 'nowhere.csv'), 'file_not_found', /no file/],
    ['a folder', async () => folder, 'not_a_table', /not a file/],
    ['an empty file', async () => await fileOf(''), 'table_empty', /0 bytes/],
    ['an empty first line', async () => await fileOf('\n1,2\n'), 'table_empty', /header/],
    ['a header without rows', async () => await fileOf('a,b\n'), 'table_empty', /no rows/],
    ['Parquet without rows', async () => await parquetOf('SELECT 1 AS a WHERE false'), 'table_empty', /no rows/],
    ['two columns of one name', async () => await fileOf('a,b,a\n1,2,3\n'), 'columns_invalid', /"a"/],
    ['a column without a name', async () => await fileOf('a,,b\n1,2,3\n'), 'columns_invalid', /Column 2 /],
    ['a name of blanks', async () => await fileOf('a, ,b\n1,2,3\n'), 'columns_invalid', /Column 2 /],
    ['too many fields', async () => await fileOf('a,b\n1,2\nSECRET,4,5\n6,7\n'), 'not_a_table', /line 3.*fields/],
    ['too few fields', async () => await fileOf('a,b\n1,2\nSECRET\n6,7\n'), 'not_a_table', /line 3.*fields/],
    ['a title above the header', async () => await fileOf('My SECRET report\n\na,b\n1,2\n'), 'not_a_table', /fields/],
    ['a quote that never ends', async () => await fileOf('a,b\n1,"SECRET\n3,4\n'), 'not_a_table', /quote/],
    [
      'text that is not UTF-8',
      async () => await fileOf(Buffer.from('a,b\nSECRET\xc3\xa9,2\nSECRET\xe9,2\n', 'latin1')),
      'not_a_table',
      /line 3, field 1.*UTF-8/,
    ],
    [
      'bytes',
      async () => await fileOf(Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 1])),
      'not_a_table',
      /not a table/,
    ],
    [
      'a broken line of JSON',
      async () => await fileOf('{"a":1}\n{"SECRET":\n', 'jsonl'),
      'not_a_table',
      /line [23].*JSON/,
    ],
    [
      'nested JSON',
      async () => await fileOf('{"a":1,"b":{"SECRET":[1]}}\n', 'jsonl'),
      'columns_invalid',
      /"b".*nested/,
    ],
    ['nested Parquet', async () => await parquetOf('SELECT 1 AS a, [1, 2] AS b'), 'columns_invalid', /"b".*nested/],
    ['Parquet that is none', async () => await fileOf('a,b\n1,2\n', 'parquet'), 'not_a_table', /Parquet/],
  ])('%s', async (_, make, code, message) => {
    const error = await refusalOf(await make());
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('SECRET');
    expect(error.param).toBe('table.uri');
  });

  const isRoot = process.getuid?.() === 0;
  (isRoot ? test.skip : test)('a file that may not be read', async () => {
    const path = await fileOf('a\n1\n');
    await chmod(path, 0);
    expect(await refusalOf(path)).toMatchObject({ code: 'file_unreadable' });
  });
});

test('a name with signs of a pattern is one file, not many', async () => {
  const [one, two] = [join(folder, 'all-[1]*.csv'), join(folder, 'all-12.csv')];
  await writeFile(one, 'a\n1\n');
  await writeFile(two, 'a\n2\n');
  expect((await readTable(one)).rows).toBe(1);
});
