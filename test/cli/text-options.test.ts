/** Flags that say how a text file is written, each where finding out comes to something else. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Plan } from '../../src/cli/plan-job.js';
import { type Folder, jsonOf, makeFolder, runDxo } from './run-dxo.js';

let folder: Folder;
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(() => folder.remove());

const rows = (lineOf: (row: number) => string): string =>
  Array.from({ length: 40 }, (_, row) => lineOf(row)).join('\n');

test.each<{ what: string; flags: string[]; text: string | Buffer; found: string[]; said: string[] }>([
  {
    what: 'a delimiter that is not looked for',
    flags: ['--delimiter', '^'],
    text: `age^city, town\n${rows((row) => `${row}^Oslo, ${row % 3}`)}\n`,
    found: ['age^city', ' town'],
    said: ['age', 'city, town'],
  },
  {
    what: 'a tab',
    flags: ['--delimiter', '\\t'],
    text: `a,b\tc,d\n${rows((row) => `${row},1\t2,3`)}\n`,
    found: ['a', 'b\tc', 'd'],
    said: ['a,b', 'c,d'],
  },
  {
    what: 'no quote',
    flags: ['--quote', ''],
    text: `"age","city"\n${rows((row) => `${row},Oslo`)}\n`,
    found: ['age', 'city'],
    said: ['"age"', '"city"'],
  },
  {
    what: 'a header of data',
    flags: ['--header'],
    text: `2019,7\n${rows((row) => `${row},${row % 9}`)}\n`,
    found: ['column_1', 'column_2'],
    said: ['2019', '7'],
  },
  {
    what: 'no header',
    flags: ['--no-header'],
    text: `Oslo,x\n${rows((row) => `Rome ${row % 4},y`)}\n`,
    found: ['Oslo', 'x'],
    said: ['column_1', 'column_2'],
  },
  {
    what: 'an encoding',
    flags: ['--text-encoding', 'latin-1'],
    text: Buffer.from(`a\u0080ge,city\n${rows((row) => `${row},Oslo`)}\n`, 'latin1'),
    found: ['a\u20acge', 'city'],
    said: ['a\u0080ge', 'city'],
  },
])('$what is found out otherwise, and taken as $flags says', async ({ flags, text, found, said }) => {
  await writeFile(join(folder.path, 'table.csv'), text);
  const namesOf = async (...more: string[]) => {
    const { columns } = jsonOf<Plan>(await runDxo(folder.path, ['plan', 'table.csv', ...more, '--json']));
    return columns.map(({ column }) => column);
  };
  expect(await namesOf()).toEqual(found);
  expect(await namesOf(...flags)).toEqual(said);
});

test('a flag wins over the request file', async () => {
  await writeFile(join(folder.path, 'table.csv'), `a;b^c\n${rows((row) => `${row};1^2`)}\n`);
  await writeFile(join(folder.path, 'request.json'), JSON.stringify({ table: { uri: 'table.csv', delimiter: ';' } }));
  const args = ['plan', '--request', 'request.json', '--delimiter', '^', '--json'];
  const { columns } = jsonOf<Plan>(await runDxo(folder.path, args));
  expect(columns.map(({ column }) => column)).toEqual(['a;b', 'c']);
});

test('a report reads the real table and the holdout so, and finds out about the synthetic one', async () => {
  const table = (delimiter: string) => `a${delimiter}b\n${rows((row) => `${row}${delimiter}${row % 5}`)}\n`;
  await writeFile(join(folder.path, 'real.csv'), table('^'));
  await writeFile(join(folder.path, 'synthetic.csv'), table(','));
  const report = ['report', 'real.csv', 'synthetic.csv', '--holdout', 'real.csv', '--json'];
  expect((await runDxo(folder.path, report)).stderr).toMatch(/share no column name/);
  expect(jsonOf(await runDxo(folder.path, [...report, '--delimiter', '^']))).toMatchObject({
    overall: 1,
    copiesShare: 1,
  });
});

test.each([
  ['synthesize', ['--delimiter', ';;'], /one character/],
  ['train', ['--quote', "''"], /one character/],
  ['plan', ['--text-encoding', 'ebcdic'], /utf-8.*latin-1/s],
])('%s %j is wrong usage and starts nothing', async (command, flags, says) => {
  const { code, stderr } = await runDxo(folder.path, [command, 'table.csv', ...flags]);
  expect(stderr).toMatch(says);
  expect([code, await folder.names()]).toEqual([2, []]);
});
