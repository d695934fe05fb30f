/**
 * What a schedule is, in two tongues: as a file says it and as Temporal keeps it. Both are brought to one form, readable
 * texts by field, so that a difference is a field with two texts, whoever made it and however they wrote it.
 * The state (paused, the last note) is not part of it: that is an operator's, see plan-schedules.ts.
 */
import type { ScheduleDescription, ScheduleOptions } from '@temporalio/client';
import { calendarOf, calendarOfCron, cronOf } from '../../contract/calendar.js';
import { type AnyRequest, detailRequest, summarizeRequest } from '../../contract/describe-request.js';
import { durationMsOf, durationTextOf } from '../../contract/duration.js';
import { WORKFLOW_QUEUE, WORKFLOW_TYPES, type WorkflowType } from '../../contract/messages.js';
import type { Overlap, ScheduleEntry } from '../../contract/schedules.js';
import { escapeMarkdown } from '../../contract/text.js';
import { DEFAULT_TIME_ZONE } from '../../contract/wall-clock.js';
import { STARTABLE } from '../parse-start.js';
import type { RunTimes } from './run-times.js';
import { calendarOfTemporal, temporalCalendarOf } from './temporal-calendar.js';

/** Field -> text: `when` -> `30 2 * * *`, `request.generation.n_samples` -> `50000`. A field that is not there is unset. */
export type ScheduleDefinition = Readonly<Record<string, string>>;

type TemporalOverlap = NonNullable<NonNullable<ScheduleOptions['policies']>['overlap']>;
const OVERLAP_OF: Readonly<Record<Overlap, TemporalOverlap>> = {
  skip: 'SKIP',
  'buffer-one': 'BUFFER_ONE',
  'buffer-all': 'BUFFER_ALL',
  'cancel-other': 'CANCEL_OTHER',
  'terminate-other': 'TERMINATE_OTHER',
  'allow-all': 'ALLOW_ALL',
};

/** The parts of a schedule that apply writes; Temporal's types lack the action's priority, which its encoder sends. */
export type WrittenSchedule = Pick<ScheduleOptions, 'spec' | 'policies'> & {
  action: ScheduleOptions['action'] & {
    args: unknown[];
    workflowId: string;
    priority?: { priorityKey?: number; fairnessKey?: string };
  };
};

/** The kind of job, and its request as the file has it. */
export function runOf({ run }: ScheduleEntry): { kind: WorkflowType; request: Record<string, unknown> } {
  const kind = WORKFLOW_TYPES.find((type) => run[type] !== undefined)!;
  return { kind, request: run[kind] as Record<string, unknown> };
}

/** What Temporal is given for a schedule of the file. */
export function writtenScheduleOf(entry: ScheduleEntry): WrittenSchedule {
  const { calendars, intervals, timeZone, startMs, endMs } = runTimesOf(entry);
  const { kind, request } = runOf(entry);
  const { priority, fairnessKey, note, jitter } = entry;
  const parsed = parsedRequestOf(kind, request);
  return {
    spec: {
      calendars: calendars.map(temporalCalendarOf),
      intervals: intervals.map(({ everyMs, offsetMs }) => ({ every: everyMs, offset: offsetMs })),
      timezone: timeZone,
      ...(jitter === undefined ? {} : { jitter: durationMsOf(jitter) }),
      ...(startMs === undefined ? {} : { startAt: new Date(startMs) }),
      ...(endMs === undefined ? {} : { endAt: new Date(endMs) }),
    },
    action: {
      type: 'startWorkflow',
      workflowType: kind,
      taskQueue: WORKFLOW_QUEUE,
      workflowId: `${kind}-${entry.name}`,
      args: [request],
      staticSummary: summarizeRequest(kind, parsed),
      staticDetails: [...(note === undefined ? [] : [escapeMarkdown(note)]), detailRequest(kind, parsed)].join('\n\n'),
      ...(priority === undefined && fairnessKey === undefined
        ? {}
        : { priority: { ...(priority && { priorityKey: priority }), ...(fairnessKey && { fairnessKey }) } }),
    },
    policies: {
      overlap: OVERLAP_OF[entry.overlap],
      catchupWindow: durationMsOf(entry.catchUpWindow),
      pauseOnFailure: entry.pauseOnFailure,
    },
  };
}

/** When a schedule of the file runs. */
export function runTimesOf({ cron, calendar, interval, timeZone, startAt, endAt }: ScheduleEntry): RunTimes {
  return {
    calendars: cron === undefined ? (calendar ?? []).map(calendarOf) : [calendarOfCron(cron)],
    intervals:
      interval === undefined
        ? []
        : [
            {
              everyMs: durationMsOf(interval.every),
              offsetMs: interval.offset === undefined ? 0 : durationMsOf(interval.offset),
            },
          ],
    skip: [],
    timeZone,
    startMs: startAt === undefined ? undefined : Date.parse(startAt),
    endMs: endAt === undefined ? undefined : Date.parse(endAt),
  };
}

