/** `dxo report` as users run it. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Folder, jsonOf, makeFolder, runDxo } from '../cli/run-dxo.js';
import { writeSmallTable } from '../support/small-table.js';

let folder: Folder;
beforeEach(async () => {
  folder = await makeFolder();
  writeSmallTable(folder.path, 'real.csv', 120);
  writeSmallTable(folder.path, 'synthetic.csv', 100);
});
afterEach(() => folder.remove());

const report = (...args: string[]) => runDxo(folder.path, ['report', 'real.csv', 'synthetic.csv', ...args]);

test('it writes the page, says the scores, and starts nothing', async () => {
  const { code, stdout } = await report();
  expect(stdout).toMatch(/^overall \d+\.\d %, columns \d+\.\d %, pairs \d+\.\d %, exact copies 100\.0 %\n$/);
  expect(code).toBe(0);
  expect(await folder.names()).toEqual(['real.csv', 'report.html', 'synthetic.csv']);
});

test('--json is the summary and where the page is', async () => {
  const answer = jsonOf(await report('--json', '--output', 'out/page.html', '--holdout', 'real.csv', '--seed', '3'));
  expect(answer).toEqual({
    output: join(folder.path, 'out', 'page.html'),
    overall: expect.any(Number),
    columns: expect.any(Number),
    pairs: expect.any(Number),
    copiesShare: 1,
  });
  const page = await readFile(join(folder.path, 'out', 'page.html'), 'utf8');
  expect(page).toMatch(/Holdout: <bdi>real\.csv<\/bdi>[\s\S]*drawn with seed 3/);
});

test('--given takes columns out of the scores, one by one', async () => {
  const { code } = await report('--given', 'city', '--given', 'a, b', '--overwrite');
  expect(code).toBe(2);
  expect((await report('--given', 'city', '--given', 'price')).code).toBe(0);
  const page = await readFile(join(folder.path, 'report.html'), 'utf8');
  expect(page).toContain('Given by conditions, not judged: <bdi>city</bdi>, <bdi>price</bdi>.');
});

test('a page that exists is replaced only with --overwrite', async () => {
  await writeFile(join(folder.path, 'report.html'), 'mine');
  const { code, stderr } = await report();
  expect({ code, says: stderr.includes('output_exists') }).toEqual({ code: 2, says: true });
  expect(await readFile(join(folder.path, 'report.html'), 'utf8')).toBe('mine');
  expect((await report('--overwrite')).code).toBe(0);
  expect(await readFile(join(folder.path, 'report.html'), 'utf8')).toContain('<h1>');
});

test.each([
  [['--seed', 'x'], /Give an integer from 0 to 2147483647/],
  [['--holdout', 'missing.csv'], /There is no file .*missing\.csv/],
])('%j is wrong input, said in one sentence, and no page is left', async (args, says) => {
  const { code, stderr } = await report(...args);
  expect(stderr).toMatch(says);
  expect(code).toBe(2);
  expect(await folder.names()).toEqual(['real.csv', 'synthetic.csv']);
});
