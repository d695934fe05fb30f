/** The jobs as a backend service runs them: real Temporal, a real worker process, real HTTP to the sandbox. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { JobCancelledError, JobExistsError, JobFailedError } from '../../src/index.js';
import { type Fleet, failureOf, startFleet } from '../support/fleet.js';
import { writeSmallTable } from '../support/small-table.js';
import { until } from '../support/until.js';

let fleet: Fleet;
let table: string;
const ROWS = 200;
const HISTORIES = [
  ...['plain', 'kept', 'again', 'failed', 'long', 'held', 'over'],
  ...['cancel-creating', 'cancel-training', 'cancel-generating', 'cancel-held'],
];

beforeAll(async () => {
  fleet = await startFleet({ histories: HISTORIES });
  table = writeSmallTable(fleet.folder, 'customers.csv', ROWS);
});
afterAll(() => fleet.stop());

const linesOf = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n');
const outputIn = (name: string): { uri: string } => ({ uri: join(fleet.folder, name) });
const ledgerOf = async (modelId: string): Promise<string[]> =>
  (await fleet.sandbox.ledger())
    .filter((entry) => entry.modelId === modelId && entry.effect === 'applied')
    .map(({ call }) => call);

/** Groups of the job that are still in the store, which names them by digests. */
const artifactsOf = ({ id, runId }: { id: string; runId: string }): string[] => {
  const groups = [`${id}/${runId}`, `${id}/${runId}/model`].map((name) =>
    createHash('sha256').update(name).digest('hex').slice(0, 24),
  );
  return readdirSync(join(fleet.folder, 'artifacts')).filter((name) => groups.includes(name));
};

describe('synthesize', () => {
  test('turns a table into a synthetic one with one model, one training and each chunk billed once, and deletes the model', async () => {
    const job = await fleet.client.synthesize(
      {
        table: { uri: table },
        generation: { n_samples: 250 },
        policy: { rowsPerChunk: 100 },
        output: outputIn('plain.csv'),
        seed: 7,
      },
      { id: 'plain' },
    );
    const result = await job.result();
    expect(result).toMatchObject({
      output: { rows: 250, format: 'csv' },
      rowsTrained: ROWS,
      model: { kept: false },
      warnings: [],
    });
    expect(result.training.epochs).toBeGreaterThan(0);

    const lines = linesOf(join(fleet.folder, 'plain.csv'));
    expect(lines).toHaveLength(251);
    expect(lines[0]).toBe('city,age,price,joined_date,active');
    expect(new Set(lines.slice(1).map((line) => line.split(',')[0]))).toEqual(
      new Set(['Ankara', 'Berlin', 'Lisbon', 'Oslo']),
    );

    const calls = await ledgerOf(result.model.id);
    expect(calls.filter((call) => call !== 'get')).toEqual([
      'create',
      'init-training',
      'train',
      'generate',
      'generate',
      'generate',
      'delete',
    ]);
    const billed = (await fleet.sandbox.ledger()).filter(({ modelId }) => modelId === result.model.id);
    expect(billed.reduce((rows, entry) => rows + entry.rowsBilled, 0)).toBe(250);
  });

  test('the same seed gives the same bytes, another seed others', async () => {
    const outputs = await Promise.all(
      [11, 11, 12].map(async (seed, index) => {
        const name = `seed-${index}.csv`;
        const job = await fleet.client.synthesize(
          { table: { uri: table }, seed, output: outputIn(name), policy: { rowsPerChunk: 80 } },
          { id: `seed-${index}` },
        );
        return (await job.result()).output.sha256;
      }),
    );
    expect(outputs[0]).toBe(outputs[1]);
    expect(outputs[0]).not.toBe(outputs[2]);
  });

  test('a model that the request keeps can generate again, and is deleted when asked', async () => {
    const job = await fleet.client.synthesize(
      { table: { uri: table }, output: outputIn('kept.csv'), policy: { keepModel: true } },
      { id: 'kept' },
    );
    const { trained, model } = await job.result();
    expect(model.kept).toBe(true);
    const again = await fleet.client.generate(
      {
        trained: trained!,
        generation: { n_samples: 20 },
        output: outputIn('again.parquet'),
        policy: { keepModel: false },
      },
      { id: 'again' },
    );
    expect(await again.result()).toMatchObject({
      output: { rows: 20, format: 'parquet' },
      model: { id: model.id, kept: false },
    });
  });

  test('the same id attaches to the job that runs, or is refused, as the caller says', async () => {
    const request = { table: { uri: table }, output: outputIn('once.csv') };
    const first = await fleet.client.synthesize(request, { id: 'once' });
    const second = await fleet.client.synthesize(request, { id: 'once' });
    await expect(fleet.client.synthesize(request, { id: 'once', onConflict: 'refuse' })).rejects.toThrow(
      JobExistsError,
    );
    expect(await second.result()).toEqual(await first.result());
  });

  test('an output that is there is left as it is, before a request is spent', async () => {
    const requests = (await fleet.sandbox.ledger()).length;
    const job = await fleet.client.synthesize({ table: { uri: table }, output: { uri: table } }, { id: 'exists' });
    const failure = await failureOf(job);
    expect(failure).toBeInstanceOf(JobFailedError);
    expect(failure).toMatchObject({ code: 'output_exists', param: 'output.uri' });
    expect((await fleet.sandbox.ledger()).length).toBe(requests);
  });

  test('a path outside the roots is refused, with the setting that would allow it', async () => {
    const job = await fleet.client.synthesize(
      { table: { uri: '/etc/passwd' }, output: outputIn('never.csv') },
      { id: 'outside' },
    );
    const failure = await failureOf(job);
    expect(failure).toMatchObject({ code: 'path_not_allowed', param: 'table.uri' });
    expect(failure.message).toContain('DATAXID_READ_ROOTS');
  });

  test('a training that fails ends the job with the reason of the model, which is deleted', async () => {
    await fleet.sandbox.failTraining('loss became NaN at epoch 3');
    const job = await fleet.client.synthesize(
      { table: { uri: table }, output: outputIn('failed.csv') },
      { id: 'failed' },
    );
    const failure = await failureOf(job);
    expect(failure).toMatchObject({ code: 'training_failed' });
    expect(failure.message).toContain('loss became NaN at epoch 3');
  });

  test('a training longer than allowed ends the job with a sentence that says so', async () => {
    const job = await fleet.client.synthesize(
      {
        table: { uri: table },
        model: { timeout: 0.5, max_epochs: 100_000, early_stop_patience: 99_999 },
        output: outputIn('long.csv'),
      },
      { id: 'long' },
    );
    const failure = await failureOf(job);
    expect(failure).toMatchObject({ code: 'training_timeout' });
    expect(failure.message).toContain('model.timeout');
  });
});