/** When a schedule of the server runs, whoever made it. */
export function describedRunTimesOf({ spec }: Pick<ScheduleDescription, 'spec'>): RunTimes {
  const { calendars = [], intervals = [], skip = [], timezone, startAt, endAt } = spec;
  return {
    calendars: calendars.map(calendarOfTemporal),
    intervals: intervals.map(({ every, offset }) => ({ everyMs: every, offsetMs: offset ?? 0 })),
    skip: skip.map(calendarOfTemporal),
    timeZone: timezone || DEFAULT_TIME_ZONE,
    startMs: startAt?.getTime(),
    endMs: endAt?.getTime(),
  };
}

export function definitionOf(entry: ScheduleEntry): ScheduleDefinition {
  const { spec, action, policies } = writtenScheduleOf(entry);
  return fieldsOf(runTimesOf(entry), spec.jitter as number | undefined, action, {
    overlap: policies?.overlap,
    catchupWindow: policies?.catchupWindow as number,
    pauseOnFailure: policies?.pauseOnFailure === true,
  });
}

export function describedDefinitionOf(description: ScheduleDescription): ScheduleDefinition {
  const { spec, action, policies, state } = description;
  const { retry, workflowExecutionTimeout, workflowRunTimeout, workflowTaskTimeout, memo, searchAttributes } = action;
  // What apply never sets: it was set by hand, and an update takes it away.
  const foreign = {
    retry,
    workflowExecutionTimeout,
    workflowRunTimeout,
    workflowTaskTimeout,
    memo,
    searchAttributes,
    remainingActions: state.remainingActions,
  };
  return {
    ...fieldsOf(describedRunTimesOf(description), spec.jitter, action, policies),
    ...Object.assign({}, ...Object.entries(withoutEmpty(foreign)).map(([name, value]) => flatten(name, value))),
  };
}

function fieldsOf(
  times: RunTimes,
  jitterMs: number | undefined,
  action: {
    workflowType: unknown;
    workflowId?: string | undefined;
    taskQueue?: string | undefined;
    args?: unknown;
    staticSummary?: string | undefined;
    staticDetails?: string | undefined;
    priority?: { priorityKey?: number; fairnessKey?: string } | undefined;
  },
  policies: { overlap: TemporalOverlap | undefined; catchupWindow: number; pauseOnFailure: boolean },
): ScheduleDefinition {
  const [request, ...more] = (action.args ?? []) as unknown[];
  const overlap = Object.entries(OVERLAP_OF).find(([, theirs]) => theirs === policies.overlap)?.[0];
  const { priorityKey, fairnessKey } = action.priority ?? {};
  const fields = {
    when: whenOf(times),
    skip: times.skip.map(cronOf).sort().join('; '),
    timeZone: times.timeZone,
    jitter: jitterMs ? durationTextOf(jitterMs) : '',
    startAt: times.startMs === undefined ? '' : new Date(times.startMs).toISOString(),
    endAt: times.endMs === undefined ? '' : new Date(times.endMs).toISOString(),
    run: String(action.workflowType),
    jobId: action.workflowId ?? '',
    taskQueue: action.taskQueue ?? '',
    overlap: overlap ?? '',
    catchUpWindow: durationTextOf(policies.catchupWindow),
    pauseOnFailure: String(policies.pauseOnFailure),
    priority: priorityKey ? String(priorityKey) : '',
    fairnessKey: fairnessKey ?? '',
    summary: action.staticSummary ?? '',
    details: action.staticDetails ?? '',
  };
  return {
    ...Object.fromEntries(Object.entries(fields).filter(([, text]) => text !== '')),
    ...flatten('request', request),
    ...(more.length === 0 ? {} : { 'more arguments': JSON.stringify(more) }),
  };
}

/** `30 2 * * *`, `every 6h offset 30m`, several joined by `; ` */
export function whenOf({ calendars, intervals }: Pick<RunTimes, 'calendars' | 'intervals'>): string {
  const steps = intervals.map(
    ({ everyMs, offsetMs }) =>
      `every ${durationTextOf(everyMs)}${offsetMs === 0 ? '' : ` offset ${durationTextOf(offsetMs)}`}`,
  );
  return [...calendars.map(cronOf), ...steps].sort().join('; ');
}

/** Objects by their members; what is no object, or has no members, as JSON. */
function flatten(path: string, value: unknown): Record<string, string> {
  if (value === undefined) return {};
  const isBranch = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isBranch || Object.keys(value).length === 0) return { [path]: JSON.stringify(value) };
  return Object.assign(
    {},
    ...Object.entries(value).map(([name, member]) => flatten(`${path}.${name}`, member)),
  ) as Record<string, string>;
}

function withoutEmpty(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => value !== undefined && !(typeof value === 'object' && Object.keys(value ?? {}).length === 0),
    ),
  );
}

/** With the defaults that the summary shows; the schedule keeps the request as it was written. */
function parsedRequestOf(kind: WorkflowType, request: unknown): AnyRequest {
  return STARTABLE[kind].parse(request);
}
