/**
 * The API remembers an idempotency key for 24 hours. A step that was applied, whose answer was lost, and whose worker comes back
 * later than that, is never simply repeated: where the API can say what it has, it is asked; else a person is.
 */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { JobHandle, SynthesizeResult } from '../../src/index.js';
import { type Fleet, failureOf, startFleet } from '../support/fleet.js';
import { writeSmallTable } from '../support/small-table.js';
import { until } from '../support/until.js';

const DAY_S = 24 * 3_600;
/** Here a key is used for so long, and the sandbox's clock is set forward by a day. */
const KEY_USE_S = 1;
const ROWS = 20;

let fleet: Fleet;
let table: string;
beforeAll(async () => {
  fleet = await startFleet({
    env: { DATAXID_KEY_USE_SECONDS: String(KEY_USE_S) },
    histories: ['day-train', 'day-upload', 'day-generate', 'day-create', 'day-cancel'],
  });
  table = writeSmallTable(fleet.folder);
});
beforeEach(() => fleet.sandbox.reset());
afterEach(() => fleet.sandbox.clearFaults());
afterAll(() => fleet.stop());

const applied = async (call: string): Promise<number> =>
  (await fleet.sandbox.ledger()).filter((entry) => entry.call === call && entry.effect === 'applied').length;

/** A job whose call took effect, while its worker died; a day later a worker is back. */
async function aDayLater(id: string, call: 'create' | 'init-training' | 'train' | 'generate') {
  await fleet.sandbox.addFaults({ call, kind: 'slow', seconds: 3_600, after: true, nth: 1 });
  const job: JobHandle<SynthesizeResult> = await fleet.client.synthesize(
    { table: { uri: table }, output: { uri: join(fleet.folder, `${id}.csv`) }, generation: { n_samples: ROWS } },
    { id },
  );
  await until(`${call} has been applied`, async () => (await applied(call)) === 1);
  await fleet.worker().kill('SIGKILL');
  await fleet.sandbox.clearFaults();
  await fleet.sandbox.advanceClock(DAY_S + 1);
  await new Promise((resolve) => setTimeout(resolve, KEY_USE_S * 1_000));
  await fleet.restartWorker();
  return job;
}
const isHeld = (job: JobHandle<SynthesizeResult>) =>
  until('it asks what to do', async () => {
    // A query may be answered ahead of what the job has written down (only-in-tasks.ts).
    if ((await job.describe()).stage !== 'held') return false;
    const { stage } = await job.status();
    return stage.stage === 'held' && stage;
  });

test('a training that may have begun is looked at, and goes on: it is not begun twice', async () => {
  const job = await aDayLater('day-train', 'train');
  expect((await job.result()).output.rows).toBe(ROWS);
  expect(await applied('train')).toBe(1);
  expect(await fleet.sandbox.summary()).toMatchObject({ rowsBilled: ROWS, trainingsStarted: 1, modelsAlive: 0 });
});

test('an upload into a model that is untrained is made again, under another key', async () => {
  const job = await aDayLater('day-upload', 'init-training');
  expect((await job.result()).output.rows).toBe(ROWS);
  const uploads = (await fleet.sandbox.ledger()).filter(({ call }) => call === 'init-training');
  expect(new Set(uploads.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(2);
  expect(await fleet.sandbox.summary()).toMatchObject({ rowsBilled: ROWS, trainingsStarted: 1, modelsAlive: 0 });
});

test('rows that may have been billed: the job holds, with the facts, and asks again only when told', async () => {
  const job = await aDayLater('day-generate', 'generate');
  const held = await isHeld(job);
  expect(held).toMatchObject({ reason: 'key_expired' });
  expect(held.message).toMatch(
    /^Could not generate chunk 1 of 1: It may have been asked since \d{4}-.*Nobody knows whether the rows were made and billed/,
  );
  expect((await job.status()).wait).toMatchObject({ reason: 'operator', until: expect.any(String) });
  expect(await applied('generate')).toBe(1);
  await job.resume();
  expect((await job.result()).output.rows).toBe(ROWS);
  // Told to, and told what it may cost.
  expect(await fleet.sandbox.summary()).toMatchObject({ rowsBilled: 2 * ROWS, trainingsStarted: 1, modelsAlive: 0 });
});

test('a model that may have been created: the job holds, and goes on with the one that an operator names', async () => {
  const job = await aDayLater('day-create', 'create');
  expect((await isHeld(job)).message).toContain('Nobody knows whether it was created');
  const [model] = await fleet.sandbox.models();
  await job.adopt({ modelId: String(model?.id) });
  expect(await job.result()).toMatchObject({ model: { id: model?.id, kept: false } });
  expect(await applied('create')).toBe(1);
  expect(await fleet.sandbox.models()).toEqual([]);
});

test('a job that is cancelled while nobody knows whether its model was created says that one may be left', async () => {
  const job = await aDayLater('day-cancel', 'create');
  await isHeld(job);
  await job.cancel();
  expect(await failureOf(job)).toMatchObject({
    code: 'creation_unknown',
    message: expect.stringContaining('dxo reap'),
  });
});

test('a job that does not wait for a model refuses one, and a malformed id is refused before', async () => {
  await fleet.sandbox.addFaults({ call: 'train', kind: 'slow', seconds: 60, nth: 1 });
  const job = await fleet.client.synthesize(
    { table: { uri: table }, output: { uri: join(fleet.folder, 'refuses.csv') } },
    { id: 'refuses' },
  );
  await expect(job.adopt({ modelId: 'model-7' })).rejects.toMatchObject({ name: 'InvalidRequestError' });
  await expect(job.adopt({ modelId: 'mdl_0123456789ab' })).rejects.toMatchObject({ code: 'not_waiting' });
  await job.cancel();
  await failureOf(job);
});
