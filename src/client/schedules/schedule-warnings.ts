/** What is allowed in a schedules file and hardly meant: said with a plan, so that it is not found out at night. */
import type { ScheduleEntry } from '../../contract/schedules.js';
import { renderTemplates } from '../../contract/template.js';
import { runOf, runTimesOf } from './definition.js';
import { nextRunTimes } from './run-times.js';

export function warningsOf(entry: ScheduleEntry, now: Date): string[] {
  const next = nextRunTimes(runTimesOf(entry), now.getTime(), 2);
  return [...neverDue(next), ...sameOutput(entry, next), ...leavesModels(entry)];
}

function neverDue(next: readonly Date[]): string[] {
  return next.length > 0 ? [] : ['it is never due: check when, startAt and endAt'];
}

function sameOutput(entry: ScheduleEntry, next: readonly Date[]): string[] {
  const { request } = runOf(entry);
  const { output } = request as { output?: { uri: string; overwrite?: boolean } };
  const [first, second] = next.map((scheduledAt) => {
    const context = { scheduledAt, timeZone: request.timeZone as string | undefined, schedule: entry.name };
    return renderTemplates({ output }, context).output?.uri;
  });
  if (first === undefined || first !== second || output?.overwrite === true) return [];
  return [
    `two runs in a row write ${first}, and the second fails with output_exists: put the time in output.uri ({{ scheduled | datetime }}), or set output.overwrite`,
  ];
}

function leavesModels({ overlap }: ScheduleEntry): string[] {
  if (overlap !== 'terminate-other') return [];
  return ['terminate-other ends a job before it can delete its model; cancel-other lets it'];
}
