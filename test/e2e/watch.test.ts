/** Many jobs that wait for their trainings: one look serves them all, and where there is no list each looks for itself. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { watchWorkflowIdOf } from '../../src/contract/watch.js';
import type { JobHandle, SynthesizeResult } from '../../src/index.js';
import { apiCaller, createBodyOf } from '../sandbox/api-caller.js';
import { failureOf, type LanedFleet, startFleet } from '../support/fleet.js';
import type { Lane } from '../support/lanes.js';
import { writeSmallTable } from '../support/small-table.js';
import { until } from '../support/until.js';

const WATCHES = ['default', 'lane-1', 'lane-2', 'lane-3'].map(watchWorkflowIdOf);

let fleet: LanedFleet;
let table: string;
beforeAll(async () => {
  fleet = await startFleet({ rateLimit: 600, lanes: 4, histories: WATCHES });
  table = writeSmallTable(fleet.folder);
});
afterAll(() => fleet.stop());

/** A training of 11 s is over within a look at 60 times the speed, and lasts for a few at once. */
const SPEED = 60;
/** In a lane whose sandbox has that speed; afterwards nobody watches it. */
const watched = (scenario: (lane: Lane) => Promise<void>): Promise<void> =>
  fleet.inLane(async (lane) => {
    await lane.sandbox.setSpeed(SPEED);
    try {
      await scenario(lane);
    } finally {
      await watchOf(lane)
        .terminate('its test is over')
        .catch(() => undefined);
    }
  });

const synthesize = ({ account }: Lane, id: string): Promise<JobHandle<SynthesizeResult>> =>
  fleet.client.synthesize(
    {
      account,
      table: { uri: table },
      output: { uri: join(fleet.folder, `${id}.csv`) },
      generation: { n_samples: 10 },
    },
    { id },
  );
const callsOf = async ({ sandbox }: Lane, call: string): Promise<number> =>
  (await sandbox.ledger()).filter((entry) => entry.call === call).length;
const watchOf = ({ account }: Lane) => fleet.client.temporal.workflow.getHandle(watchWorkflowIdOf(account));
const detailsOf = async (id: string): Promise<string> =>
  (await fleet.client.temporal.workflow.getHandle(id).query<{ currentDetails: string }>('__temporal_workflow_metadata'))
    .currentDetails;
const trains = (job: JobHandle<unknown>): Promise<unknown> =>
  until(`${job.id} trains`, async () => (await job.status()).wait?.reason === 'training');
const isWatched = async (lane: Lane): Promise<boolean> => {
  const running = `WorkflowId = '${watchWorkflowIdOf(lane.account)}' AND ExecutionStatus = 'Running'`;
  return (await fleet.client.temporal.workflow.count(running)).count > 0;
};
const watchIsOver = (lane: Lane): Promise<unknown> =>
  until('nobody watches the lane', async () => !(await isWatched(lane)));

test.concurrent('ten jobs wait with less than a look each; none looks for itself, and the watch ends with the last', () =>
  watched(async (lane) => {
    await lane.sandbox.setSpeed(3);
    const jobs = await Promise.all(Array.from({ length: 10 }, (_, index) => synthesize(lane, `together-${index}`)));
    await Promise.all(jobs.map(trains));
    expect(await detailsOf(watchWorkflowIdOf(lane.account))).toMatch(/\*\*\d+ jobs? waits? for a training\*\*: looks/);
    const results = await Promise.all(jobs.map((job) => job.result()));
    expect(results.map(({ requests }) => requests)).toEqual(jobs.map(() => 5));
    expect(await callsOf(lane, 'get')).toBe(0);
    expect(await callsOf(lane, 'list')).toBeLessThan(10);
    await watchIsOver(lane);
  }));

test.concurrent('a job that waits has nothing pending but a timer, and says how far its model is', () =>
  watched(async (lane) => {
    await lane.sandbox.setSpeed(0.25);
    const job = await synthesize(lane, 'waits');
    const seen = await until('an epoch is told', async () => {
      const { stage } = await job.status();
      return stage.stage === 'training' && stage.epoch > 0 && stage;
    });
    expect(seen).toMatchObject({ trainLoss: expect.any(Number) });
    const { raw } = await fleet.client.temporal.workflow.getHandle(job.id).describe();
    expect(raw.pendingActivities ?? []).toEqual([]);
    expect(await detailsOf(job.id)).toContain("one look at the account's models serves all jobs that wait");
    await lane.sandbox.setSpeed(SPEED);
    await job.result();
  }));

