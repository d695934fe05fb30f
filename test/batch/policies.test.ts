/** What ends a batch and what does not: failed items, their number, the quota, the key, a cancel; and what is written then. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { BatchInput } from '../../src/contract/batch.js';
import type { BatchMemo } from '../../src/contract/batch-results.js';
import type { TrainedModel } from '../../src/contract/requests.js';
import { JobCancelledError } from '../../src/index.js';
import { type Fleet, failureOf, startFleet } from '../support/fleet.js';
import { until } from '../support/until.js';
import { resultsOf, startBatch, statusOf, trainModel, writeManifest } from './batch-jobs.js';

let fleet: Fleet;
let trained: TrainedModel;

beforeAll(async () => {
  fleet = await startFleet({
    speed: 600,
    histories: ['model', 'partly', 'partly-retry-1', 'fast', 'most', 'cancelled', 'wider', 'keeping-retry-1', 'quota'],
  });
  trained = await trainModel(fleet);
});
afterEach(async () => {
  await fleet.sandbox.clearFaults();
  await fleet.sandbox.setLimits({ quotaRows: 1_000_000 });
});
afterAll(async () => {
  await fleet.sandbox.deleteModel(trained.modelId);
  await fleet.stop();
});

/** A batch of `items` generate items whose manifest of outputs is `<id>-results.jsonl`. */
const request = (id: string, items: number, policy: NonNullable<BatchInput['policy']> = {}): BatchInput => ({
  kind: 'generate',
  manifest: { uri: writeManifest(fleet, id, items) },
  defaults: { trained },
  output: { uri: resultsPath(id) },
  policy,
});
const resultsPath = (id: string): string => join(fleet.folder, `${id}-results.jsonl`);
const statusesOf = (id: string): string[] => resultsOf(resultsPath(id)).map(({ status }) => status);
const generations = async (): Promise<number> =>
  (await fleet.sandbox.ledger()).filter(({ call, effect }) => call === 'generate' && effect === 'applied').length;
const memoOf = async (id: string): Promise<BatchMemo> =>
  (await fleet.client.temporal.workflow.getHandle(id).describe()).memo?.batch as BatchMemo;

test('a batch goes on past failed items, and a retry runs just those into one manifest of outputs', async () => {
  await fleet.sandbox.addFaults(
    { call: 'generate', kind: 'error', code: 'parameter_invalid', nth: 2 },
    { call: 'generate', kind: 'error', code: 'parameter_invalid', nth: 5 },
  );
  const batch = await startBatch(fleet, 'partly', request('partly', 8));
  const result = await batch.result();
  expect(result).toMatchObject({
    failures: [{ code: 'parameter_invalid' }, { code: 'parameter_invalid' }],
    counts: { items: 8, done: 6, failed: 2, running: 0, waiting: 0 },
  });
  const failed = resultsOf(resultsPath('partly')).filter(({ status }) => status === 'failed');
  expect(failed.map(({ name }) => name).sort()).toEqual(result.failures.map(({ name }) => name).sort());
  expect(failed[0]).toMatchObject({
    attempts: 1,
    job: `partly.${failed[0]?.name}`,
    error: { code: 'parameter_invalid' },
  });
  expect((await statusOf(fleet, 'partly')).failures).toHaveLength(2);

  const before = await generations();
  const { request: asRead, items, outcomes } = await memoOf('partly');
  const retry = await startBatch(fleet, 'partly-retry-1', {
    ...asRead,
    output: { ...asRead.output, overwrite: true },
    retryOf: { items: items!, outcomes },
  });
  expect((await retry.result()).counts).toMatchObject({ items: 8, done: 8, failed: 0 });
  expect((await generations()) - before).toBe(2);
  const lines = resultsOf(resultsPath('partly'));
  expect(lines.map(({ status }) => status)).toEqual(Array(8).fill('done'));
  expect(lines.every(({ output }) => existsSync(output!.uri))).toBe(true);
  expect(lines.filter(({ job }) => job?.startsWith('partly-retry-1.')).map(({ name }) => name)).toEqual(
    failed.map(({ name }) => name),
  );
});

test('fail-fast: the first failed item cancels what is under way, and begins nothing more', async () => {
  await fleet.sandbox.addFaults(
    { call: 'generate', kind: 'error', code: 'parameter_invalid', nth: 1 },
    { call: 'generate', kind: 'slow', seconds: 60, every: 1 },
  );
  const batch = await startBatch(fleet, 'fast', request('fast', 10, { atOnce: 3, onFailure: 'fail-fast' }));
  const failure = await failureOf(batch);
  expect(failure).toMatchObject({ code: 'batch_failed' });
  expect(failure.message).toMatch(/fails fast.* 0 of 10 items are done, 1 failed, 9 were not run or cancelled/);
  expect(failure.message).toContain(resultsPath('fast'));
  const statuses = statusesOf('fast');
  expect(statuses.slice(0, 3).sort()).toEqual(['cancelled', 'cancelled', 'failed']);
  expect(statuses.slice(3)).toEqual(Array(7).fill('not_run'));
  const jobs = (await fleet.client.list({ limit: 100 })).filter(({ id }) => id.startsWith('fast.'));
  expect(jobs.filter(({ status }) => status === 'RUNNING')).toEqual([]);
});

