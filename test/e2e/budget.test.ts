/** The organization's request budget over all jobs and workers, on a real Temporal server and the sandbox's own window. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Budget, readBudget } from '../../src/client/read-budget.js';
import { budgetWorkflowIdOf } from '../../src/contract/budget.js';
import type { JobHandle } from '../../src/index.js';
import { SANDBOX_KEY } from '../../src/sandbox/start-sandbox.js';
import { type Fleet, startFleet } from '../support/fleet.js';
import { writeSmallTable } from '../support/small-table.js';
import { until } from '../support/until.js';
import { startWorker, type WorkerProcess } from '../support/worker-process.js';

/** A window of the API lasts 4 s here. */
const SPEED = 15;
const LIMIT = 40;
const TIGHT_LIMIT = 8;

let fleet: Fleet;
let table: string;
let second: WorkerProcess;
beforeAll(async () => {
  fleet = await startFleet({
    speed: SPEED,
    rateLimit: LIMIT,
    histories: [budgetWorkflowIdOf('default')],
  });
  table = writeSmallTable(fleet.folder);
  second = await startWorker(fleet.env);
});
beforeEach(() => fleet.sandbox.reset());
afterEach(() => fleet.sandbox.clearFaults());
afterAll(async () => {
  await second.kill('SIGTERM');
  await fleet.stop();
});

const synthesize = (id: string): Promise<JobHandle<unknown>> =>
  fleet.client.synthesize(
    {
      table: { uri: table },
      output: { uri: join(fleet.folder, `${id}.csv`) },
      generation: { n_samples: 60 },
      policy: { rowsPerChunk: 10 },
    },
    { id },
  );
const backlog = (name: string, count: number): Promise<JobHandle<unknown>[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => synthesize(`${name}-${index}`)));
const refusals = async (): Promise<number> =>
  (await fleet.sandbox.ledger()).filter(({ code }) => code === 'rate_limit_exceeded').length;
const budgetOf = (): Promise<Budget | undefined> => readBudget(fleet.client.temporal, 'default');

test('the limit is learnt, many jobs on two workers keep to it, none is refused, and anyone can see who waits', async () => {
  // So few that jobs have to wait for each other, however slow the machine is.
  await fleet.sandbox.setLimits({ rateLimit: TIGHT_LIMIT });
  const teaching = await synthesize('teaching');
  await until('the limit is learnt', async () => (await budgetOf())?.state?.limit === TIGHT_LIMIT);
  await teaching.result();
  const jobs = await backlog('many', 4);
  const { state, spender } = (await until('somebody waits for a turn', async () => {
    const budget = await budgetOf();
    return budget?.state?.next.some(({ job }) => job.startsWith('many-')) && budget;
  })) as Budget;
  expect(spender).toMatch(/^\d+@/);
  expect(state).toMatchObject({ limit: TIGHT_LIMIT, windowMs: 4_000, refused: 0 });
  await Promise.all(jobs.map((job) => job.result()));
  expect(await refusals()).toBe(0);
  expect((await fleet.sandbox.summary()).maxInAnyWindow).toBeLessThanOrEqual(TIGHT_LIMIT);
});

test('kill -9 of the worker that spends the budget: the other one takes over, and no window is overrun', async () => {
  const jobs = await backlog('killed', 6);
  const budget = (await until('the budget is spent', async () => {
    const now = await budgetOf();
    return (now?.state?.sent ?? 0) > 5 && now;
  })) as Budget;
  const isFirst = budget.spender?.startsWith(`${fleet.worker().pid}@`);
  if (isFirst) await fleet.worker().kill('SIGKILL');
  else await second.kill('SIGKILL');
  await until('another spends it', async () => {
    const now = await budgetOf();
    return now?.state !== undefined && now.spender !== undefined && now.spender !== budget.spender;
  });
  if (isFirst) await fleet.restartWorker();
  else second = await startWorker(fleet.env);
  await Promise.all(jobs.map((job) => job.result()));
  expect((await fleet.sandbox.summary()).maxInAnyWindow).toBeLessThanOrEqual(LIMIT);
  expect(await fleet.sandbox.models()).toEqual([]);
});

test('a SIGTERM hands the budget over without a pause', async () => {
  const budget = (await budgetOf()) as Budget;
  const isFirst = budget.spender?.startsWith(`${fleet.worker().pid}@`);
  const job = await synthesize('handed-over');
  if (isFirst) await fleet.worker().kill('SIGTERM');
  else await second.kill('SIGTERM');
  await job.result();
  expect((await budgetOf())?.spender).not.toBe(budget.spender);
  if (isFirst) await fleet.restartWorker();
  else second = await startWorker(fleet.env);
});

test('who else uses the key is given way', async () => {
  let isOver = false;
  const others = (async () => {
    let asked = 0;
    while (!isOver) {
      const answer = await fetch(`${fleet.sandbox.url}/v1/models`, {
        headers: { authorization: `Bearer ${SANDBOX_KEY}` },
      });
      await answer.text();
      asked += 1;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    return asked;
  })();
  const jobs = await backlog('given-way', 5);
  await until(
    'they are seen',
    async () => ((await budgetOf())?.state?.others.reduce((sum, [, count]) => sum + count, 0) ?? 0) > 2,
  );
  await Promise.all(jobs.map((job) => job.result()));
  isOver = true;
  expect(await others).toBeGreaterThan(5);
  const ledger = await fleet.sandbox.ledger();
  const ours = ledger.filter(({ call }) => call !== 'list');
  expect(ours.filter(({ code }) => code === 'rate_limit_exceeded').length).toBeLessThanOrEqual(ours.length / 10);
});
