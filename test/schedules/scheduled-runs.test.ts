/** Runs that schedules start, on a real fleet: each night its own files, the same night the same rows, no failure unseen. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { applySchedules } from '../../src/client/schedules/apply-schedules.js';
import { describeSchedule, planSchedules } from '../../src/client/schedules/plan-schedules.js';
import { isInTrouble, type ScheduleStatus, statusOf } from '../../src/client/schedules/schedule-status.js';
import {
  backfillSchedule,
  deleteSchedule,
  pauseSchedule,
  resumeSchedule,
  triggerSchedule,
} from '../../src/client/schedules/steer-schedule.js';
import { type Fleet, startFleet } from '../support/fleet.js';
import { writeSmallTable } from '../support/small-table.js';
import { until } from '../support/until.js';
import { bookOf } from './schedules-text.js';

const DAY_MS = 86_400_000;

let fleet: Fleet;
let client: Client;
beforeAll(async () => {
  fleet = await startFleet();
  client = fleet.client.temporal;
});
afterAll(() => fleet.stop());

async function make(schedule: { name: string } & Record<string, unknown>): Promise<void> {
  // A book each, or one test would remove the schedules of another.
  await applySchedules(client, await planSchedules(client, bookOf(schedule.name, schedule)));
}

/** A night's synthesis into a folder of the night's name. */
function nightly(output = {}, table = { uri: writeSmallTable(fleet.folder) }): object {
  const uri = join(fleet.folder, '{{ schedule }}', '{{ scheduled | date }}', 'out.csv');
  return { synthesize: { table, model: { max_epochs: 2 }, generation: { n_samples: 40 }, output: { uri, ...output } } };
}

const unreadable = () => nightly({}, { uri: join(fleet.folder, 'none.csv') });

async function endedRuns(name: string, count: number): Promise<WorkflowExecutionInfo[]> {
  return until(`${count} ended runs of ${name}`, async () => {
    const runs: WorkflowExecutionInfo[] = [];
    for await (const run of client.workflow.list({ query: `TemporalScheduledById = '${name}'` })) runs.push(run);
    return runs.length === count && runs.every(({ status }) => status.name !== 'RUNNING') && runs;
  });
}

async function statusOfSchedule(name: string, now = new Date()): Promise<ScheduleStatus> {
  const description = await describeSchedule(client, name);
  if (description === undefined) throw new Error(`there is no schedule ${name}`);
  return statusOf(client, description, now);
}

const digestOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

test('a backfill runs each night under its own time without the jitter, and the same night again gives the same rows', async () => {
  await make({ name: 'nights', jitter: '20m', run: nightly({ overwrite: true }) });
  const [from, to] = [new Date('2026-11-19T02:30:00Z'), new Date('2026-11-20T02:30:00Z')];
  expect(await backfillSchedule(client, 'nights', from, to)).toEqual([from, to]);
  const first = await endedRuns('nights', 2);
  expect(first.map(({ workflowId, status }) => `${workflowId} ${status.name}`).sort()).toEqual([
    'synthesize-nights-2026-11-19T02:30:00Z COMPLETED',
    'synthesize-nights-2026-11-20T02:30:00Z COMPLETED',
  ]);
  const outputs = ['2026-11-19', '2026-11-20'].map((night) => join(fleet.folder, 'nights', night, 'out.csv'));
  const [thursday, friday] = outputs.map(digestOf);
  expect(thursday).not.toBe(friday);

  await backfillSchedule(client, 'nights', to, to);
  await endedRuns('nights', 3);
  expect(outputs.map(digestOf)).toEqual([thursday, friday]);
});

test('a night that was written is not written again by a backfill, unless the file allows it', async () => {
  await make({ name: 'once', run: nightly() });
  const night = new Date('2026-11-20T02:30:00Z');
  await backfillSchedule(client, 'once', night, night);
  await endedRuns('once', 1);
  await backfillSchedule(client, 'once', night, night);
  const runs = await endedRuns('once', 2);
  expect(runs.map(({ status }) => status.name).sort()).toEqual(['COMPLETED', 'FAILED']);
});

test('a span without runs, one with too many and an unknown schedule are refused', async () => {
  await make({ name: 'spans', interval: { every: '10s' }, paused: true });
  const at = (text: string): Date => new Date(`2026-11-20T${text}Z`);
  await expect(backfillSchedule(client, 'spans', at('00:00:01'), at('00:00:09'))).rejects.toThrow(/was not due/);
  await expect(backfillSchedule(client, 'spans', at('00:00:00'), at('03:00:00'))).rejects.toThrow(/more than 1000/);
  for (const act of [
    () => backfillSchedule(client, 'nobody', at('00:00:00'), at('01:00:00')),
    () => triggerSchedule(client, 'nobody'),
    () => pauseSchedule(client, 'nobody', 'x'),
    () => resumeSchedule(client, 'nobody', 'x'),
    () => deleteSchedule(client, 'nobody'),
  ]) {
    await expect(act()).rejects.toThrow(/There is no schedule nobody/);
  }
});