test('maxFailures: one more failed item than allowed ends the batch', async () => {
  await fleet.sandbox.addFaults({ call: 'generate', kind: 'error', code: 'parameter_invalid', every: 1 });
  const batch = await startBatch(fleet, 'most', request('most', 10, { atOnce: 1, maxFailures: 2 }));
  const failure = await failureOf(batch);
  expect(failure).toMatchObject({ code: 'batch_failed' });
  expect(failure.message).toMatch(/3 items failed, more than policy.maxFailures allows \(2\)/);
  expect(statusesOf('most')).toEqual([...Array(3).fill('failed'), ...Array(7).fill('not_run')]);
});

test('a revoked key stops the batch: no other item could succeed either', async () => {
  await fleet.sandbox.addFaults({ call: 'generate', kind: 'error', code: 'api_key_invalid', every: 1 });
  const failure = await failureOf(await startBatch(fleet, 'key', request('key', 30, { atOnce: 2 })));
  expect(failure).toMatchObject({ code: 'api_key_invalid' });
  expect(statusesOf('key').filter((status) => status === 'not_run').length).toBeGreaterThanOrEqual(20);
});

test('a batch that asks for more rows than the quota has left is refused before anything starts', async () => {
  const before = (await fleet.sandbox.ledger()).length;
  const failure = await failureOf(await startBatch(fleet, 'over', request('over', 10, { quotaRows: 199 })));
  expect(failure).toMatchObject({ code: 'batch_over_quota', param: 'policy.quotaRows' });
  expect(failure.message).toMatch(/asks for 200 rows of quota; 199 are left .*1 too many/);
  expect((await fleet.sandbox.ledger()).length).toBe(before);
  expect(existsSync(resultsPath('over'))).toBe(false);
});

test('rows that are asked for by several trials count against the quota each time', async () => {
  writeFileSync(join(fleet.folder, 'holes.csv'), 'city,age\n,30\nOslo,\n');
  const impute = { X: { uri: join(fleet.folder, 'holes.csv') }, trials: 3 };
  const over = { ...request('trials', 10, { quotaRows: 599 }), defaults: { trained, generation: { impute } } };
  const failure = await failureOf(await startBatch(fleet, 'trials', over));
  expect(failure).toMatchObject({ code: 'batch_over_quota' });
  expect(failure.message).toMatch(/asks for 600 rows of quota; 599 are left .*1 too many/);
});

test('a cancel ends the jobs under way, waits for them, and writes what was done', async () => {
  const batch = await startBatch(fleet, 'cancelled', request('cancelled', 60, { atOnce: 2 }));
  await until('two items done', async () => (await statusOf(fleet, 'cancelled')).counts.done >= 2);
  await fleet.sandbox.addFaults({ call: 'generate', kind: 'slow', seconds: 60, every: 1 });
  await until('one that hangs', async () => (await fleet.sandbox.summary()).requestsInFlight > 0);
  await batch.cancel({ reason: 'wrong manifest' });
  expect(await failureOf(batch)).toBeInstanceOf(JobCancelledError);
  const statuses = statusesOf('cancelled');
  expect(resultsOf(resultsPath('cancelled')).filter(({ status }) => status === 'failed')).toEqual([]);
  const [done, cancelled] = ['done', 'cancelled'].map((end) => statuses.filter((status) => status === end).length);
  expect(done).toBeGreaterThanOrEqual(2);
  expect(cancelled).toBeGreaterThanOrEqual(1);
  expect(statuses.slice(done! + cancelled!)).toEqual(Array(60 - done! - cancelled!).fill('not_run'));
  expect((await statusOf(fleet, 'cancelled')).stage).toEqual({ stage: 'cancelled', message: 'wrong manifest' });
  const jobs = (await fleet.client.list({ limit: 500 })).filter(({ id }) => id.startsWith('cancelled.'));
  expect(jobs.filter(({ status }) => status === 'COMPLETED')).toHaveLength(done!);
  expect(jobs.filter(({ status }) => status !== 'COMPLETED' && status !== 'CANCELLED')).toEqual([]);
});

test('setConcurrency: a running batch takes more items at once from then on', async () => {
  await fleet.sandbox.addFaults({ call: 'generate', kind: 'slow', seconds: 60, every: 1 });
  const batch = await startBatch(fleet, 'wider', request('wider', 10, { atOnce: 1 }));
  await until('one under way', async () => (await statusOf(fleet, 'wider')).counts.running === 1);
  const update = (input: object) =>
    fleet.client.temporal.workflow.getHandle('wider').executeUpdate('setConcurrency', { args: [input] });
  await expect(update({ atOnce: 0 })).rejects.toThrow();
  expect(await update({ atOnce: 4 })).toMatchObject({ atOnce: 4, counts: { items: 10 } });
  await until('four under way', async () => (await statusOf(fleet, 'wider')).counts.running === 4);
  await batch.cancel();
  expect(await failureOf(batch)).toBeInstanceOf(JobCancelledError);
});

