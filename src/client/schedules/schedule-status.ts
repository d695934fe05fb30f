/**
 * How the schedules of a namespace are doing: what is next, how the last due run ended, and what never ran, so that a
 * missed night is seen. Temporal counts missed and skipped runs without saying which; here the last due time is computed
 * and its job looked for by its id, which carries that time.
 */
import {
  type Client,
  type ScheduleDescription,
  type WorkflowExecutionDescription,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { describedRunTimesOf, whenOf } from './definition.js';
import { describeSchedule, listedSchedules, ownerOf } from './plan-schedules.js';
import { lastRunTime, type RunTimes } from './run-times.js';

export interface ScheduleStatus {
  name: string;
  /** The book of its file; not there for a schedule that was made by hand. */
  book?: string | undefined;
  when: string;
  timeZone: string;
  kind: string;
  isPaused: boolean;
  note?: string | undefined;
  /** With jitter. */
  nextAt?: Date | undefined;
  last: LastRun;
  /** Since it was made: runs that were too late for the catch-up window, and runs that another one kept from starting. */
  missed: number;
  skipped: number;
  /** Jobs that failed, timed out or were terminated, within the namespace's retention. */
  failed: number;
}

export type LastRun =
  /** Not due yet since it was made or last changed, or paused. */
  | { state: 'none' }
  | { state: 'running' | 'completed' | 'ended'; dueAt: Date; jobId: string }
  | { state: 'failed'; dueAt: Date; jobId: string; end: string }
  /** It waits until the one before it has ended. */
  | { state: 'buffered'; dueAt: Date }
  /** It did not run: `skipped` because another one was under way, `missed` for any other reason. */
  | { state: 'skipped' | 'missed'; dueAt: Date };

/** After this much (and the jitter) a run that was due has begun, on a server that is up. */
const START_DELAY_MS = 60_000;

/** All schedules of the namespace that start our jobs, in order of their names. */
export async function scheduleStatuses(client: Client, now: Date): Promise<ScheduleStatus[]> {
  const statuses: ScheduleStatus[] = [];
  for (const { scheduleId: name } of await listedSchedules(client)) {
    const description = await describeSchedule(client, name);
    if (description !== undefined) statuses.push(await statusOf(client, description, now));
  }
  return statuses;
}

/** What `--check` asks: did the last due run not happen, or not end well? */
export function isInTrouble({ last }: Pick<ScheduleStatus, 'last'>): boolean {
  return last.state === 'failed' || last.state === 'missed' || last.state === 'skipped';
}

export async function statusOf(client: Client, description: ScheduleDescription, now: Date): Promise<ScheduleStatus> {
  const { scheduleId, state, info, action } = description;
  const times = describedRunTimesOf(description);
  const { count } = await client.workflow.count(
    `${startedBy(scheduleId)} AND ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated')`,
  );
  return {
    name: scheduleId,
    book: ownerOf(description),
    when: whenOf(times),
    timeZone: times.timeZone,
    kind: action.workflowType,
    isPaused: state.paused,
    note: state.note || undefined,
    nextAt: state.paused ? undefined : info.nextActionTimes[0],
    last: await lastRunOf(client, description, times, now),
    missed: info.numActionsMissedCatchupWindow,
    skipped: info.numActionsSkippedOverlap,
    failed: count,
  };
}

export interface RecentRun {
  jobId: string;
  /** With jitter. */
  scheduledAt: Date;
  startedAt: Date;
  /** Of the job of this id, which a backfill may have run again; unset where it is not kept any more. */
  status?: string | undefined;
}

/** The last runs that began, triggers and backfills among them: ten at most, the newest last. */
export async function recentRuns(client: Client, { info }: ScheduleDescription): Promise<RecentRun[]> {
  const runs = info.recentActions.map(async ({ action, scheduledAt, takenAt }) => {
    const jobId = action.workflow.workflowId;
    const status = (await describeJob(client, jobId))?.status.name.toLowerCase();
    return { jobId, scheduledAt, startedAt: takenAt, status };
  });
  return Promise.all(runs);
}

/** The last due run; where that one may still be about to start, the one before, which may not. */
async function lastRunOf(
  client: Client,
  description: ScheduleDescription,
  times: RunTimes,
  now: Date,
): Promise<LastRun> {
  const { spec, info } = description;
  // What was due before the schedule was as it is now is not known any more.
  const sinceMs = Math.max(info.createdAt.getTime(), info.lastUpdatedAt?.getTime() ?? 0);
  const lateMs = now.getTime() - START_DELAY_MS - (spec.jitter ?? 0);
  const [due, late] = [now.getTime() + 1, lateMs + 1].map((beforeMs) => lastRunTime(times, sinceMs, beforeMs));
  const last = due === undefined ? undefined : await runAt(client, description, due);
  if (last !== undefined) return last;
  if (late === undefined) return { state: 'none' };
  const before = late.getTime() === due?.getTime() ? undefined : await runAt(client, description, late);
  if (before !== undefined) return before;
  if (description.state.paused) return { state: 'none' };
  return { state: (await wasAnotherRunning(client, description, late)) ? 'skipped' : 'missed', dueAt: late };
}

/** The run of a due time, if it has begun or waits for its turn. */
async function runAt(
  client: Client,
  { scheduleId, action, info, policies, raw }: ScheduleDescription,
  dueAt: Date,
): Promise<LastRun | undefined> {
  const jobId = `${action.workflowId ?? `${scheduleId}-workflow`}-${dueAt.toISOString().slice(0, 19)}Z`;
  const job = await describeJob(client, jobId);
  if (job !== undefined) return endOf(job, jobId, dueAt);
  // The job is not kept any more, but the schedule remembers that it began.
  const isRemembered = info.recentActions.some(({ action: { workflow } }) => workflow.workflowId === jobId);
  if (isRemembered) return { state: 'ended', dueAt, jobId };
  const isBuffered = (raw.info?.bufferSize?.toNumber() ?? 0) > 0 && policies.overlap !== 'SKIP';
  return isBuffered ? { state: 'buffered', dueAt } : undefined;
}

function endOf({ status }: WorkflowExecutionDescription, jobId: string, dueAt: Date): LastRun {
  if (status.name === 'RUNNING') return { state: 'running', dueAt, jobId };
  if (status.name === 'COMPLETED') return { state: 'completed', dueAt, jobId };
  return { state: 'failed', dueAt, jobId, end: status.name.toLowerCase() };
}

async function wasAnotherRunning(client: Client, { scheduleId }: ScheduleDescription, at: Date): Promise<boolean> {
  const instant = at.toISOString();
  const { count } = await client.workflow.count(
    `${startedBy(scheduleId)} AND StartTime <= '${instant}' AND (CloseTime >= '${instant}' OR ExecutionStatus = 'Running')`,
  );
  return count > 0;
}

const startedBy = (scheduleId: string): string => `TemporalScheduledById = '${scheduleId.replaceAll("'", "\\'")}'`;

async function describeJob(client: Client, id: string): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await client.workflow.getHandle(id).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