test.concurrent('a training that fails ends the job with the words of the API', () =>
  watched(async (lane) => {
    await lane.sandbox.failTraining('the loss is not a number');
    const failure = await failureOf(await synthesize(lane, 'fails'));
    expect(failure).toMatchObject({ code: 'training_failed', requestId: expect.any(String) });
    expect(failure.message).toMatch(/^The training of \S+ failed: the loss is not a number/);
    expect(await callsOf(lane, 'get')).toBe(0);
  }));

test.concurrent('a job that is cancelled while it waits is waited for no more', () =>
  watched(async (lane) => {
    await lane.sandbox.setSpeed(1);
    const job = await synthesize(lane, 'cancelled');
    await until('it is watched', () => isWatched(lane));
    await job.cancel();
    await failureOf(job);
    await lane.sandbox.setSpeed(SPEED);
    await watchIsOver(lane);
    expect(await lane.sandbox.models()).toEqual([]);
  }));

test.concurrent.each([404, 405])(
  'no list (%i): each job looks for itself and says so, and the list is not asked for again',
  (status) =>
    watched(async (lane) => {
      await lane.sandbox.addFaults({ call: 'list', kind: 'html', status, times: 100 });
      await lane.sandbox.setSpeed(1);
      const first = await synthesize(lane, `no-list-${status}`);
      await until('it looks for itself, and says so', async () =>
        /it is looked at alone.*the API has no list of models/.test((await first.status()).wait?.what ?? ''),
      );
      await until('it has looked', async () => (await callsOf(lane, 'get')) > 0);
      await lane.sandbox.setSpeed(SPEED);
      await first.result();
      const asked = await callsOf(lane, 'list');
      await (await synthesize(lane, `no-list-${status}-again`)).result();
      expect(await callsOf(lane, 'list')).toBe(asked);
    }),
);

test.concurrent('a model that the list does not name is looked at alone', () =>
  watched(async (lane) => {
    const body = JSON.stringify({ object: 'list', data: [], metadata: { has_more: false } });
    await lane.sandbox.addFaults({ call: 'list', kind: 'status', status: 200, body, times: 100 });
    await lane.sandbox.setSpeed(1);
    const job = await synthesize(lane, 'not-named');
    await until('it looks for itself, and says so', async () =>
      (await job.status()).wait?.what.includes('the list does not name it'),
    );
    await until('it has looked', async () => (await callsOf(lane, 'get')) > 0);
    await lane.sandbox.setSpeed(SPEED);
    await job.result();
  }));

test.concurrent('an API that does not answer the look: each job says so, and any one makes it look again at once', () =>
  watched(async (lane) => {
    await lane.sandbox.addFaults({ call: 'list', kind: 'error', code: 'training_service_unavailable', times: 100 });
    await lane.sandbox.setSpeed(1);
    const jobs = await Promise.all(['trouble-1', 'trouble-2'].map((id) => synthesize(lane, id)));
    for (const job of jobs) {
      await until(`${job.id} says so`, async () => (await job.status()).wait?.reason === 'api_unavailable');
      expect((await job.status()).wait?.what).toContain('did not list the models');
    }
    await lane.sandbox.clearFaults();
    const asked = await callsOf(lane, 'list');
    await jobs[0]?.resume();
    await until('it looks', async () => (await callsOf(lane, 'list')) > asked);
    await Promise.all(jobs.map((job) => job.result()));
    expect(await callsOf(lane, 'get')).toBe(0);
  }));

test.concurrent('a list of many pages is read as far as the waiting models go, and a model deleted meanwhile does not stop it', () =>
  watched(async (lane) => {
    await lane.sandbox.setSpeed(1);
    const jobs = await Promise.all(Array.from({ length: 3 }, (_, index) => synthesize(lane, `paged-${index}`)));
    await Promise.all(jobs.map(trains));
    const api = apiCaller(lane.sandbox.url);
    const made = await Promise.all(
      Array.from({ length: 120 }, async () => {
        const { json } = await api.call('POST', '/v1/models', createBodyOf({ a: 2 }));
        return json.data.id as string;
      }),
    );
    await Promise.all(jobs.map((job) => job.result()));
    expect(await callsOf(lane, 'get')).toBe(0);
    for (const id of made) await api.call('DELETE', `/v1/models/${id}`);
  }));
