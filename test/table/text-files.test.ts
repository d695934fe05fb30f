/** How a text file is written is found out, or said: encoding, delimiter, quote, header, and how it is packed. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { textOf } from '../../src/table/column-text.js';
import { type ReadOptions, readTable } from '../../src/table/read.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dxo-text-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function fileOf(content: string | Uint8Array, ending = 'csv'): Promise<string> {
  files += 1;
  const path = join(folder, `table-${files}.${ending}`);
  await writeFile(path, content);
  return path;
}

/** Names first, then rows, each cell as its text. */
async function recordsOf(path: string, options?: ReadOptions): Promise<(string | null)[][]> {
  const { rows, columns } = await readTable(path, options);
  const cells = columns.map((column) => {
    const { dictionary, indices } = textOf(column);
    return Array.from(indices, (index) => (index < 0 ? null : dictionary[index]!));
  });
  return [columns.map(({ name }) => name), ...Array.from({ length: rows }, (_, row) => cells.map((of) => of[row]!))];
}

const bytesOf = (...parts: (string | number)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part, 'latin1'))));
const utf16 = (text: string, { bigEndian = false } = {}) => {
  const bytes = Buffer.from(text, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
};

describe('the encoding', () => {
  const people = 'näme,città\nZoë 🙂,"Lucca, però"\n';
  const read = [
    ['näme', 'città'],
    ['Zoë 🙂', 'Lucca, però'],
  ];
  test.each<[string, Uint8Array]>([
    ['UTF-8', Buffer.from(people)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${people}`)],
    ['UTF-16 LE with a mark', utf16(`\ufeff${people}`)],
    ['UTF-16 BE with a mark', utf16(`\ufeff${people}`, { bigEndian: true })],
    ['UTF-16 LE without one', utf16(people)],
    ['UTF-16 BE without one', utf16(people, { bigEndian: true })],
  ])('%s is read', async (_, content) => {
    expect(await recordsOf(await fileOf(content))).toEqual(read);
  });

  test('UTF-16 of few Latin letters is read as the request says', async () => {
    const path = await fileOf(utf16('語,名\n語,名\n'));
    expect(await recordsOf(path, { encoding: 'utf-16le' })).toEqual([
      ['語', '名'],
      ['語', '名'],
    ]);
  });

  test('Windows-1252 is found out by what is not UTF-8, anywhere in the file', async () => {
    const content = bytesOf(`word,n\n${'plain,1\n'.repeat(200_000)}`, 0x93, 'caf\xe9', 0x94, ',2\n');
    const records = await recordsOf(await fileOf(content));
    expect(records.length).toBe(200_002);
    expect(records.at(-1)).toEqual(['“café”', '2']);
  });

  test('0x80 to 0x9f are those of Windows-1252, or control characters in Latin-1', async () => {
    const assigned = Array.from({ length: 32 }, (_, i) => i + 0x80).filter(
      (byte) => ![0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(byte),
    );
    const path = await fileOf(bytesOf('c,n\n', ...assigned.flatMap((byte) => [byte, ',1\n'])));
    const textAs = async (options?: ReadOptions) =>
      (await recordsOf(path, options))
        .slice(1)
        .map(([cell]) => cell)
        .join('');
    expect(await textAs()).toBe('€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ');
    expect(await textAs({ encoding: 'latin-1' })).toBe(String.fromCharCode(...assigned));
  });

  test('a long text in UTF-16 keeps the pairs that its pieces cut', async () => {
    const cell = `x${'🙂'.repeat(300_000)}`;
    const content = utf16(`\ufeffa,b\n${`${cell},1\n`.repeat(4)}`);
    const records = await recordsOf(await fileOf(content));
    expect(records.slice(1).every(([read]) => read === cell)).toBe(true);
  });

  test('JSON lines are read in Windows-1252, and with a mark', async () => {
    expect(await recordsOf(await fileOf(Buffer.from('{"é":"ü"}\n', 'latin1'), 'jsonl'))).toEqual([['é'], ['ü']]);
    expect(await recordsOf(await fileOf('\ufeff{"é":"ü"}\n', 'jsonl'))).toEqual([['é'], ['ü']]);
  });

  test.each<[string, Uint8Array, string, RegExp, ReadOptions]>([
    [
      'one wrong byte in UTF-8',
      bytesOf('a,b\n', 0xc3, 0xa9, ',1\n"x\ny",', 0xe9, '\n'),
      'csv',
      /line 4, field 2: .*0xe9 is not UTF-8/,
      {},
    ],
    [
      'UTF-8 cut in a character',
      bytesOf('a,b\n', 0xc3, 0xa9, ',', 0xc3),
      'csv',
      /line 2, field 2: .*0xc3 is not UTF-8/,
      {},
    ],
    ['bytes that no encoding has', bytesOf('a,b\nx,', 0x81, '\n'), 'csv', /line 2, field 2: .*0x81 is not text/, {}],
    ['Latin-1 said to be UTF-8', bytesOf('a\n', 0xe9, '\n'), 'csv', /line 2, field 1: .*UTF-8/, { encoding: 'utf-8' }],
    ['half a pair of UTF-16', utf16('\ufeffa,b\nx,y\ud800\n'), 'csv', /line 2, field 2: .*UTF-16LE/, {}],
    [
      'half a unit of UTF-16',
      Buffer.concat([utf16('\ufeffa,b\nx,y'), Buffer.from([65])]),
      'csv',
      /line 2, field 2/,
      {},
    ],
    [
      'a wrong byte in JSON lines',
      bytesOf('{"a":"', 0xc3, 0xa9, '"}\n{"a":"', 0xe9, '"}\n'),
      'jsonl',
      /line 2: .*0xe9/,
      {},
    ],
  ])('%s is refused with its place', async (_, content, ending, message, options) => {
    const reading = readTable(await fileOf(content, ending), options);
    await expect(reading).rejects.toMatchObject({ code: 'not_a_table', param: 'table.uri' });
    await expect(reading).rejects.toThrow(message);
  });
});

describe('the quote', () => {
  test.each<[string, string, ReadOptions | undefined, (string | null)[]]>([
    ["' that fields stand in", "a,b\n'x,y','it''s'\n", undefined, ['x,y', "it's"]],
    ['" beside an apostrophe', 'a,b\n\'tis,"x,y"\n', undefined, ["'tis", 'x,y']],
    ['none where apostrophes begin words', "a,b\n'tis,'twas\n", undefined, ["'tis", "'twas"]],
    ['what the request says', 'a,b\n~x,y~,z\n', { quote: '~' }, ['x,y', 'z']],
    ['none if the request says so', 'a,b\n"x,y"\n', { quote: '' }, ['"x', 'y"']],
  ])('is %s', async (_, content, options, first) => {
    expect((await recordsOf(await fileOf(content), options))[1]).toEqual(first);
  });
});

describe('the header', () => {
  test.each<[string, string, ReadOptions | undefined, string[]]>([
    [
      'is not there if the first line is as the others',
      '1,x,2020-01-05\n2,y,2020-01-06\n',
      undefined,
      ['column_1', 'column_2', 'column_3'],
    ],
    ['is there if it is text over numbers', 'id,word\n2,y\n', undefined, ['id', 'word']],
    ['is there if all is text', 'x,y\nz,w\n', undefined, ['x', 'y']],
    [
      'is there if it is dates over numbers',
      'id,2020-01-01,2020-02-01\nx,1,2\n',
      undefined,
      ['id', '2020-01-01', '2020-02-01'],
    ],
    ['is what the request says', 'x,y\nz,w\n', { header: false }, ['column_1', 'column_2']],
    ['may be numbers if the request says so', '2019,2020\n1,2\n', { header: true }, ['2019', '2020']],
  ])('%s', async (_, content, options, names) => {
    const records = await recordsOf(await fileOf(content), options);
    expect(records[0]).toEqual(names);
    expect(records.length).toBe(content.split('\n').length - (names[0] === 'column_1' ? 0 : 1));
  });

  test('is asked for where years may be names or data', async () => {
    await expect(readTable(await fileOf('2019,2020\n1,2\n3,4\n'))).rejects.toMatchObject({
      code: 'not_a_table',
      param: 'table.header',
      message: expect.stringContaining('Set table.header'),
    });
  });
});

describe('a packed file', () => {
  const text = `a,b\n${'1,é\n'.repeat(50_000)}`;
  const expectWhole = async (path: string) => expect((await readTable(path)).rows).toBe(50_000);

  async function zstdOf(): Promise<Buffer> {
    const path = join(folder, 'packed.csv.zst');
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    await connection.run(
      `COPY (SELECT range AS a, 'é' || range AS b FROM range(50000)) TO '${path}' (FORMAT csv, COMPRESSION zstd)`,
    );
    connection.closeSync();
    instance.closeSync();
    return await readFile(path);
  }

  test('is known by its first bytes, whatever its name ends in', async () => {
    await expectWhole(await fileOf(gzipSync(text), 'csv.gz'));
    await expectWhole(await fileOf(gzipSync(text)));
    await expectWhole(await fileOf(text, 'csv.gz'));
    await expectWhole(await fileOf(await zstdOf(), 'csv.zst'));
  });

  test('may be gzip in pieces, and in another encoding', async () => {
    const pieces = [text.slice(0, 1_000), text.slice(1_000)].map((piece) => gzipSync(Buffer.from(piece, 'latin1')));
    const path = await fileOf(Buffer.concat(pieces), 'csv.gz');
    await expectWhole(path);
    expect((await recordsOf(path))[1]).toEqual(['1', 'é']);
  });

  test.each([0.1, 0.5, 0.999])('that is cut at %d of its length is refused, not read in part', async (share) => {
    for (const [ending, whole] of [
      ['csv.gz', gzipSync(text)],
      ['csv.zst', await zstdOf()],
    ] as const) {
      const path = await fileOf(whole.subarray(0, Math.floor(whole.length * share)), ending);
      await expect(readTable(path)).rejects.toMatchObject({
        code: 'not_a_table',
        message: expect.stringMatching(/cut off or damaged/),
      });
    }
  });

  test('in zstd is UTF-8', async () => {
    const path = await fileOf(await zstdOf(), 'csv.zst');
    await expect(readTable(path, { encoding: 'latin-1' })).rejects.toMatchObject({ param: 'table.encoding' });
  });

  test('has a format that is packed as a whole', async () => {
    await expect(readTable(await fileOf('x', 'parquet.gz'))).rejects.toThrow(/Name it without \.gz/);
  });
});
