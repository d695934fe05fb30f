/**
 * What jobs leave behind when they are stopped without a chance to clean up, and a reap that finds all of it: jobs on a real
 * server are terminated at random events of theirs, drawn from a seed. `REAP_JOBS=50 REAP_SEED=7` makes it a longer run.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { readHistory } from '../../src/activities/job-history.js';
import { stepsDoneBy } from '../../src/activities/steps-done.js';
import type { ReapInput, ReapReport } from '../../src/contract/reap.js';
import type { JobHandle, SynthesizeInput, SynthesizeResult, TrainedModel } from '../../src/index.js';
import { apiCaller, createBodyOf } from '../sandbox/api-caller.js';
import { type Fleet, startFleet } from '../support/fleet.js';
import { randomOf } from '../support/random-of.js';
import { writeSmallTable } from '../support/small-table.js';
import { until } from '../support/until.js';

const JOBS = Number(process.env.REAP_JOBS ?? 10);
const SEED = Number(process.env.REAP_SEED ?? 1);
/** About as long as the history of such a job is when it generates its last chunk. */
const EVENTS = 75;
/** Jobs under way at once. */
const LANES = 10;

let fleet: Fleet;
let table: string;
beforeAll(async () => {
  fleet = await startFleet({ rateLimit: 10_000, histories: ['reap-1', 'reap-2', 'reap-5'] });
  table = writeSmallTable(fleet.folder);
});
beforeEach(() => fleet.sandbox.reset());
afterEach(() => fleet.sandbox.clearFaults());
afterAll(() => fleet.stop());

const start = (id: string, request: Partial<SynthesizeInput> = {}): Promise<JobHandle<SynthesizeResult>> =>
  fleet.client.synthesize(
    { table: { uri: table }, output: { uri: join(fleet.folder, `${id}.csv`) }, seed: 1, ...request },
    { id },
  );
const terminate = (id: string): Promise<unknown> => fleet.client.temporal.workflow.getHandle(id).terminate('a test');
const aliveModels = async (): Promise<string[]> => (await fleet.sandbox.models()).map(({ id }) => id).sort();
const artifactGroups = (): string[] => readdirSync(String(fleet.env.DATAXID_ARTIFACTS));

let reaps = 0;
async function reap(request: ReapInput = {}): Promise<ReapReport> {
  reaps += 1;
  return (await fleet.client.reap(request, { id: `reap-${reaps}` })).result();
}
/** Visibility lags a moment behind. */
const isListed = (query: string, count: number): Promise<unknown> =>
  until(`${count} of ${query}`, async () => (await fleet.client.temporal.workflow.count(query)).count === count);
const ended = (prefix: string, count: number): Promise<unknown> =>
  isListed(`WorkflowId STARTS_WITH '${prefix}' AND ExecutionStatus != 'Running'`, count);

