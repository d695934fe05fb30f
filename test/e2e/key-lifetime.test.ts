/**
 * The API remembers an idempotency key for 24 hours. A step that was applied, whose answer was lost, and whose worker comes back
 * later than that, is never simply repeated: where the API can say what it has, it is asked; else a person is.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { JobHandle, SynthesizeResult } from '../../src/index.js';
import { type Fleet, failureOf, startFleet } from '../support/fleet.js';
import type { LedgerEntry } from '../support/sandbox.js';
import { writeSmallTable } from '../support/small-table.js';
import { until } from '../support/until.js';

const DAY_S = 24 * 3_600;
/** Here a key is used for so long, and the sandbox's clock is set forward by a day. */
const KEY_USE_S = 1;
const ROWS = 20;

/** A call that took effect, and whose answer nobody heard, by job. */
const UNHEARD = {
  'day-train': 'train',
  'day-upload': 'init-training',
  'day-generate': 'generate',
  'day-create': 'create',
  'day-cancel': 'create',
} as const;
type Unheard = keyof typeof UNHEARD;

let fleet: Fleet;
let table: string;
const jobs = new Map<string, JobHandle<SynthesizeResult>>();
const models = new Map<string, string>();
const jobOf = (id: Unheard): JobHandle<SynthesizeResult> => jobs.get(id) as JobHandle<SynthesizeResult>;
const modelOf = (id: Unheard): string => String(models.get(id));

const start = (id: string): Promise<JobHandle<SynthesizeResult>> =>
  fleet.client.synthesize(
    { table: { uri: table }, output: { uri: join(fleet.folder, `${id}.csv`) }, generation: { n_samples: ROWS } },
    { id },
  );
const applied = async (call: string): Promise<LedgerEntry[]> =>
  (await fleet.sandbox.ledger()).filter((entry) => entry.call === call && entry.effect === 'applied');
/** Requests that took effect on a job's first model. */
const effectsOn = async (id: Unheard, call: string): Promise<LedgerEntry[]> =>
  (await applied(call)).filter(({ modelId }) => modelId === modelOf(id));
const rowsBilledOf = async (id: Unheard): Promise<number> =>
  (await effectsOn(id, 'generate')).reduce((sum, { rowsBilled }) => sum + rowsBilled, 0);

/** Each job's call takes effect, their worker dies, and a day later there is another one. */
beforeAll(async () => {
  fleet = await startFleet({
    env: { DATAXID_KEY_USE_SECONDS: String(KEY_USE_S) },
    histories: Object.keys(UNHEARD),
  });
  table = writeSmallTable(fleet.folder);
  for (const [id, call] of Object.entries(UNHEARD)) {
    const before = (await applied(call)).length;
    await fleet.sandbox.addFaults({ call, kind: 'slow', seconds: 3_600, after: true, nth: 1 });
    jobs.set(id, await start(id));
    await until(`${call} has been applied`, async () => (await applied(call)).length > before);
    models.set(id, String((await applied('create')).at(-1)?.modelId));
    await fleet.sandbox.clearFaults();
  }
  await fleet.worker().kill('SIGKILL');
  await fleet.sandbox.advanceClock(DAY_S + 1);
  await new Promise((resolve) => setTimeout(resolve, KEY_USE_S * 1_000));
  await fleet.restartWorker();
});
afterAll(() => fleet.stop());

const isHeld = (job: JobHandle<SynthesizeResult>) =>
  until('it asks what to do', async () => {
    // A query may be answered ahead of what the job has written down (only-in-tasks.ts).
    if ((await job.describe()).stage !== 'held') return false;
    const { stage } = await job.status();
    return stage.stage === 'held' && stage;
  });

test('a training that may have begun is looked at, and goes on: it is not begun twice', async () => {
  expect((await jobOf('day-train').result()).output.rows).toBe(ROWS);
  expect(await effectsOn('day-train', 'train')).toHaveLength(1);
  expect(await rowsBilledOf('day-train')).toBe(ROWS);
});

test('an upload into a model that is untrained is made again, under another key', async () => {
  expect((await jobOf('day-upload').result()).output.rows).toBe(ROWS);
  const uploads = await effectsOn('day-upload', 'init-training');
  expect(new Set(uploads.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(2);
  expect(await effectsOn('day-upload', 'train')).toHaveLength(1);
  expect(await rowsBilledOf('day-upload')).toBe(ROWS);
});

test('rows that may have been billed: the job holds, with the facts, and asks again only when told', async () => {
  const job = jobOf('day-generate');
  const held = await isHeld(job);
  expect(held).toMatchObject({ reason: 'key_expired' });
  expect(held.message).toMatch(
    /^Could not generate chunk 1 of 1: It may have been asked since \d{4}-.*Nobody knows whether the rows were made and billed/,
  );
  expect((await job.status()).wait).toMatchObject({ reason: 'operator', until: expect.any(String) });
  expect(await effectsOn('day-generate', 'generate')).toHaveLength(1);
  await job.resume();
  expect((await job.result()).output.rows).toBe(ROWS);
  // Told to, and told what it may cost.
  expect(await rowsBilledOf('day-generate')).toBe(2 * ROWS);
  expect(await effectsOn('day-generate', 'train')).toHaveLength(1);
});

test('a model that may have been created: the job holds, and goes on with the one that an operator names', async () => {
  const job = jobOf('day-create');
  expect((await isHeld(job)).message).toContain('Nobody knows whether it was created');
  const id = modelOf('day-create');
  await job.adopt({ modelId: id });
  expect(await job.result()).toMatchObject({ model: { id, kept: false } });
});

test('a job that is cancelled while nobody knows whether its model was created says that one may be left', async () => {
  const job = jobOf('day-cancel');
  await isHeld(job);
  await job.cancel();
  expect(await failureOf(job)).toMatchObject({
    code: 'creation_unknown',
    message: expect.stringContaining('dxo reap'),
  });
  await fleet.sandbox.deleteModel(modelOf('day-cancel'));
});

test('no job has created another model', async () => {
  expect(await applied('create')).toHaveLength(jobs.size);
});

test('a job that does not wait for a model refuses one, and a malformed id is refused before', async () => {
  await fleet.sandbox.addFaults({ call: 'train', kind: 'slow', seconds: 60, nth: 1 });
  const job = await start('refuses');
  await expect(job.adopt({ modelId: 'model-7' })).rejects.toMatchObject({ name: 'InvalidRequestError' });
  await expect(job.adopt({ modelId: 'mdl_0123456789ab' })).rejects.toMatchObject({ code: 'not_waiting' });
  await job.cancel();
  await failureOf(job);
});
