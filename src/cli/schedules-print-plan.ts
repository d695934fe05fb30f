/** A plan as text: + what is made, ~ what changes from what to what, - what goes, and what is left alone. */
import { definitionOf, runTimesOf } from '../client/schedules/definition.js';
import type { ScheduleChange, SchedulePlan } from '../client/schedules/plan-schedules.js';
import { nextRunTimes } from '../client/schedules/run-times.js';
import { warningsOf } from '../client/schedules/schedule-warnings.js';
import type { ScheduleEntry } from '../contract/schedules.js';
import { wallTextOf } from './schedules-text.js';

const NEXT_RUNS = 5;
/** A request may hold long lists. */
const TEXT_CHARS_MAX = 100;
const GREEN = 32;
const YELLOW = 33;
const RED = 31;
const MARKS = {
  create: ['+', GREEN],
  update: ['~', YELLOW],
  remove: ['-', RED],
  conflict: ['!', RED],
  none: [' ', 0],
} as const;
/** Of a new schedule; the rest is in its request, which the file shows better. */
const SHOWN_FIELDS = ['when', 'timeZone', 'jitter', 'run', 'overlap', 'catchUpWindow', 'pauseOnFailure', 'priority'];

export function renderPlan(plan: SchedulePlan, now: Date, { isColored }: { isColored: boolean }): string {
  const paint = (text: string, color: number): string =>
    isColored && color !== 0 ? `\u001b[${color}m${text}\u001b[0m` : text;
  const blocks = plan.changes
    .filter((change) => change.action !== 'none' || change.pause !== undefined)
    .map((change) => {
      const [mark, color] = MARKS[change.action];
      return [paint(`${mark} ${headOf(change)}`, color), ...linesOf(change, now).map((line) => `    ${line}`)].join(
        '\n',
      );
    });
  const foreign = plan.foreign.map(({ name, owner }) => `  ${name} (${ownerText(owner)})`);
  return [
    ...blocks,
    ...(foreign.length === 0 ? [] : [['not of this book, left alone:', ...foreign].join('\n')]),
    summaryOf(plan),
  ].join('\n\n');
}

/** For programs: the same, without the server's own record. */
export function planAnswer({ book, changes, foreign }: SchedulePlan, now: Date): object {
  return {
    book,
    changes: changes.map((change) => ({
      action: change.action,
      name: change.name,
      ...('changes' in change ? { changes: change.changes } : {}),
      ...('pause' in change ? { pause: change.pause } : {}),
      ...('owner' in change ? { owner: change.owner } : {}),
      ...('entry' in change ? { next: nextOf(change.entry, now), warnings: warningsOf(change.entry, now) } : {}),
    })),
    foreign,
  };
}

function headOf(change: ScheduleChange): string {
  if (change.action === 'conflict')
    return `${change.name}: the name is taken (${ownerText(change.owner)}); --take-over ${change.name} replaces that schedule`;
  return change.name;
}

const ownerText = (owner: string | undefined): string => (owner === undefined ? 'made by hand' : `book ${owner}`);

function linesOf(change: ScheduleChange, now: Date): string[] {
  if (change.action === 'remove') return ['not in the file any more'];
  const { entry } = change;
  const pause =
    'pause' in change && change.pause !== undefined ? [`paused, and stays so (--resume ends it): ${change.pause}`] : [];
  if (change.action === 'none') return pause;
  return [
    ...fieldLines(change),
    ...pause,
    ...nextLines(entry, now),
    ...warningsOf(entry, now).map((text) => `warning: ${text}`),
  ];
}

function fieldLines(change: ScheduleChange & { entry: ScheduleEntry }): string[] {
  if (change.action === 'update') {
    return change.changes.map(({ field, from, to }) => `${field}: ${shown(from)} -> ${shown(to)}`);
  }
  const definition = definitionOf(change.entry);
  return SHOWN_FIELDS.filter((field) => definition[field] !== undefined).map(
    (field) => `${field}: ${shown(definition[field])}`,
  );
}

function nextLines(entry: ScheduleEntry, now: Date): string[] {
  const next = nextOf(entry, now).map((at) => wallTextOf(at, entry.timeZone));
  return next.length === 0 ? [] : [`next (${entry.timeZone}): ${next.join(', ')}`];
}

const nextOf = (entry: ScheduleEntry, now: Date): Date[] => nextRunTimes(runTimesOf(entry), now.getTime(), NEXT_RUNS);

function shown(text: string | undefined): string {
  if (text === undefined) return '(unset)';
  const line = text.replace(/\s+/g, ' ');
  return line.length > TEXT_CHARS_MAX ? `${line.slice(0, TEXT_CHARS_MAX)}…` : line;
}

function summaryOf({ book, changes }: SchedulePlan): string {
  const count = (action: ScheduleChange['action']): number =>
    changes.filter((change) => change.action === action).length;
  const parts = [
    `${count('create')} to create`,
    `${count('update')} to change`,
    `${count('remove')} to remove`,
    `${count('none')} unchanged`,
    ...(count('conflict') === 0 ? [] : [`${count('conflict')} in conflict`]),
  ];
  return `book ${book}: ${parts.join(', ')}`;
}
