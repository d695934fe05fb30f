/** What is wrong with the files of a request, found in this process. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { checkInput } from '../../src/cli/check-input.js';
import { type RequestFlags, requestOf } from '../../src/cli/request-options.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dxo-input-'));
  await writeFile(join(folder, 'good.csv'), 'age,city\n31,Rome\n32,Oslo\n');
  await writeFile(join(folder, 'notes.docx'), 'age\n1\n');
  await writeFile(join(folder, 'taken.csv'), 'precious');
  await writeFile(join(folder, 'wrong.json'), '{"table": }');
  await writeFile(join(folder, 'misspelt.json'), '{"modle": {}}');
  await mkdir(join(folder, 'a-folder.csv'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const check = async (file: string | undefined, flags: RequestFlags): Promise<void> =>
  checkInput(await requestOf('synthesize', file, flags, folder));

test.each<{ wrong: string; file?: string; flags?: RequestFlags; says: RegExp }>([
  { wrong: 'no table named', says: /A table is needed/ },
  { wrong: 'a folder as table', file: 'a-folder.csv', says: /is a folder/ },
  { wrong: 'an unknown ending', file: 'notes.docx', says: /notes\.docx/ },
  { wrong: 'an unknown encoding', file: 'good.csv', flags: { encoding: ['age=NUMBERS'] }, says: /--encoding \(age\)/ },
  { wrong: '--encoding without a type', file: 'good.csv', flags: { encoding: ['age'] }, says: /column=TYPE/ },
  {
    wrong: 'rows that are no number',
    file: 'good.csv',
    flags: { rows: 'many' },
    says: /--rows must be a whole number/,
  },
  { wrong: 'half a row', file: 'good.csv', flags: { rows: '1.5' }, says: /--rows must be a whole number/ },
  {
    wrong: 'the table as output',
    file: 'good.csv',
    flags: { output: 'good.csv', overwrite: true },
    says: /output\.uri and table\.uri are one file/,
  },
  {
    wrong: 'an output that the pattern of the table matches',
    file: 'go*.csv',
    flags: { output: 'golden.csv' },
    says: /output\.uri is matched by table\.uri/,
  },
  { wrong: 'a pattern that matches nothing', file: 'no*.csv', says: /No file matches .*no\*\.csv/ },
  { wrong: 'an output of an unknown ending', file: 'good.csv', flags: { output: 'out.docx' }, says: /out\.docx/ },
  { wrong: 'a folder as output', file: 'good.csv', flags: { output: 'a-folder.csv' }, says: /is a folder/ },
  { wrong: 'a file as folder', file: 'good.csv', flags: { output: 'taken.csv/out.csv' }, says: /A file stands where/ },
  { wrong: 'a store we cannot read', file: 's3://bucket/a.csv', says: /not s3:\/\// },
  { wrong: 'no request file', flags: { request: 'none.json' }, says: /there is no file .*none\.json/ },
  { wrong: 'a request that is no JSON', flags: { request: 'wrong.json' }, says: /wrong\.json is not JSON/ },
  { wrong: 'a misspelt name', file: 'good.csv', flags: { request: 'misspelt.json' }, says: /modle/ },
])('$wrong is refused', async ({ file, flags = {}, says }) => {
  await expect(check(file, flags)).rejects.toThrow(says);
});

test('a pattern is a table of all that it matches', async () => {
  await writeFile(join(folder, 'good-2.csv'), 'age,city\n33,Bern\n');
  await check('good*.csv', { output: 'out.csv.gz' });
  await writeFile(join(folder, 'good-3.csv'), 'age,town\n33,Bern\n');
  await expect(check('good*.csv', { output: 'out.csv.gz' })).rejects.toThrow(
    /good-3\.csv has another name for column 2/,
  );
});

test('what is right passes, and leaves the folder as it was but for the folder of the output', async () => {
  const before = await readdir(folder);
  await check('good.csv', { output: 'new/out.parquet' });
  expect((await readdir(folder)).filter((name) => !before.includes(name))).toEqual(['new']);
});
