/**
 * `dxo batch` as a person uses it, on a local stack: plan, run, status, retry. The worker may touch what the manifest names
 * and nothing else.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { BatchResult, ItemResult } from '../../src/contract/batch-results.js';
import { type Folder, jsonOf, makeFolder, type Running, runDxo, startDxo } from '../cli/run-dxo.js';
import { writeSmallTable } from '../support/small-table.js';
import { resultsOf } from './batch-jobs.js';

const ROWS = 40;

let folder: Folder;
let dev: Running;

/** One stack for all commands, which would each start and end their own. */
beforeAll(async () => {
  folder = await makeFolder();
  writeSmallTable(folder.path);
  dev = startDxo(folder.path, ['dev', '--speed', '600', '--json']);
  await dev.said(/Ctrl-C leaves/);
}, 120_000);
afterAll(async () => {
  dev.child.kill('SIGINT');
  await dev.ended;
  await folder.remove();
}, 60_000);

const write = (name: string, lines: readonly string[]): void =>
  writeFileSync(join(folder.path, name), [...lines, ''].join('\n'));

test('plan says what a batch would cost, and every fault of a manifest at once', async () => {
  write('good.csv', [
    'name,table.uri,output.uri,generation.n_samples',
    `a,customers.csv,a.csv,${ROWS}`,
    'b,customers.csv,b.csv,25000',
    'c,customers.csv,c.csv,',
  ]);
  const planned = await runDxo(folder.path, ['batch', 'plan', 'good.csv', '--json']);
  expect(jsonOf(planned)).toMatchObject({
    items: 3,
    rows: 25_040,
    quotaRows: 25_040,
    itemsOfUnknownRows: 1,
    // Each creates, uploads, trains and deletes; one, three and at least one chunk.
    requestsAtLeast: 3 * 4 + 1 + 3 + 1,
    budgets: { default: { limit: 60, seconds: 0 } },
  });
  write('trials.csv', [
    'name,table.uri,output.uri,generation.n_samples,generation.impute.X.uri,generation.impute.trials',
    `d,customers.csv,d.csv,${ROWS},holes.csv,3`,
  ]);
  const trials = ['batch', 'plan', 'trials.csv'];
  expect(jsonOf(await runDxo(folder.path, [...trials, '--json']))).toMatchObject({ rows: ROWS, quotaRows: 3 * ROWS });
  expect((await runDxo(folder.path, trials)).stdout).toMatch(/^Quota +120 rows$/m);
  write('faulty.csv', ['name,table.uri,output.uri', 'a,customers.csv,a.csv', 'a,customers.csv,a.csv', 'b b,,']);
  const refused = await runDxo(folder.path, ['batch', 'run', 'faulty.csv', '--output', 'results.jsonl']);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(
    /faulty\.csv has 5 faults:\n {2}line 3: the name a is taken.*\n {2}line 3: output\.uri/,
  );
  expect(jsonOf<{ jobs: object[] }>(await runDxo(folder.path, ['jobs', 'list', '--json'])).jobs).toEqual([]);
});

test('run writes each output and the manifest of outputs, status tells of failures, retry runs just those', async () => {
  write('tables.yaml', [
    '- {name: north, output: {uri: out/north.csv}}',
    '- {name: south, output: {uri: out/south.csv}}',
    '- {name: lost, table: {uri: missing.csv}, output: {uri: out/lost.csv}}',
  ]);
  write('defaults.yaml', ['table: {uri: customers.csv}', `generation: {n_samples: ${ROWS}}`, 'model: {max_epochs: 2}']);
  const flags = ['--defaults', 'defaults.yaml', '--seed', '7', '--output', 'results.jsonl', '--id', 'tables'];
  const ran = await runDxo(folder.path, ['batch', 'run', 'tables.yaml', ...flags, '--json']);
  expect(ran.code).toBe(1);
  expect(jsonOf<BatchResult>(ran)).toMatchObject({
    id: 'tables',
    counts: { items: 3, done: 2, failed: 1 },
    rows: 2 * ROWS,
    failures: [{ name: 'lost', code: 'file_not_found' }],
  });
  const written = resultsOf(join(folder.path, 'results.jsonl'));
  expect(written.map(({ name, status }: ItemResult) => `${name} ${status}`)).toEqual([
    'north done',
    'south done',
    'lost failed',
  ]);
  const north = readFileSync(join(folder.path, 'out/north.csv'), 'utf8');
  expect(north.trimEnd().split('\n')).toHaveLength(ROWS + 1);

  const status = await runDxo(folder.path, ['batch', 'status', 'tables']);
  expect(status.stdout).toMatch(/^tables {2}batch {2}completed/);
  expect(status.stdout).toMatch(/2 of 3 done, 1 failed/);
  expect(status.stdout).toMatch(/ITEM +CODE +WHY\nlost +file_not_found +There is no file .*missing\.csv/);
  expect(status.stdout).toMatch(/dxo batch retry tables/);

  writeSmallTable(folder.path, 'missing.csv');
  const waited = await runDxo(folder.path, ['jobs', 'wait', 'tables']);
  expect(waited).toMatchObject({ code: 1, stdout: expect.stringContaining('retry the rest: dxo batch retry tables') });
  const retried = await runDxo(folder.path, ['batch', 'retry', 'tables', '--json']);
  expect(retried.stderr).toMatch(/batch tables-retry-1 started/);
  expect(retried.code).toBe(0);
  expect(jsonOf<BatchResult>(retried)).toMatchObject({ counts: { items: 3, done: 3, failed: 0 }, rows: ROWS });
  expect(resultsOf(join(folder.path, 'results.jsonl')).map(({ status: end }) => end)).toEqual(['done', 'done', 'done']);
  expect(readFileSync(join(folder.path, 'out/north.csv'), 'utf8')).toBe(north);

  const nothing = await runDxo(folder.path, ['batch', 'retry', 'tables-retry-1']);
  expect(nothing).toMatchObject({ code: 2, stderr: expect.stringMatching(/all of its items are done/) });
  const again = await runDxo(folder.path, ['batch', 'run', 'tables.yaml', ...flags]);
  expect(again.code).toBe(2);
  expect(again.stderr).toMatch(/results\.jsonl exists and is left as it is/);
});
