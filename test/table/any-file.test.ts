/**
 * Whatever a file holds, it is a table or is refused with a typed error that quotes none of it: bytes, half-broken tables of
 * every format, a Parquet file with a byte changed. What is read goes on through analysis and encoding.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { analyze } from '../../src/table/analyze.js';
import { encode } from '../../src/table/encode.js';
import { Random } from '../../src/table/random.js';
import { readTable } from '../../src/table/read.js';
import { subColumnsOf } from '../../src/table/sub-columns.js';
import { writeTable } from '../../src/table/write.js';
import { smallTable } from '../support/small-table.js';

const SEED = 20_261_123;
let folder: string;
let parquet: Uint8Array;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dxo-any-file-'));
  writeFileSync(join(folder, 'small.csv'), smallTable(30));
  await writeTable(await readTable(join(folder, 'small.csv')), join(folder, 'small.parquet'), 'parquet');
  parquet = readFileSync(join(folder, 'small.parquet'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Reads it as far as its codes. @returns the code of the refusal, or `taken` */
async function take(bytes: Uint8Array | string, ending: string): Promise<string> {
  const path = join(folder, `any.${ending}`);
  writeFileSync(path, bytes);
  try {
    const table = await readTable(path);
    const analysis = analyze(table, { protectRare: true, random: new Random(1) });
    const codes = encode(table, analysis, new Random(2));
    expect(codes.size).toBe(new Set(subColumnsOf(analysis).map(({ key }) => key)).size);
    return 'taken';
  } catch (error) {
    expect(error).toMatchObject({ name: 'InputError', param: expect.stringMatching(/^table\./) });
    return (error as { code: string }).code;
  }
}

const cell = fc.oneof(
  fc.constantFrom(
    '',
    '""',
    '"',
    '"a\nb"',
    '"a',
    'a"b',
    '-',
    '1',
    '01',
    '1e999',
    '0x1F',
    'NULL',
    'true',
    '2020-01-01',
    '31/12/2020',
  ),
  fc.constantFrom('\u0000', '\ufeff', '\r', '\t', ';', '{', '}', "'", '#', '\\', '\u2028', '🙂'),
  fc.string({ maxLength: 6 }),
);
const lines = (separator: string) =>
  fc
    .array(
      fc.array(cell, { minLength: 1, maxLength: 4 }).map((cells) => cells.join(separator)),
      { minLength: 1, maxLength: 12 },
    )
    .map((rows) => rows.join('\n'));
const jsonLine = fc.oneof(
  fc
    .dictionary(fc.string({ maxLength: 3 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 })
    .map((value) => JSON.stringify(value)),
  cell,
);

test.each([
  ['csv', lines(',')],
  ['tsv', lines('\t')],
  ['jsonl', fc.array(jsonLine, { maxLength: 6 }).map((rows) => rows.join('\n'))],
  ['csv', fc.uint8Array({ maxLength: 60 })],
  ['jsonl', fc.uint8Array({ maxLength: 60 })],
  ['parquet', fc.uint8Array({ maxLength: 60 })],
] as const)('any %s is a table or refused', async (ending, files: fc.Arbitrary<Uint8Array | string>) => {
  const ends = new Set<string>();
  await fc.assert(
    fc.asyncProperty(files, async (bytes) => {
      ends.add(await take(bytes, ending));
    }),
    { seed: SEED, numRuns: 40 },
  );
  // Otherwise the files would be of one kind, and show little.
  expect(ends.size).toBeGreaterThan(1);
});

test('a Parquet file with a byte changed, or cut off, is a table or refused', async () => {
  const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
  await fc.assert(
    fc.asyncProperty(place, fc.integer({ min: 0, max: 255 }), fc.boolean(), async (share, byte, isCut) => {
      const at = Math.floor(share * parquet.length);
      await take(isCut ? parquet.subarray(0, at) : parquet.with(at, byte), 'parquet');
    }),
    { seed: SEED, numRuns: 60 },
  );
});
