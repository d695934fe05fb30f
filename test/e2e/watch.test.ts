/** Many jobs that wait for their trainings: one look serves them all, and where there is no list each looks for itself. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { WATCH_WORKFLOW, watchWorkflowIdOf } from '../../src/contract/watch.js';
import type { JobHandle, SynthesizeResult } from '../../src/index.js';
import { apiCaller, createBodyOf } from '../sandbox/api-caller.js';
import { type Fleet, failureOf, startFleet } from '../support/fleet.js';
import { writeSmallTable } from '../support/small-table.js';
import { until } from '../support/until.js';

/** A training of 11 s is over within a look at 60 times the speed, and lasts for a few at once. */
let fleet: Fleet;
let table: string;
beforeAll(async () => {
  fleet = await startFleet({ rateLimit: 600 });
  table = writeSmallTable(fleet.folder);
});
beforeEach(async () => {
  await fleet.sandbox.reset();
  await fleet.sandbox.setSpeed(60);
});
afterEach(async () => {
  await fleet.sandbox.clearFaults();
  await watchHandle()
    .terminate('its test is over')
    .catch(() => undefined);
});
afterAll(() => fleet.stop());

const synthesize = (id: string): Promise<JobHandle<SynthesizeResult>> =>
  fleet.client.synthesize(
    { table: { uri: table }, output: { uri: join(fleet.folder, `${id}.csv`) }, generation: { n_samples: 10 } },
    { id },
  );
const callsOf = async (call: string): Promise<number> =>
  (await fleet.sandbox.ledger()).filter((entry) => entry.call === call).length;
const watchHandle = () => fleet.client.temporal.workflow.getHandle(watchWorkflowIdOf('default'));
const detailsOf = async (id: string): Promise<string> =>
  (await fleet.client.temporal.workflow.getHandle(id).query<{ currentDetails: string }>('__temporal_workflow_metadata'))
    .currentDetails;
const trains = (job: JobHandle<unknown>): Promise<unknown> =>
  until(`${job.id} trains`, async () => (await job.status()).wait?.reason === 'training');

async function watchIsOver(): Promise<void> {
  const running = `WorkflowType = '${WATCH_WORKFLOW}' AND ExecutionStatus = 'Running'`;
  await until('no watch runs', async () => (await fleet.client.temporal.workflow.count(running)).count === 0);
}

test('ten jobs wait with less than a look each; none looks for itself, and the watch ends with the last', async () => {
  await fleet.sandbox.setSpeed(3);
  const jobs = await Promise.all(Array.from({ length: 10 }, (_, index) => synthesize(`together-${index}`)));
  await Promise.all(jobs.map(trains));
  expect(await detailsOf(watchWorkflowIdOf('default'))).toMatch(/\*\*\d+ jobs? waits? for a training\*\*: looks/);
  const results = await Promise.all(jobs.map((job) => job.result()));
  expect(results.map(({ requests }) => requests)).toEqual(jobs.map(() => 5));
  expect(await callsOf('get')).toBe(0);
  expect(await callsOf('list')).toBeLessThan(10);
  await watchIsOver();
});

test('a job that waits has nothing pending but a timer, and says how far its model is', async () => {
  await fleet.sandbox.setSpeed(1);
  const job = await synthesize('waits');
  const seen = await until('an epoch is told', async () => {
    const { stage } = await job.status();
    return stage.stage === 'training' && stage.epoch > 0 && stage;
  });
  expect(seen).toMatchObject({ trainLoss: expect.any(Number) });
  const { raw } = await fleet.client.temporal.workflow.getHandle(job.id).describe();
  expect(raw.pendingActivities ?? []).toEqual([]);
  expect(await detailsOf(job.id)).toContain("one look at the account's models serves all jobs that wait");
  await fleet.sandbox.setSpeed(60);
  await job.result();
});

test('a training that fails ends the job with the words of the API', async () => {
  await fleet.sandbox.failTraining('the loss is not a number');
  const failure = await failureOf(await synthesize('fails'));
  expect(failure).toMatchObject({ code: 'training_failed', requestId: expect.any(String) });
  expect(failure.message).toMatch(/^The training of \S+ failed: the loss is not a number/);
  expect(await callsOf('get')).toBe(0);
});

test('a job that is cancelled while it waits is waited for no more', async () => {
  await fleet.sandbox.setSpeed(1);
  const job = await synthesize('cancelled');
  await trains(job);
  await job.cancel();
  await failureOf(job);
  await fleet.sandbox.setSpeed(60);
  await watchIsOver();
  expect(await fleet.sandbox.models()).toEqual([]);
});

test.each([404, 405])(
  'no list (%i): each job looks for itself and says so, and the list is not asked for again',
  async (status) => {
    await fleet.sandbox.addFaults({ call: 'list', kind: 'html', status, times: 100 });
    await fleet.sandbox.setSpeed(1);
    const first = await synthesize(`no-list-${status}`);
    await until('it looks for itself', async () => (await callsOf('get')) > 0);
    expect((await first.status()).wait?.what).toMatch(/it is looked at alone.*the API has no list of models/);
    await fleet.sandbox.setSpeed(60);
    await first.result();
    const asked = await callsOf('list');
    await (await synthesize(`no-list-${status}-again`)).result();
    expect(await callsOf('list')).toBe(asked);
  },
);

test('a model that the list does not name is looked at alone', async () => {
  const body = JSON.stringify({ object: 'list', data: [], metadata: { has_more: false } });
  await fleet.sandbox.addFaults({ call: 'list', kind: 'status', status: 200, body, times: 100 });
  await fleet.sandbox.setSpeed(1);
  const job = await synthesize('not-named');
  await until('it looks for itself', async () => (await callsOf('get')) > 0);
  expect((await job.status()).wait?.what).toContain('the list does not name it');
  await fleet.sandbox.setSpeed(60);
  await job.result();
});

test('an API that does not answer the look: each job says so, and any one makes it look again at once', async () => {
  await fleet.sandbox.addFaults({ call: 'list', kind: 'error', code: 'training_service_unavailable', times: 100 });
  await fleet.sandbox.setSpeed(1);
  const jobs = await Promise.all(['trouble-1', 'trouble-2'].map(synthesize));
  for (const job of jobs) {
    await until(`${job.id} says so`, async () => (await job.status()).wait?.reason === 'api_unavailable');
    expect((await job.status()).wait?.what).toContain('did not list the models');
  }
  await fleet.sandbox.clearFaults();
  const asked = await callsOf('list');
  await jobs[0]?.resume();
  await until('it looks', async () => (await callsOf('list')) > asked);
  await Promise.all(jobs.map((job) => job.result()));
  expect(await callsOf('get')).toBe(0);
});

test('a list of many pages is read as far as the waiting models go, and a model deleted meanwhile does not stop it', async () => {
  await fleet.sandbox.setSpeed(1);
  const jobs = await Promise.all(Array.from({ length: 3 }, (_, index) => synthesize(`paged-${index}`)));
  await Promise.all(jobs.map(trains));
  const api = apiCaller(fleet.sandbox.url);
  const made = await Promise.all(
    Array.from({ length: 120 }, async () => {
      const { json } = await api.call('POST', '/v1/models', createBodyOf({ a: 2 }));
      return json.data.id as string;
    }),
  );
  await Promise.all(jobs.map((job) => job.result()));
  expect(await callsOf('get')).toBe(0);
  for (const id of made) await api.call('DELETE', `/v1/models/${id}`);
});
