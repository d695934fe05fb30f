/**
 * `{{ scheduled | date }}` in a `uri` of a request: one request, run every night, reads and writes that night's files.
 * Only `uri` properties are templates, at any depth; every other text stays as it is. Pure, so that a workflow may render:
 * the same request and time always give the same names, as far as two Nodes know the same time zones.
 * Not here: which time a job was scheduled for (the workflows), and what a request is (requests.ts).
 */
import { InputError } from './input-error.js';
import { DAY_MS, DEFAULT_TIME_ZONE, instantMsOf, isTimeZone, wallMsOf } from './wall-clock.js';

export interface TemplateContext {
  /** The nominal time of the run, or when the job started where no schedule started it. */
  scheduledAt: Date;
  /** IANA name. @default UTC */
  timeZone?: string | undefined;
  /** The schedule's name; unknown where no schedule started the job. */
  schedule?: string | undefined;
}

export interface TemplateFault {
  /** The path of the `uri`: `output.uri`. */
  param: string;
  message: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const UNITS_MS = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS } as const;

/** An instant, and the zone that its calendar is read in. */
interface Moment {
  instantMs: number;
  timeZone: string;
}

const FORMATS: Readonly<Record<string, (moment: Moment) => string>> = {
  date: (moment) => wallTextOf(moment).slice(0, 10),
  time: (moment) => wallTextOf(moment).slice(11),
  datetime: (moment) => wallTextOf(moment),
  year: (moment) => wallTextOf(moment).slice(0, 4),
  month: (moment) => wallTextOf(moment).slice(5, 7),
  day: (moment) => wallTextOf(moment).slice(8, 10),
  hour: (moment) => wallTextOf(moment).slice(11, 13),
  unix: ({ instantMs }) => String(Math.floor(instantMs / 1_000)),
};
const SHIFTS: Readonly<Record<string, 1 | -1>> = { plus: 1, minus: -1 };
const THERE_IS = `There are the variables scheduled and schedule, and for scheduled the filters ${Object.keys(FORMATS).join(', ')}, plus: and minus: (as in {{ scheduled | minus: 1d | date }}; units ${Object.keys(UNITS_MS).join(', ')}).`;

/**
 * The request with every `uri` rendered. @throws InputError (request_invalid) for the first template that is wrong; its
 * param is the path of the `uri`
 */
export function renderTemplates<T>(request: T, context: TemplateContext): T {
  const timeZone = context.timeZone ?? DEFAULT_TIME_ZONE;
  if (!isTimeZone(timeZone)) throw wrong(`There is no time zone ${JSON.stringify(timeZone)}.`, 'timeZone');
  return mapUris(request, [], (text, param) => renderText(text, param, { ...context, timeZone })) as T;
}

/** Everything wrong with the templates of a request, before it is ever run. */
export function templateFaults(request: unknown): TemplateFault[] {
  const faults: TemplateFault[] = [];
  const sample = { scheduledAt: new Date(0), timeZone: DEFAULT_TIME_ZONE, schedule: 'sample' };
  mapUris(request, [], (text, param) => {
    try {
      renderText(text, param, sample);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      faults.push({ param, message: error.message });
    }
    return text;
  });
  return faults;
}

function mapUris(value: unknown, path: readonly string[], map: (text: string, param: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item, index) => mapUris(item, [...path, String(index)], map));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, mapUris(member, [...path, name], map)]),
    );
  }
  return typeof value === 'string' && path.at(-1) === 'uri' ? map(value, path.join('.')) : value;
}

function renderText(text: string, param: string, context: TemplateContext & { timeZone: string }): string {
  const rendered: string[] = [];
  let rest = text;
  for (let open = rest.indexOf('{{'); open >= 0; open = rest.indexOf('{{')) {
    const close = rest.indexOf('}}', open);
    const literal = rest.slice(0, open);
    const inside = rest.slice(open + 2, close);
    if (close < 0 || literal.includes('}}') || inside.includes('{')) throw unbalanced(param);
    rendered.push(literal, renderExpression(inside, param, context));
    rest = rest.slice(close + 2);
  }
  if (rest.includes('}}')) throw unbalanced(param);
  return [...rendered, rest].join('');
}

/** `scheduled | minus: 1d | date`, without its braces. */
function renderExpression(
  expression: string,
  param: string,
  { scheduledAt, timeZone, schedule }: TemplateContext & { timeZone: string },
): string {
  const [variable = '', ...filters] = expression.split('|').map((part) => part.trim());
  if (variable === 'schedule') {
    const [filter] = filters;
    if (filter !== undefined) throw wrong(`{{ schedule }} takes no filter ("${filter}"). ${THERE_IS}`, param);
    if (schedule === undefined) {
      throw wrong(`{{ schedule }} has no value in ${param}: no schedule started this job.`, param);
    }
    if (/[/\\]|\.\.|^\.|\.$/.test(schedule)) {
      throw wrong(
        `{{ schedule }} cannot be part of ${param}: the schedule's name has a slash or .. in it, or a dot at an end.`,
        param,
      );
    }
    return schedule;
  }
  if (variable !== 'scheduled') throw wrong(`There is no variable "${variable}" (${param}). ${THERE_IS}`, param);
  return renderMoment({ instantMs: scheduledAt.getTime(), timeZone }, filters, param);
}

function renderMoment(moment: Moment, filters: readonly string[], param: string): string {
  const [filter = 'datetime', ...rest] = filters;
  const shifted = shift(moment, filter, param);
  if (shifted !== undefined) return renderMoment(shifted, rest, param);
  if (!Object.hasOwn(FORMATS, filter)) throw wrong(`There is no filter "${filter}" (${param}). ${THERE_IS}`, param);
  if (rest.length > 0) throw wrong(`Nothing can follow the filter ${filter} (${param}): it gives a text.`, param);
  return FORMATS[filter]!(moment);
}

/** `minus: 1d`: hours and minutes on the clock that never jumps, days and weeks on the calendar. */
function shift({ instantMs, timeZone }: Moment, filter: string, param: string): Moment | undefined {
  const [name = '', amount = ''] = filter.split(':', 2).map((part) => part.trim());
  if (!Object.hasOwn(SHIFTS, name)) return undefined;
  const [, count, unit] = /^(\d{1,5})([mhdw])$/.exec(amount) ?? [];
  if (count === undefined || unit === undefined) {
    throw wrong(`"${filter}" is not a shift such as "${name}: 1d" (${param}). ${THERE_IS}`, param);
  }
  const byMs = SHIFTS[name]! * Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
  if (unit === 'm' || unit === 'h') return { instantMs: instantMs + byMs, timeZone };
  return { instantMs: instantMsOf(wallMsOf(instantMs, timeZone) + byMs, timeZone), timeZone };
}

/** What the clocks of the zone show, as `2026-11-22T14-03-07`: no colon, which not every file system takes. */
function wallTextOf({ instantMs, timeZone }: Moment): string {
  return new Date(wallMsOf(instantMs, timeZone)).toISOString().slice(0, 19).replaceAll(':', '-');
}

function unbalanced(param: string): InputError {
  return wrong(
    `The braces of a template in ${param} are not balanced: {{ scheduled | date }} has two on each side.`,
    param,
  );
}

function wrong(message: string, param: string): InputError {
  return new InputError('request_invalid', message, param);
}
