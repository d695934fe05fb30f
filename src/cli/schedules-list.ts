/** `dxo schedules list|show`: how schedules are doing, so that a night that did not run is seen. */
import type { ScheduleDescription } from '@temporalio/client';
import { describedDefinitionOf, type ScheduleDefinition } from '../client/schedules/definition.js';
import { describeSchedule } from '../client/schedules/plan-schedules.js';
import {
  isInTrouble,
  type LastRun,
  type RecentRun,
  recentRuns,
  type ScheduleStatus,
  scheduleStatuses,
  statusOf,
} from '../client/schedules/schedule-status.js';
import { unknownSchedule } from '../client/schedules/steer-schedule.js';
import { reaching } from '../client/unavailable.js';
import { unescapeMarkdown } from '../contract/text.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { wallTextOf } from './schedules-text.js';
import { openSessionForJobs } from './session.js';
import { alignedTable, note, print, printJson } from './terminal.js';

const NEXT_RUNS = 5;

export async function listSchedules({ check, json }: { check?: true; json?: true }): Promise<ExitCode> {
  const session = await openSessionForJobs(process.cwd(), process.env);
  try {
    const client = session?.client.temporal;
    const statuses =
      client === undefined ? [] : await reaching('list the schedules', () => scheduleStatuses(client, new Date()));
    if (json) printJson({ schedules: statuses.map((status) => ({ ...status, ok: !isInTrouble(status) })) });
    else print(statuses.length === 0 ? 'no schedules' : tableOf(statuses));
    const troubled = statuses.filter(isInTrouble);
    for (const { name, last, timeZone } of troubled) note(`${name}: ${lastText(last, timeZone)}`);
    return check && troubled.length > 0 ? EXIT.failed : EXIT.done;
  } finally {
    await session?.close();
  }
}

export async function showSchedule(name: string, { json }: { json?: true }): Promise<ExitCode> {
  const session = await openSessionForJobs(process.cwd(), process.env);
  if (session === undefined) throw unknownSchedule(name);
  const client = session.client.temporal;
  try {
    return await reaching(`show the schedule ${name}`, async () => {
      const description = await describeSchedule(client, name);
      if (description === undefined) throw unknownSchedule(name);
      const status = await statusOf(client, description, new Date());
      const definition = describedDefinitionOf(description);
      const [recent, next] = [await recentRuns(client, description), nextOf(description)];
      if (json) printJson({ ...status, definition, recent, next });
      else print(shownSchedule(status, definition, recent, next));
      return EXIT.done;
    });
  } finally {
    await session.close();
  }
}

function tableOf(statuses: readonly ScheduleStatus[]): string {
  return alignedTable([
    ['NAME', 'BOOK', 'KIND', 'WHEN', 'NEXT', 'LAST DUE', 'MISSED', 'SKIPPED', 'FAILED'],
    ...statuses.map(({ name, book, kind, when, timeZone, isPaused, nextAt, last, missed, skipped, failed }) => [
      name,
      book ?? '(by hand)',
      kind,
      `${when} (${timeZone})`,
      isPaused ? 'paused' : nextAt === undefined ? 'never' : wallTextOf(nextAt, timeZone),
      lastText(last, timeZone),
      String(missed),
      String(skipped),
      String(failed),
    ]),
  ]);
}

/** `completed (Tue 2026-11-24 02:30)` */
function lastText(last: LastRun, timeZone: string): string {
  if (last.state === 'none') return 'none yet';
  return `${last.state === 'failed' ? last.end : last.state} (${wallTextOf(last.dueAt, timeZone)})`;
}

function shownSchedule(
  status: ScheduleStatus,
  definition: ScheduleDefinition,
  recent: readonly RecentRun[],
  next: readonly Date[],
): string {
  const { name, book, timeZone, isPaused, note: said, last, missed, skipped, failed } = status;
  const { details, ...fields } = definition;
  const at = (time: Date): string => wallTextOf(time, timeZone);
  return [
    `${name}  ${book === undefined ? 'made by hand' : `book ${book}`}${isPaused ? '  paused' : ''}`,
    ...(said === undefined ? [] : [`  note: ${said}`]),
    ...Object.entries(fields).map(([field, text]) => `  ${field}: ${unescapeMarkdown(text)}`),
    `  last due: ${lastText(last, timeZone)}`,
    `  missed ${missed}, skipped ${skipped}, failed ${failed}`,
    ...recent.map(
      ({ startedAt, jobId, status }) => `  started ${at(startedAt)}  ${jobId}  ${status ?? 'not kept any more'}`,
    ),
    ...(isPaused ? [] : next.map((time) => `  next ${at(time)}`)),
  ].join('\n');
}

const nextOf = ({ info }: ScheduleDescription): Date[] => info.nextActionTimes.slice(0, NEXT_RUNS);
