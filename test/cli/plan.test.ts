/** A plan shows what would be sent, exactly and honestly, and sends nothing. */
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Plan } from '../../src/cli/plan-job.js';
import { type Folder, jsonOf, makeFolder, runDxo } from './run-dxo.js';

const ROWS = 60;
const RARE = 'Zzyzx-marker';

let folder: Folder;
beforeEach(async () => {
  folder = await makeFolder();
  const rows = Array.from({ length: ROWS }, (_, i) => `${20 + (i % 9)},${['Rome', 'Oslo', 'Bonn'][i % 3]}`);
  await writeFile(join(folder.path, 'people.csv'), `age,city\n${rows.join('\n')}\n41,${RARE}\n`);
});
afterEach(() => folder.remove());

const plan = async (...args: string[]): Promise<Plan> =>
  jsonOf<Plan>(await runDxo(folder.path, ['plan', 'people.csv', ...args, '--json']));

async function digestsOf(name: string): Promise<Record<string, string>> {
  const names = (await readdir(join(folder.path, name))).sort();
  const digests = names.map(async (file) => {
    const bytes = await readFile(join(folder.path, name, file));
    return [file, createHash('sha256').update(bytes).digest('hex')] as const;
  });
  return Object.fromEntries(await Promise.all(digests));
}

test('a plan counts rows, columns, requests and quota', async () => {
  const { columns, requests, ...rest } = await plan('--rows', '25000');
  expect(rest).toMatchObject({ rowsTrained: ROWS + 1, rowsGenerated: 25_000, quotaRows: 25_000 });
  expect(rest.budget).toEqual({ limit: 60, windowSeconds: 60, limitFrom: 'documentation', seconds: 0 });
  expect(requests).toMatchObject({ create: 1, initTraining: 1, train: 1, generate: 3, delete: 1, total: 7 });
  expect(columns.map(({ column, encoding }) => [column, encoding])).toEqual([
    ['age', expect.stringMatching(/^TABULAR_NUMERIC/)],
    ['city', 'TABULAR_CATEGORICAL'],
  ]);
  expect(columns.every(({ why }) => why.length > 10)).toBe(true);
});

test('a plan says that values and codes leave this machine', async () => {
  const answer = await runDxo(folder.path, ['plan', 'people.csv']);
  expect(answer.stdout).toMatch(/Leaves this machine:[\s\S]*clear text[\s\S]*every cell/);
  expect(answer.stdout).toMatch(/city .*3 values as they are/);
  expect(await folder.names()).toEqual(['people.csv']);
});

test('the payload is every body, the same for the same seed, without the rare value', async () => {
  const planned = await plan('--rows', '25000', '--seed', '7', '--payload', 'one');
  await plan('--rows', '25000', '--seed', '7', '--payload', 'two');
  await plan('--rows', '25000', '--seed', '8', '--payload', 'other');
  const [one, two, other] = [await digestsOf('one'), await digestsOf('two'), await digestsOf('other')];
  const names = ['codes', 'create', 'generate-000', 'generate-001', 'generate-002', 'init-training'];
  expect(Object.keys(one)).toEqual(names.map((name) => `${name}.json`));
  expect(two).toEqual(one);
  expect(other['init-training.json']).not.toBe(one['init-training.json']);
  const create = await readFile(join(folder.path, 'one', 'create.json'), 'utf8');
  expect(create).toContain('Oslo');
  expect(create.length).toBe(planned.bytes.create);
  for (const name of Object.keys(one)) {
    expect(await readFile(join(folder.path, 'one', name), 'utf8')).not.toContain(RARE);
  }
});

test('a plan with a table to impute counts its rows and trials, and shows their codes', async () => {
  await writeFile(join(folder.path, 'holes.csv'), 'city,age\nOslo,\n,21\nBonn,22\n');
  const request = { generation: { impute: { X: { uri: 'holes.csv' }, trials: 2 } }, policy: { rowsPerChunk: 2 } };
  await writeFile(join(folder.path, 'impute.json'), JSON.stringify(request));
  const planned = await plan('--request', 'impute.json', '--seed', '7', '--payload', 'bodies');
  expect(planned).toMatchObject({ rowsGenerated: 3, quotaRows: 6, requests: { generate: 4 } });
  expect(planned.leaving.sent.join('\n')).toMatch(/codes of the given cells/);
  const bodies = await Promise.all(
    [0, 1, 2].map(async (i) => JSON.parse(await readFile(join(folder.path, 'bodies', `generate-00${i}.json`), 'utf8'))),
  );
  expect(bodies.map((body) => body.fixed_values['feat:/city__cat'])).toEqual([[2, -1], [2, -1], [1]]);
  expect(bodies[0]).toMatchObject({ imputation_columns: ['age', 'city'], seed: 7 });
  expect(bodies[1].seed).not.toBe(7);
});

test('codes.json has the code of every row, in the order of the table', async () => {
  await plan('--seed', '7', '--payload', 'bodies');
  const codes = JSON.parse(await readFile(join(folder.path, 'bodies', 'codes.json'), 'utf8')) as Record<
    string,
    number[]
  >;
  const cities = codes['feat:/city__cat'] ?? [];
  expect(cities).toHaveLength(ROWS + 1);
  // `<protected>` is code 0; Bonn, Oslo, Rome follow in sorted order.
  expect(cities.slice(0, 4)).toEqual([3, 2, 1, 3]);
  expect(cities.at(-1)).toBe(0);
});

test('a payload never mixes with what is there', async () => {
  const answer = await runDxo(folder.path, ['plan', 'people.csv', '--payload', '.']);
  expect(answer).toMatchObject({ code: 2, stderr: expect.stringContaining('is not empty') });
});