describe('quota', () => {
  test('a held job resumes where it was, under new keys, and asks for nothing that it has', async () => {
    await fleet.sandbox.setLimits({ quotaRows: (await fleet.sandbox.summary()).rowsBilled + 100 });
    const job = await fleet.client.synthesize(
      {
        table: { uri: table },
        generation: { n_samples: 300 },
        policy: { rowsPerChunk: 100, onQuota: 'hold' },
        output: outputIn('held.csv'),
      },
      { id: 'held' },
    );
    await until('the job is held', async () => (await job.status()).stage.stage === 'held');
    await fleet.sandbox.setLimits({ quotaRows: 1_000_000 });
    await job.resume();
    const { model } = await job.result();
    const generated = (await fleet.sandbox.ledger()).filter(
      ({ call, modelId }) => call === 'generate' && modelId === model.id,
    );
    expect(generated.filter(({ effect }) => effect === 'applied').map(({ rowsBilled }) => rowsBilled)).toEqual([
      100, 100, 100,
    ]);
    expect(new Set(generated.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(generated.length);
  });

  test('a job that is not held cannot be resumed, and is told so', async () => {
    const job = await fleet.client.synthesize(
      { table: { uri: table }, output: outputIn('running.csv') },
      { id: 'running' },
    );
    await expect(job.resume()).rejects.toThrow(/cannot resume/);
    await job.result();
  });
});

describe('cancel', () => {
  test.each([
    ['preparing', undefined],
    ['creating', { call: 'create', kind: 'slow', seconds: 2 }],
    ['uploading', { call: 'init-training', kind: 'slow', seconds: 20 }],
    ['training', { call: 'train', kind: 'slow', seconds: 20 }],
    ['generating', { call: 'generate', kind: 'slow', seconds: 20 }],
  ] as const)('at %s: the job says cancelled and the model is gone', async (stage, fault) => {
    if (fault !== undefined) await fleet.sandbox.addFaults(fault);
    const id = `cancel-${stage}`;
    const job = await fleet.client.synthesize({ table: { uri: table }, output: outputIn(`${id}.csv`) }, { id });
    if (stage !== 'preparing')
      await until(`the job is ${stage}`, async () => (await job.status()).stage.stage === stage);
    await job.cancel();
    await expect(job.result()).rejects.toThrow(JobCancelledError);
    await fleet.sandbox.clearFaults();
    expect(await fleet.sandbox.models()).toEqual([]);
    expect(artifactsOf(await job.describe())).toEqual([]);
  });
});

// Last, since what the API says of the quota is believed for a minute.
describe('a quota that is used up', () => {
  test('a job that may not hold fails with the advice', async () => {
    await fleet.sandbox.setLimits({ quotaRows: 0 });
    const job = await fleet.client.synthesize({ table: { uri: table }, output: outputIn('over.csv') }, { id: 'over' });
    const failure = await failureOf(job);
    await fleet.sandbox.setLimits({ quotaRows: 1_000_000 });
    expect(failure).toMatchObject({ code: 'quota_exceeded' });
    expect(failure.message).toContain('onQuota');
  });

  test('a job that is held before it has a model is cancelled at once, and leaves none', async () => {
    await fleet.sandbox.setLimits({ quotaRows: 0 });
    const job = await fleet.client.synthesize(
      { table: { uri: table }, policy: { onQuota: 'hold' }, output: outputIn('cancel-held.csv') },
      { id: 'cancel-held' },
    );
    const { until: heldUntil } = await until('the job is held', async () => {
      const { stage } = await job.status();
      return stage.stage === 'held' && stage;
    });
    // The sandbox tells when its period ends; a virtual month at this speed is a matter of hours.
    expect(Date.parse(heldUntil)).toBeGreaterThan(Date.now());
    await job.cancel();
    await expect(job.result()).rejects.toThrow(JobCancelledError);
    await fleet.sandbox.setLimits({ quotaRows: 1_000_000 });
    expect(await fleet.sandbox.models()).toEqual([]);
  });
});
