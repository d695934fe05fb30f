/**
 * Jobs terminated at any event of theirs, retried, the retries terminated in their turn, and some of them retried again: each output is
 * that of an undisturbed job, and after a reap nothing is left. `RETRY_JOBS=30 RETRY_SEED=7` makes it a longer run.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { SynthesizeResult } from '../../src/index.js';
import { randomOf } from '../support/random-of.js';
import { until } from '../support/until.js';
import { type RetryFleet, ROWS, startRetryFleet } from './retry-fleet.js';

const JOBS = Number(process.env.RETRY_JOBS ?? 4);
const SEED = Number(process.env.RETRY_SEED ?? 1);
/** A job has more when it writes its output: after that, nothing but cleaning up is to be done. */
const EVENTS = 65;
/** Of the retries that are terminated: those that nobody retries, so that the reap finds them. */
const GIVEN_UP_SHARE = 0.4;
/** Jobs under way at once. */
const LANES = 4;

let fleet: RetryFleet;
beforeAll(async () => {
  fleet = await startRetryFleet();
});
afterAll(() => fleet.stop());

/** @returns whether it was terminated before its end */
async function terminateAt(id: string, events: number): Promise<boolean> {
  const handle = fleet.client.temporal.workflow.getHandle(id);
  await until(`${id} has ${events} events`, async () => {
    const { historyLength, status } = await handle.describe();
    return status.name !== 'RUNNING' || historyLength >= events;
  });
  await handle.terminate('a test').catch(() => undefined);
  return (await handle.describe()).status.name === 'TERMINATED';
}

test('wherever a job and its retry are stopped, the second retry ends as if nothing had been', async () => {
  const random = randomOf(SEED);
  const draws = Array.from({ length: JOBS }, () => ({
    first: Math.ceil(random() * EVENTS),
    second: Math.ceil(random() * EVENTS),
    isGivenUp: random() < GIVEN_UP_SHARE,
  }));
  const indexes = draws.keys();
  const lane = async (): Promise<void> => {
    for (const index of indexes) {
      const { first, second, isGivenUp } = draws[index]!;
      const id = `job-${index}`;
      await fleet.start(id);
      if (!(await terminateAt(id, first))) continue;
      const retry = await fleet.client.retry(id);
      const isStopped = await terminateAt(retry.id, second);
      if (isStopped && isGivenUp) continue;
      const last = isStopped ? await fleet.client.retry(retry.id) : retry;
      const { output } = (await last.result()) as SynthesizeResult;
      expect(output.rows).toBe(ROWS);
      expect(fleet.outputOf(id)).toBe(fleet.undisturbed);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const ended = "WorkflowType = 'synthesize' AND ExecutionStatus = 'Running'";
  await until('all are listed as ended', async () => (await fleet.client.temporal.workflow.count(ended)).count === 0);
  const report = await (await fleet.client.reap({}, { id: 'reap' })).result();
  expect(report.isComplete).toBe(true);
  expect(report.counts).toMatchObject({ leftOver: 0, kept: 0, unknown: 0 });
  await fleet.expectNothingLeft();
}, 240_000);
