/** Who waits for a turn in the request budget says so wherever somebody looks: Temporal, the client, the command, the metrics. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { readBudget } from '../../src/client/read-budget.js';
import { freePort } from '../../src/devserver/free-port.js';
import type { JobHandle } from '../../src/index.js';
import { jsonOf, runDxo, startDxo } from '../cli/run-dxo.js';
import { type Fleet, startFleet } from '../support/fleet.js';
import { writeSmallTable } from '../support/small-table.js';
import { until } from '../support/until.js';
import { startWorker } from '../support/worker-process.js';

/** A window of the API lasts a minute, so that who has to wait does so for the whole test. */
const SPEED = 1;
const LIMIT = 4;
const URGENT = 1;
const LATER = 5;

let fleet: Fleet;
let metricsUrl: string;
let jobs: JobHandle<unknown>[];
beforeAll(async () => {
  const port = await freePort();
  metricsUrl = `http://127.0.0.1:${port}/metrics`;
  fleet = await startFleet({ speed: SPEED, rateLimit: LIMIT, env: { DATAXID_METRICS_ADDRESS: String(port) } });
  const table = writeSmallTable(fleet.folder);
  const synthesize = (id: string, priority: number): Promise<JobHandle<unknown>> =>
    fleet.client.synthesize(
      { table: { uri: table }, output: { uri: join(fleet.folder, `${id}.csv`) } },
      { id, priority },
    );
  jobs = await Promise.all([1, 2, 3, 4].map((index) => synthesize(`first-${index}`, URGENT)));
  await until('the window is full', async () => (await stateOf())?.sent === LIMIT);
  jobs.push(await synthesize('urgent', URGENT), await synthesize('later', LATER));
  await until('both wait for their turn', async () => {
    const waiting = (await stateOf())?.next.map(({ job }) => job) ?? [];
    return waiting.includes('urgent') && waiting.includes('later');
  });
}, 60_000);
afterAll(async () => {
  // Their requests would wait for a minute; what they made is dropped with the sandbox's models.
  await Promise.all(jobs.map(({ id }) => fleet.client.temporal.workflow.getHandle(id).terminate()));
  await fleet.sandbox.reset();
  await fleet.stop();
});

const stateOf = async () => (await readBudget(fleet.client.temporal, 'default'))?.state;
const dxo = (...args: string[]) => {
  const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = fleet.env;
  return runDxo(fleet.folder, args, { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE });
};

interface Pending {
  heartbeatDetails?: { payloads?: Payload[] | null } | null;
}
/** What the Web UI shows under "Pending Activities". */
const pendingOf = async (id: string): Promise<unknown> => {
  const { raw } = await fleet.client.temporal.workflow.getHandle(id).describe();
  const [pending] = (raw as { pendingActivities?: Pending[] | null }).pendingActivities ?? [];
  const [payload] = pending?.heartbeatDetails?.payloads ?? [];
  return payload === undefined ? undefined : defaultPayloadConverter.fromPayload(payload);
};

test('the attempt that waits says so itself: its place, of how many, and when its turn should come', async () => {
  const told = await until('it has said so', () => pendingOf('later'));
  expect(told).toEqual({
    'waits for': 'its turn in the request budget',
    place: expect.any(Number),
    of: expect.any(Number),
    at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/),
  });
});

test('a handle tells when the next request of a job should come, and its place among all', async () => {
  const later = await jobs[5]?.describe();
  expect(later?.nextRequestAt?.getTime()).toBeGreaterThan(later?.startedAt.getTime() ?? Number.NaN);
  const urgent = await jobs[4]?.describe();
  expect(urgent?.placeInBudget).toBeLessThan(later?.placeInBudget ?? 0);
  expect(await jobs[5]?.status()).toMatchObject({ placeInBudget: later?.placeInBudget, requestsLeft: 5 });
});

test('the command shows it in a list, of one job, and for the account by kind and priority', async () => {
  expect((await dxo('jobs', 'list')).stdout).toMatch(/^later .* next request: \d\d:\d\d:\d\d, place \d+ /m);
  expect((await dxo('jobs', 'show', 'later')).stdout).toMatch(
    /next request: about .* UTC, place \d+ in the request budget/,
  );
  const { stdout } = await dxo('budget');
  expect(stdout).toMatch(/^WAITING +PRIORITY 1 +PRIORITY 2/m);
  // A preparing request goes one before its job's priority (decision 2).
  expect(stdout).toMatch(/^prepare +\d+ +\. +\. +1 +\.$/m);
});

test('the live view is a line a second where nothing can be drawn anew', async () => {
  const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = fleet.env;
  const live = startDxo(fleet.folder, ['budget', '--watch'], { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE });
  let lines = 0;
  await new Promise<void>((resolve) => {
    live.child.stdout?.on('data', (text: string) => {
      lines += text.split('\n').length - 1;
      if (lines >= 2) resolve();
    });
  });
  live.child.kill('SIGKILL');
  const { stdout } = await live.ended;
  expect(stdout).toMatch(/^(\d\d:\d\d:\d\d {2}\d+ of 4 requests in the last 60 s, waiting: .*\n){2}/);
});

test('a plan goes by the limit that the account has', async () => {
  const planned = await dxo('plan', 'customers.csv', '--rows', '50000', '--json');
  const { requests, budget } = jsonOf<{ requests: { total: number }; budget: object }>(planned);
  expect(requests.total).toBe(9);
  // Four at once, four a minute later, the ninth after another one.
  expect(budget).toEqual({
    limit: LIMIT,
    windowSeconds: 60,
    limitFrom: 'worker',
    seconds: 120,
    waiting: expect.any(Number),
  });
});

test('a worker that cannot serve its metrics says which setting to change', async () => {
  const taken = new URL(metricsUrl).port;
  await expect(startWorker({ ...fleet.env, DATAXID_METRICS_ADDRESS: taken })).rejects.toThrow(
    /metrics cannot be served on 127\.0\.0\.1:\d+: .*set DATAXID_METRICS_ADDRESS to another address/,
  );
});

test('metrics have the limit, what is used, who waits by kind and priority, and what was sent', async () => {
  const text = await (await fetch(metricsUrl)).text();
  const metricOf = (series: string): number =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(series))
        ?.split(' ')[1],
    );
  expect(metricOf('dataxid_budget_limit{account="default"}')).toBe(LIMIT);
  expect(metricOf('dataxid_budget_used{account="default",by="us"}')).toBe(LIMIT);
  expect(metricOf('dataxid_budget_used{account="default",by="others"}')).toBe(0);
  expect(metricOf('dataxid_budget_waiting{account="default",kind="prepare",priority="4"}')).toBe(1);
  expect(metricOf('dataxid_requests_sent_total{account="default",kind="prepare"}')).toBeGreaterThan(0);
  expect(metricOf('dataxid_requests_refused_total{account="default",kind="prepare"}')).toBe(0);
  expect(text).toMatch(/^temporal_worker_task_slots_available\{/m);
});