test('an item whose training failed is tried again', async () => {
  const table = join(fleet.folder, 'customers.csv');
  const manifest = join(fleet.folder, 'again.csv');
  const outputs = ['one', 'two'].map((name) => `${name},${table},${join(fleet.folder, `again-${name}.csv`)},30`);
  writeFileSync(manifest, ['name,table.uri,output.uri,generation.n_samples', ...outputs, ''].join('\n'));
  await fleet.sandbox.failTraining('out of memory', 1);
  const batch = await startBatch(fleet, 'again', {
    manifest: { uri: manifest },
    defaults: { model: { max_epochs: 2 } },
    output: { uri: resultsPath('again') },
    policy: { atOnce: 1 },
  });
  expect((await batch.result()).counts).toMatchObject({ items: 2, done: 2 });
  expect(resultsOf(resultsPath('again')).map(({ attempts }) => attempts)).toEqual([2, 1]);
  expect(readFileSync(join(fleet.folder, 'again-one.csv'), 'utf8').trimEnd().split('\n')).toHaveLength(31);
});

test('an item that keeps what it made: the retry of the batch trains nothing again', async () => {
  const table = join(fleet.folder, 'customers.csv');
  const manifest = join(fleet.folder, 'keeping.csv');
  const item = `one,${table},${join(fleet.folder, 'keeping-one.csv')},30`;
  writeFileSync(manifest, ['name,table.uri,output.uri,generation.n_samples', item, ''].join('\n'));
  await fleet.sandbox.addFaults({ call: 'generate', kind: 'error', code: 'parameter_invalid', nth: 1 });
  const before = await fleet.sandbox.summary();
  const batch = await startBatch(fleet, 'keeping', {
    manifest: { uri: manifest },
    defaults: { model: { max_epochs: 2 }, policy: { keepOnFailure: true } },
    output: { uri: resultsPath('keeping') },
  });
  expect((await batch.result()).counts).toMatchObject({ done: 0, failed: 1 });
  const { request: asRead, items, outcomes } = await memoOf('keeping');
  const retry = await startBatch(fleet, 'keeping-retry-1', {
    ...asRead,
    output: { ...asRead.output, overwrite: true },
    retryOf: { items: items!, outcomes },
  });
  expect((await retry.result()).counts).toMatchObject({ done: 1, failed: 0 });
  const after = await fleet.sandbox.summary();
  expect(after.trainingsStarted - before.trainingsStarted).toBe(1);
  expect(after.modelsAlive).toBe(before.modelsAlive);
});

test('a manifest with faults starts nothing, and every fault is told with its line', async () => {
  const manifest = join(fleet.folder, 'faulty.jsonl');
  writeFileSync(
    manifest,
    [
      '{"name": "a", "output": {"uri": "a.csv"}}',
      '{"name": "a", "output": {"uri": "b.csv"}}',
      'not json: secret',
      '{"name": "c", "output": {"uri": "a.csv"}, "generation": {"n_samples": -1}}',
    ].join('\n'),
  );
  const before = (await fleet.sandbox.ledger()).length;
  const batch = await startBatch(fleet, 'faulty', {
    kind: 'generate',
    manifest: { uri: manifest },
    defaults: { trained },
    output: { uri: resultsPath('faulty') },
  });
  const failure = await failureOf(batch);
  expect(failure).toMatchObject({ code: 'manifest_invalid', param: 'manifest.uri' });
  expect(failure.message).toMatch(/3 faults, and nothing was started: line 2: the name a is taken.*line 3.*line 4/);
  expect(failure.message).not.toContain('secret');
  expect((await statusOf(fleet, 'faulty')).faults).toHaveLength(3);
  expect((await fleet.sandbox.ledger()).length).toBe(before);
});

// Last: what it teaches of the quota is believed for a while.
test('a quota that ends in the middle stops the batch: no other item could succeed either', async () => {
  const { rowsBilled } = await fleet.sandbox.summary();
  await fleet.sandbox.setLimits({ quotaRows: rowsBilled + 45 });
  const batch = await startBatch(fleet, 'quota', request('quota', 30, { atOnce: 2 }));
  const failure = await failureOf(batch);
  expect(failure).toMatchObject({ code: 'quota_exceeded' });
  const statuses = statusesOf('quota');
  expect(statuses.filter((status) => status === 'done')).toHaveLength(2);
  expect(statuses.filter((status) => status === 'not_run').length).toBeGreaterThanOrEqual(20);
});
