/** One schedule by its name, whoever made it: run it now, run past times again, pause it, let it go on, delete it. */
import { setTimeout } from 'node:timers/promises';
import { type Client, type ScheduleDescription, ScheduleNotFoundError } from '@temporalio/client';
import { InputError } from '../../contract/input-error.js';
import { describedRunTimesOf } from './definition.js';
import { describeSchedule } from './plan-schedules.js';
import { nextRunTimes, runTimesFrom } from './run-times.js';

/** A backfill starts all its runs at once, as far as the overlap policy lets it. */
export const BACKFILL_RUNS_MAX = 1_000;
/** A trigger is carried out a moment after it was asked for. */
const STARTED_MS_MAX = 5_000;
const LOOK_MS = 100;

/**
 * Starts a run now, beside any that is under way. Its scheduled time is now, in whole seconds.
 * @returns the job's id; undefined: Temporal does not say it within 5 s @throws InputError
 */
export async function triggerSchedule(client: Client, name: string): Promise<string | undefined> {
  const handle = client.schedule.getHandle(name);
  const lastJob = async (): Promise<string | undefined> =>
    (await handle.describe()).info.recentActions.at(-1)?.action.workflow.workflowId;
  return known(name, async () => {
    const before = await lastJob();
    await handle.trigger('ALLOW_ALL');
    for (const endMs = Date.now() + STARTED_MS_MAX; Date.now() < endMs; await setTimeout(LOOK_MS)) {
      const job = await lastJob();
      if (job !== before) return job;
    }
    return undefined;
  });
}

/**
 * Runs every time that was due from one instant to another, both included, under that time: the same files, and where the
 * request has no seed the same rows. One after the other, so that a quota is not met by all at once.
 * @returns the times @throws InputError where there are none, too many, or the schedule is unknown
 */
export async function backfillSchedule(client: Client, name: string, from: Date, to: Date): Promise<Date[]> {
  const description = await describeSchedule(client, name);
  if (description === undefined) throw unknownSchedule(name);
  const times: Date[] = [];
  for (const instantMs of runTimesFrom(describedRunTimesOf(description), from.getTime(), to.getTime() + 1)) {
    if (times.length === BACKFILL_RUNS_MAX) {
      throw new InputError(
        'request_invalid',
        `Schedule ${name} was due more than ${BACKFILL_RUNS_MAX} times from ${from.toISOString()} to ${to.toISOString()}: backfill a shorter span.`,
        'from',
      );
    }
    times.push(new Date(instantMs));
  }
  if (times.length === 0) {
    throw new InputError(
      'request_invalid',
      `Schedule ${name} was not due from ${from.toISOString()} to ${to.toISOString()}; \`dxo schedules show ${name}\` says when it is.`,
      'from',
    );
  }
  await known(name, () =>
    client.schedule.getHandle(name).backfill({ ...spanOf(description, times), overlap: 'BUFFER_ALL' }),
  );
  return times;
}

/** The server holds a backfill's span against the times with their jitter, which never reaches the next run. */
function spanOf(description: ScheduleDescription, times: readonly Date[]): { start: Date; end: Date } {
  const [firstMs, lastMs] = [times[0]!.getTime(), times.at(-1)!.getTime()];
  const [next] = nextRunTimes(describedRunTimesOf(description), lastMs, 1);
  const latestMs = lastMs + (description.spec.jitter ?? 0);
  // The start is not in the span, the end is.
  return { start: new Date(firstMs - 1), end: new Date(Math.min(latestMs, (next?.getTime() ?? Infinity) - 1)) };
}

/** @throws InputError */
export function pauseSchedule(client: Client, name: string, note: string): Promise<void> {
  return known(name, () => client.schedule.getHandle(name).pause(note));
}

/** @throws InputError */
export function resumeSchedule(client: Client, name: string, note: string): Promise<void> {
  return known(name, () => client.schedule.getHandle(name).unpause(note));
}

/** Jobs that it started go on. @throws InputError */
export function deleteSchedule(client: Client, name: string): Promise<void> {
  return known(name, () => client.schedule.getHandle(name).delete());
}

async function known<T>(name: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof ScheduleNotFoundError ? unknownSchedule(name) : error;
  }
}

export function unknownSchedule(name: string): InputError {
  return new InputError(
    'request_invalid',
    `There is no schedule ${name}; \`dxo schedules list\` shows those there are.`,
    'name',
  );
}
