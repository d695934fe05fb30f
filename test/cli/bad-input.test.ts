/** Whatever is wrong with what a user gives is said in a sentence of its own, before anything is started. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Folder, jsonOf, makeFolder, runDxo } from './run-dxo.js';

let folder: Folder;

beforeEach(async () => {
  folder = await makeFolder();
  const write = (name: string, text: string) => writeFile(join(folder.path, name), text);
  await write('good.csv', 'age,city\n31,Rome\n32,Oslo\n');
  await write('header-only.csv', 'age,city\n');
  await write('twice.csv', 'age,age\n1,2\n');
  await write('nameless.csv', 'age,\n1,2\n');
  await write('broken.parquet', 'this is no Parquet');
  await write('taken.csv', 'precious');
});
afterEach(() => folder.remove());

test.each<{ wrong: string; args: string[]; says: RegExp; env?: Record<string, string> }>([
  { wrong: 'no file', args: ['nope.csv'], says: /There is no file .*nope\.csv/ },
  { wrong: 'not a table', args: ['broken.parquet'], says: /broken\.parquet/ },
  { wrong: 'no rows in the table', args: ['header-only.csv'], says: /no rows/ },
  { wrong: 'duplicate columns', args: ['twice.csv'], says: /age/ },
  { wrong: 'a column without a name', args: ['nameless.csv'], says: /name/ },
  {
    wrong: 'an unknown column in --encoding',
    args: ['good.csv', '--encoding', 'agee=TABULAR_CATEGORICAL'],
    says: /agee[\s\S]*age/,
  },
  { wrong: '0 rows', args: ['good.csv', '--rows', '0'], says: /--rows must be a whole number from 1 to 100000000/ },
  { wrong: 'too many rows', args: ['good.csv', '--rows', '100000001'], says: /--rows must be a whole number/ },
  {
    wrong: 'an output that exists',
    args: ['good.csv', '--output', 'taken.csv'],
    says: /taken\.csv exists .*--overwrite/,
  },
  { wrong: 'an id with a slash', args: ['good.csv', '--id', 'a/b'], says: /--id: A job id has letters/ },
  { wrong: 'an unknown option', args: ['good.csv', '--row', '5'], says: /unknown option '--row'/ },
  { wrong: 'a key with a space', args: ['good.csv'], env: { DATAXID_API_KEY: 'dx_live_a b' }, says: /space/ },
  {
    wrong: 'an address without a key',
    args: ['good.csv'],
    env: { DATAXID_BASE_URL: 'https://api.example.com' },
    says: /no key for the real API/,
  },
])('synthesize refuses $wrong with exit code 2 and starts nothing', async ({ args, says, env }) => {
  const answer = await runDxo(folder.path, ['synthesize', ...args], env);
  expect(answer.stderr).toMatch(says);
  expect(answer).toMatchObject({ code: 2, stdout: '' });
  expect(await folder.names()).not.toContain('.dxo');
});

test('all faults of a request are told at once', async () => {
  const args = ['good.csv', '--rows', '0', '--model-size', 'huge', '--seed', '-1', '--on-quota', 'panic'];
  const { stderr, code } = await runDxo(folder.path, ['synthesize', ...args]);
  expect(code).toBe(2);
  for (const flag of ['--rows', '--model-size', 'seed', '--on-quota']) expect(stderr).toContain(flag);
});

test('a refusal is an object too where --json asks for one, and never holds the key', async () => {
  const env = { DATAXID_API_KEY: 'dx_live_secret secret' };
  const answer = await runDxo(folder.path, ['synthesize', 'good.csv', '--json'], env);
  expect(jsonOf(answer)).toMatchObject({ error: { code: 'api_key_malformed' } });
  expect(answer.stdout + answer.stderr).not.toContain('secret');
});

test('a server that does not answer is exit code 3', async () => {
  const env = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const answer = await runDxo(folder.path, ['jobs', 'list'], env);
  expect(answer).toMatchObject({ code: 3, stderr: expect.stringContaining('127.0.0.1:1') });
});

test('a fleet without workers is exit code 3, with what to do', async () => {
  const env = { TEMPORAL_ADDRESS: process.env.TEST_TEMPORAL_ADDRESS ?? '' };
  const answer = await runDxo(folder.path, ['synthesize', 'good.csv'], env);
  expect(answer).toMatchObject({ code: 3, stderr: expect.stringMatching(/No worker polls .*dxo worker/) });
  expect(await folder.names()).not.toContain('.dxo');
});

test('looking for jobs where nothing was started starts nothing', async () => {
  expect(jsonOf(await runDxo(folder.path, ['jobs', 'list', '--json']))).toEqual({ jobs: [] });
  const answer = await runDxo(folder.path, ['jobs', 'show', 'nightly']);
  expect(answer).toMatchObject({ code: 2, stderr: expect.stringContaining('no job nightly') });
  expect(await folder.names()).not.toContain('.dxo');
});
