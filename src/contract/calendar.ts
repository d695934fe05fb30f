/**
 * The calendar of a schedule: which seconds, minutes, hours, days, months and years match. Read from a cron line or from
 * named fields, always resolved to the numbers that match, so that two ways of saying the same are equal. A time matches
 * when every field does, as Temporal's calendars do.
 * Not here: which instants match (client/schedules/run-times.ts).
 */
export const CALENDAR_FIELDS = ['second', 'minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek', 'year'] as const;
export type CalendarField = (typeof CALENDAR_FIELDS)[number];

/** Sorted, distinct; month 1 is January, dayOfWeek 0 is Sunday; no year at all is every year. */
export type Calendar = Readonly<Record<CalendarField, readonly number[]>>;
export interface NumberRange {
  start: number;
  end: number;
  step: number;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] as const;
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const FULL_NAMES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    'january february march april may june july august september october november december'
      .split(' ')
      .map((name, index) => [name, MONTHS[index]!]),
  ),
  ...Object.fromEntries(
    'sunday monday tuesday wednesday thursday friday saturday'.split(' ').map((name, index) => [name, DAYS[index]!]),
  ),
};

interface Bounds {
  min: number;
  max: number;
  names?: readonly string[];
  what: string;
}
/** Years as Temporal's server takes them. */
const BOUNDS: Readonly<Record<CalendarField, Bounds>> = {
  second: { min: 0, max: 59, what: 'second' },
  minute: { min: 0, max: 59, what: 'minute' },
  hour: { min: 0, max: 23, what: 'hour' },
  dayOfMonth: { min: 1, max: 31, what: 'day of the month' },
  month: { min: 1, max: 12, names: MONTHS, what: 'month' },
  dayOfWeek: { min: 0, max: 6, names: DAYS, what: 'day of the week' },
  year: { min: 2000, max: 2100, what: 'year' },
};
const SHORTHANDS: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
};
const CRON_FIELDS = ['minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'] as const;

/** A line of crontab, or @hourly, @daily, @weekly, @monthly, @yearly. @throws SyntaxError, a sentence for a person */
export function calendarOfCron(line: string): Calendar {
  const fields = (SHORTHANDS[line.trim()] ?? line).trim().split(/\s+/);
  if (fields.length !== CRON_FIELDS.length) {
    throw new SyntaxError(
      `"${line}" has ${fields.length} fields; a cron line has five (minute hour day-of-month month day-of-week), or is one of ${Object.keys(SHORTHANDS).join(', ')}`,
    );
  }
  const [, , dayOfMonth, , dayOfWeek] = fields;
  if (dayOfMonth !== '*' && dayOfWeek !== '*') {
    throw new SyntaxError(
      `"${line}" restricts both the day of the month and the day of the week: crontab runs when either matches, Temporal when both do. Say which with two schedules, or with calendar`,
    );
  }
  return calendarOf(Object.fromEntries(CRON_FIELDS.map((name, index) => [name, fields[index]])));
}

/**
 * @param fields each a number, or a text as in cron: `2`, `mon-fri`, `1,15`, `0-59/10`, or `*`. Not given: second, minute and hour 0, and
 * every day, month and year. @throws SyntaxError
 */
export function calendarOf(fields: Partial<Record<CalendarField, string | number>>): Calendar {
  const given = { second: 0, minute: 0, hour: 0, dayOfMonth: '*', month: '*', dayOfWeek: '*', year: '*', ...fields };
  const numbersOf = (field: CalendarField): number[] =>
    field === 'year' && given.year === '*' ? [] : parseField(String(given[field]), BOUNDS[field]);
  return Object.fromEntries(CALENDAR_FIELDS.map((field) => [field, numbersOf(field)])) as unknown as Calendar;
}