test('a trigger runs now, also while the schedule is paused', async () => {
  await make({ name: 'at-once', run: nightly() });
  await pauseSchedule(client, 'at-once', 'not tonight');
  await triggerSchedule(client, 'at-once');
  const [run] = await endedRuns('at-once', 1);
  expect(run?.status.name).toBe('COMPLETED');
  const today = run!.workflowId.slice('synthesize-at-once-'.length).slice(0, 10);
  expect(existsSync(join(fleet.folder, 'at-once', today, 'out.csv'))).toBe(true);
  await resumeSchedule(client, 'at-once', 'go on');
  expect(await statusOfSchedule('at-once')).toMatchObject({ isPaused: false, note: 'go on', last: { state: 'none' } });
});

test('a failed run pauses a schedule that asks for it, and is seen', async () => {
  await make({ name: 'fails', interval: { every: '1s' }, pauseOnFailure: true, run: unreadable() });
  await until('the pause', async () => (await statusOfSchedule('fails')).isPaused);
  const status = await statusOfSchedule('fails');
  expect(status).toMatchObject({
    book: 'fails',
    note: expect.stringMatching(/paused due to workflow failure.*none\.csv/),
  });
  expect(status.failed).toBeGreaterThan(0);
  const { changes } = await planSchedules(
    client,
    bookOf('fails', { name: 'fails', interval: { every: '1s' }, pauseOnFailure: true, run: unreadable() }),
  );
  expect(changes).toEqual([expect.objectContaining({ action: 'none', pause: expect.stringContaining('none.csv') })]);
});

test('the last due run is said to have been missed, to have failed, or to have ended well', async () => {
  const midnight = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS);
  const lastOf = async () => {
    const description = (await describeSchedule(client, 'daily'))!;
    // As if it had been as it is for two days: its last due run is then known.
    description.info.createdAt = new Date(midnight.getTime() - DAY_MS);
    description.info.lastUpdatedAt = undefined;
    const { last } = await statusOf(client, description, new Date(midnight.getTime() + DAY_MS / 2));
    return { ...last, isInTrouble: isInTrouble({ last }) };
  };
  const jobId = `synthesize-daily-${midnight.toISOString().slice(0, 19)}Z`;

  await make({ name: 'daily', cron: '@daily', run: unreadable() });
  expect(await lastOf()).toEqual({ state: 'missed', dueAt: midnight, isInTrouble: true });
  await backfillSchedule(client, 'daily', midnight, midnight);
  await endedRuns('daily', 1);
  expect(await lastOf()).toEqual({ state: 'failed', end: 'failed', dueAt: midnight, jobId, isInTrouble: true });

  await make({ name: 'daily', cron: '@daily', run: nightly({ overwrite: true }) });
  await backfillSchedule(client, 'daily', midnight, midnight);
  await endedRuns('daily', 2);
  expect(await lastOf()).toEqual({ state: 'completed', dueAt: midnight, jobId, isInTrouble: false });
});

test('a run that was due and did not begin is missed a minute later, and not before', async () => {
  await make({ name: 'silent', interval: { every: '1s' }, run: unreadable() });
  // No run is left to it: due, and never started.
  await client.schedule.getHandle('silent').update((now) => ({ ...now, state: { remainingActions: 0 } }));
  const { lastUpdatedAt } = (await describeSchedule(client, 'silent'))!.info;
  const later = (ms: number): Date => new Date(lastUpdatedAt!.getTime() + ms);
  expect((await statusOfSchedule('silent', later(30_000))).last).toEqual({ state: 'none' });
  expect(await statusOfSchedule('silent', later(70_000))).toMatchObject({ last: { state: 'missed' } });
});

test('a run that another one kept from starting is skipped, and one that waits for it is no trouble', async () => {
  await fleet.worker().kill('SIGTERM');
  try {
    await make({ name: 'skips', interval: { every: '1s' }, run: unreadable() });
    await make({ name: 'waits', interval: { every: '1s' }, overlap: 'buffer-one', run: unreadable() });
    await until('a skipped run', async () => (await statusOfSchedule('skips')).skipped > 2);
    const later = new Date((await describeSchedule(client, 'skips'))!.info.createdAt.getTime() + 63_000);
    const skips = await statusOfSchedule('skips', later);
    expect(skips.last.state).toBe('skipped');
    expect(isInTrouble(skips)).toBe(true);
    const waits = await until('a waiting run', async () => {
      const status = await statusOfSchedule('waits', later);
      return status.last.state === 'buffered' && status;
    });
    expect(isInTrouble(waits)).toBe(false);
  } finally {
    for (const name of ['skips', 'waits']) await deleteSchedule(client, name);
    await fleet.restartWorker();
  }
  for (const name of ['skips', 'waits']) await endedRuns(name, 1);
});