test(`${JOBS} jobs terminated at random moments: a dry run tells, a reap deletes, what is kept stays`, async () => {
  const kept = await start('kept', { policy: { keepModel: true } });
  const keptModel = (await kept.result()).model.id;
  const random = randomOf(SEED);
  const moments = Array.from({ length: JOBS }, () => Math.ceil(random() * EVENTS));
  const indexes = moments.keys();
  const lane = async (): Promise<void> => {
    for (const index of indexes) {
      const id = `stopped-${index}`;
      await start(id, { generation: { n_samples: 40 }, policy: { rowsPerChunk: 10 } });
      await until(`${id} has ${moments[index]} events`, async () => {
        const { historyLength, status } = await fleet.client.temporal.workflow.getHandle(id).describe();
        return status.name !== 'RUNNING' || historyLength >= moments[index]!;
      });
      await terminate(id).catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  await ended('stopped-', JOBS);
  const before = await aliveModels();
  expect(before.length).toBeGreaterThan(1);

  const requestsBefore = (await fleet.sandbox.ledger()).length;
  const told = await reap({ dryRun: true });
  const asked = (await fleet.sandbox.ledger()).slice(requestsBefore);
  expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /v1/models']);
  expect(told.requests).toBe(1);
  expect(await aliveModels()).toEqual(before);

  const report = await reap();
  expect(await aliveModels()).toEqual([keptModel]);
  expect(report.counts.unknown).toBe(0);
  expect(report.deleted.map(({ modelId }) => modelId)).toEqual(
    expect.arrayContaining(told.leftOver.map(({ modelId }) => modelId)),
  );
  // The kept model's metadata, and nothing else.
  expect(artifactGroups()).toHaveLength(1);
  expect(await reap()).toMatchObject({ counts: { deleted: 0, leftOver: 0, unknown: 0 } });
  await fleet.sandbox.deleteModel(keptModel);
}, 120_000);

test('a creation that nobody heard the answer of: asked again under its key, and what it made is deleted', async () => {
  await fleet.sandbox.addFaults({ call: 'create', kind: 'reset-after', times: 100 });
  await start('unheard');
  await until('it was created', async () => (await aliveModels()).length === 1);
  await terminate('unheard');
  await fleet.sandbox.clearFaults();
  await ended('unheard', 1);
  const [model] = await aliveModels();
  const told = await reap({ dryRun: true });
  expect(told).toMatchObject({ unknown: [{ job: 'unheard' }], unaccounted: [model] });
  expect(await reap()).toMatchObject({ deleted: [{ modelId: model, job: 'unheard' }], counts: { unknown: 0 } });
  expect(await aliveModels()).toEqual([]);
  const creations = (await fleet.sandbox.ledger()).filter(({ call }) => call === 'create');
  expect(new Set(creations.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  expect(creations.filter(({ effect }) => effect === 'applied')).toHaveLength(1);
});

test('a creation that the API refused at its first and only try made nothing: it is neither told nor asked again', async () => {
  await fleet.sandbox.addFaults({ call: 'create', kind: 'error', code: 'api_key_invalid', nth: 1 });
  await expect((await start('unwelcome')).result()).rejects.toMatchObject({ code: 'api_key_invalid' });
  await ended('unwelcome', 1);
  expect((await reap()).counts).toEqual({ deleted: 0, leftOver: 0, kept: 0, unknown: 0 });
  expect((await fleet.sandbox.ledger()).filter(({ call }) => call === 'create')).toHaveLength(1);
});

test('a creation that was refused after a request that nobody heard of: the same answer once more is proof that none was made', async () => {
  await fleet.sandbox.addFaults(
    { call: 'create', kind: 'reset-before', nth: 1 },
    { call: 'create', kind: 'error', code: 'parameter_invalid', nth: 2 },
    { call: 'create', kind: 'error', code: 'api_key_invalid', nth: 3 },
    { call: 'create', kind: 'error', code: 'parameter_invalid', nth: 4 },
  );
  await expect((await start('answered-late')).result()).rejects.toMatchObject({ code: 'creation_unknown' });
  await ended('answered-late', 1);
  const report = await reap();
  expect(report).toMatchObject({ unknown: [{ job: 'answered-late' }], counts: { deleted: 0, unknown: 1 } });
  expect(report.unknown[0]?.what).toMatch(/Asked again: .*api_key_invalid/);
  for (let times = 0; times < 2; times += 1)
    expect(await reap()).toMatchObject({ unknown: [], counts: { deleted: 0, leftOver: 0, kept: 0 } });
  expect((await fleet.sandbox.ledger()).filter(({ call }) => call === 'create')).toHaveLength(4);
});

test('a model that a job works with, or that no job of ours made, is left alone', async () => {
  const stray = await strayModel();
  await fleet.sandbox.addFaults({ call: 'generate', kind: 'slow', seconds: 4 });
  await start('left');
  await until('it generates', async () => {
    const { stage } = await (await fleet.client.getHandle('left')).status();
    return stage.stage === 'generating';
  });
  const trained = await trainedBy('left');
  const user = await fleet.client.generate(
    { trained, output: { uri: join(fleet.folder, 'user.csv') }, policy: { keepModel: false } },
    { id: 'user' },
  );
  await terminate('left');
  await ended('left', 1);
  const report = await reap();
  expect(report).toMatchObject({ deleted: [], kept: [{ modelId: trained.modelId, job: 'user' }] });
  expect((await aliveModels()).sort()).toEqual([stray, trained.modelId].sort());
  await fleet.sandbox.clearFaults();
  await user.result();
  expect(await reap()).toMatchObject({ counts: { deleted: 0, leftOver: 0, kept: 0, unknown: 0 } });
  expect(await aliveModels()).toEqual([stray]);
  await fleet.sandbox.deleteModel(stray);
});

test.each([404, 405])('without a list (%d) each model is looked at', async (status) => {
  await fleet.sandbox.addFaults({ call: 'list', kind: 'status', status, times: 1 });
  await stopInTraining(`listless-${status}`);
  const before = (await fleet.sandbox.ledger()).length;
  expect((await reap()).counts).toEqual({ deleted: 1, leftOver: 0, kept: 0, unknown: 0 });
  const calls = (await fleet.sandbox.ledger()).slice(before).map(({ call }) => call);
  expect(calls).toContain('get');
  expect(await aliveModels()).toEqual([]);
});

test('a model that could not be deleted is told, and the next reap tries again', async () => {
  await stopInTraining('refused');
  await fleet.sandbox.addFaults({ call: 'delete', kind: 'error', code: 'api_key_invalid', times: 1 });
  expect(await reap()).toMatchObject({
    leftOver: [{ job: 'refused', why: expect.stringContaining('DATAXID_API_KEY') }],
    counts: { deleted: 0 },
  });
  expect((await reap()).counts).toEqual({ deleted: 1, leftOver: 0, kept: 0, unknown: 0 });
});

test('a terminated job that was to keep its model keeps it', async () => {
  await stopInTraining('meant', { policy: { keepModel: true } });
  const [model] = await aliveModels();
  expect(await reap()).toMatchObject({ deleted: [], kept: [{ modelId: model, job: 'meant' }] });
  await fleet.sandbox.deleteModel(String(model));
  expect((await reap()).counts).toEqual({ deleted: 0, leftOver: 0, kept: 0, unknown: 0 });
});

async function stopInTraining(id: string, request: Partial<SynthesizeInput> = {}): Promise<void> {
  await fleet.sandbox.addFaults({ call: 'train', kind: 'slow', seconds: 2 });
  await start(id, request);
  await until('it has a model', async () =>
    (await fleet.sandbox.ledger()).some(({ call }) => call === 'init-training'),
  );
  await terminate(id);
  await ended(id, 1);
}

/** A model of the account that was made without us. */
async function strayModel(): Promise<string> {
  const { json } = await apiCaller(fleet.sandbox.url).call('POST', '/v1/models', createBodyOf({ city: 4 }), {
    key: String(fleet.env.DATAXID_API_KEY),
  });
  return json.data.id;
}

/** What the job's history says of its model. */
async function trainedBy(id: string): Promise<TrainedModel> {
  const history = readHistory(await fleet.client.temporal.workflow.getHandle(id).fetchHistory());
  const { prepared, model } = stepsDoneBy(id, history, Date.now());
  if (prepared === undefined || model === undefined) throw new Error(`${id} has no model`);
  return { account: 'default', modelId: model.id, metadata: prepared.metadata, rows: prepared.rows };
}