/** The same calendar as a cron line: five fields, or seven (with second and year) where five do not say it. */
export function cronOf(calendar: Calendar): string {
  const texts = CALENDAR_FIELDS.map((field) => textOf(calendar[field], field));
  const [second, ...rest] = texts;
  return second === '0' && texts.at(-1) === '*' ? rest.slice(0, -1).join(' ') : texts.join(' ');
}

/** As few ranges as say the same: `1-5`, or `0-45/15`. */
export function rangesOf(numbers: readonly number[]): NumberRange[] {
  const [first, second] = numbers;
  const last = numbers.at(-1);
  if (first === undefined || last === undefined) return [];
  const step = (second ?? first) - first;
  const isEven = numbers.every((number, index) => number === first + index * step);
  if (isEven && numbers.length > 2) return [{ start: first, end: last, step }];
  const ranges: NumberRange[] = [];
  for (const number of numbers) {
    const open = ranges.at(-1);
    if (open?.end === number - 1) open.end = number;
    else ranges.push({ start: number, end: number, step: 1 });
  }
  return ranges;
}

/** Sorted and distinct. */
export function numbersIn(ranges: readonly NumberRange[]): number[] {
  const numbers = ranges.flatMap(({ start, end, step }) =>
    Array.from(
      { length: Math.floor((Math.max(end, start) - start) / Math.max(step, 1)) + 1 },
      (_, index) => start + index * Math.max(step, 1),
    ),
  );
  return [...new Set(numbers)].sort((a, b) => a - b);
}

function parseField(text: string, bounds: Bounds): number[] {
  return numbersIn(text.split(',').flatMap((part) => parseRange(part.trim(), bounds)));
}

/** `*`, `5`, `mon-fri`, `*` or a range with `/step`; a step after a single number goes on to the end, as in Temporal. */
function parseRange(text: string, { min, max, names, what }: Bounds): NumberRange[] {
  const [span = '', stepText, ...more] = text.split('/');
  const step = stepText === undefined ? 1 : Number(stepText);
  const [from = '', to, ...rest] = span === '*' ? [String(min), String(max)] : span.split('-');
  // 7 is Sunday as well, as in crontab.
  const isDay = names === DAYS;
  const [start, end] = [from, to ?? (stepText === undefined ? from : String(max))].map((name) => numberOf(name, names));
  const limit = isDay ? 7 : max;
  const isWrong =
    [...more, ...rest].length > 0 ||
    start === undefined ||
    end === undefined ||
    start < min ||
    end > limit ||
    start > end;
  if (isWrong || !(Number.isInteger(step) && step > 0)) {
    const named = names === undefined ? '' : ` or ${names[0]} to ${names.at(-1)}`;
    throw new SyntaxError(`"${text}" is not a ${what}: ${min} to ${max}${named}, as in 5, 1,3, 1-5, */10 or *`);
  }
  if (!isDay || end < 7) return [{ start, end, step }];
  return numbersIn([{ start, end, step }]).map((day) => ({ start: day % 7, end: day % 7, step: 1 }));
}

function numberOf(text: string, names: readonly string[] | undefined): number | undefined {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  const lower = text.toLowerCase();
  const index = names?.indexOf(FULL_NAMES[lower] ?? lower) ?? -1;
  // Months are counted from 1, days of the week from 0.
  return index < 0 ? undefined : index + (names === MONTHS ? 1 : 0);
}

function textOf(numbers: readonly number[], field: CalendarField): string {
  const { min, max, names } = BOUNDS[field];
  if (numbers.length === 0 || (field !== 'year' && numbers.length === max - min + 1)) return '*';
  const nameOf = (number: number): string => names?.[number - min] ?? String(number);
  return rangesOf(numbers)
    .map(({ start, end, step }) => {
      if (start === end) return nameOf(start);
      const span = start === min && end + step > max && step > 1 ? '*' : `${nameOf(start)}-${nameOf(end)}`;
      return step === 1 ? span : `${span}/${step}`;
    })
    .join(',');
}
