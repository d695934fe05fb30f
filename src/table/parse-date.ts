/**
 * One text as an instant: the documented subset of what the SDK's free-form parser takes (data-plane 3.5.1).
 * ISO 8601 and its relatives (`2020-01-05`, `2020/01`, `20200105T083000Z`), `1/5/2020` and `5.1.2020`, month names,
 * quarters, each with an optional time of day and zone. All else is null, and so is what depends on the day of reading
 * (`now`, `10:30`): the same table must give the same statistics tomorrow.
 * Not here: which order of day and month a whole column has (parse-dates.ts).
 */
import { END_INSTANT_US, FIRST_INSTANT_US, isCivilDate, microsecondsOf } from './date-parts.js';

/** How `1/5/2020` is read. A number above 12 swaps the two silently, as it can only be a day. */
export type DayOrder = 'month-first' | 'day-first';

/** A text that has the form of a date; whether its numbers are one is for `instantOf` to say. */
export interface DateReading {
  /** Texts of one shape have one format; undefined where the SDK infers none. */
  readonly shape: string | undefined;
  readonly year: number;
  /** Month and day, or the two numbers of which either may be the month. */
  readonly first: number;
  readonly second: number;
  readonly isAmbiguous: boolean;
  /** Time of day less the zone's offset. */
  readonly offsetUs: number;
}

/** `00`..`75` are 2000..2075, the rest 1976..1999: what the SDK does in 2026. It moves with the calendar; we do not. */
const LAST_SHORT_YEAR_OF_2000S = 75;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH_NAME =
  '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?';
const WEEKDAY = '(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\\s+)?';

const YEAR_FIRST = /^(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|[-/](\d{1,2}))?(?![\d/.-])/;
const YEAR_LAST = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/i;
const QUARTER = /^(\d{4})-?q([1-4])$/i;
const DAY_MONTH = new RegExp(`^${WEEKDAY}(\\d{1,2})(?:st|nd|rd|th)?[\\s-]+${MONTH_NAME}[\\s,-]+(\\d{4})(?!\\d)`, 'i');
const MONTH_DAY = new RegExp(`^${WEEKDAY}${MONTH_NAME}[\\s-]+(\\d{1,2})(?:st|nd|rd|th)?[\\s,-]+(\\d{4})(?!\\d)`, 'i');
const MONTH_YEAR = new RegExp(`^${MONTH_NAME}[\\s,-]+(\\d{4})$`, 'i');
const TIME =
  /^(?:T|\s+)(\d{1,2})(?::(\d{2})(?::(\d{2})([.,]\d+)?)?)?\s*([ap]m)?\s*(?:(Z|[+-]\d{2}(?::?\d{2})?)|[A-Z]{3,4})?$/i;

/** @returns undefined where the text has no form of a date that we know */
export function readDate(text: string): DateReading | undefined {
  const trimmed = text.trim();
  return readCompact(trimmed) ?? readMonthOrQuarter(trimmed) ?? readWithTime(trimmed);
}

/** @returns undefined where the numbers are no date of the years 1000 to 9999, in either order unless `isStrict` */
export function instantOf(reading: DateReading, order: DayOrder, isStrict = false): bigint | undefined {
  const { year, first, second, isAmbiguous, offsetUs } = reading;
  const isDayFirst = isAmbiguous && order === 'day-first';
  let [month, day] = isDayFirst ? [second, first] : [first, second];
  if (month > 12 && !isStrict) [month, day] = [day, month];
  if (!isCivilDate(year, month, day)) return undefined;
  const instantUs = microsecondsOf(year, month, day) + BigInt(offsetUs);
  return instantUs >= FIRST_INSTANT_US && instantUs < END_INSTANT_US ? instantUs : undefined;
}

function readCompact(text: string): DateReading | undefined {
  const match = COMPACT.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', zone] = match;
  const offsetUs = timeOfDay(Number(hour), Number(minute), Number(second), 0, zone);
  if (offsetUs === undefined) return undefined;
  const shape = `compact${match[0].length}${zone === undefined ? '' : 'z'}`;
  return { shape, year: Number(year), first: Number(month), second: Number(day), isAmbiguous: false, offsetUs };
}

function readMonthOrQuarter(text: string): DateReading | undefined {
  const quarter = QUARTER.exec(text);
  if (quarter !== null) return firstOfMonth(Number(quarter[1]), Number(quarter[2]) * 3 - 2, undefined);
  const named = MONTH_YEAR.exec(text);
  return named === null ? undefined : firstOfMonth(Number(named[2]), monthOf(named[1]!), 'b Y');
}

function firstOfMonth(year: number, month: number, shape: string | undefined): DateReading {
  return { shape, year, first: month, second: 1, isAmbiguous: false, offsetUs: 0 };
}

function readWithTime(text: string): DateReading | undefined {
  const date = readDay(text);
  if (date === undefined) return undefined;
  const rest = text.slice(date.length);
  if (rest === '') return { ...date.reading, offsetUs: 0 };
  const time = readTime(rest);
  if (time === undefined) return undefined;
  const shape = date.reading.shape === undefined ? undefined : date.reading.shape + time.shape;
  return { ...date.reading, shape, offsetUs: time.offsetUs };
}

type Day = { length: number; reading: Omit<DateReading, 'offsetUs'> };

function readDay(text: string): Day | undefined {
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst !== null) {
    const [{ length }, year, separator = '', month, day = '1', onlyMonth] = yearFirst;
    const shape = `Y${separator}${month === undefined ? onlyMonth?.length : 'm-d'}`;
    return dayOf(length, shape, Number(year), Number(month ?? onlyMonth ?? 1), Number(day), false);
  }
  const yearLast = YEAR_LAST.exec(text);
  if (yearLast !== null) {
    const [{ length }, first, separator, second, year] = yearLast as unknown as [
      string,
      string,
      string,
      string,
      string,
    ];
    const shape = year.length === 4 ? `n${separator}n${separator}Y` : undefined;
    return dayOf(length, shape, fullYear(year), Number(first), Number(second), true);
  }
  const dayMonth = DAY_MONTH.exec(text);
  if (dayMonth !== null) {
    return dayOf(dayMonth[0].length, 'd b Y', Number(dayMonth[3]), monthOf(dayMonth[2]!), Number(dayMonth[1]), false);
  }
  const monthDay = MONTH_DAY.exec(text);
  if (monthDay === null) return undefined;
  return dayOf(monthDay[0].length, 'b d Y', Number(monthDay[3]), monthOf(monthDay[1]!), Number(monthDay[2]), false);
}

function dayOf(
  length: number,
  shape: string | undefined,
  year: number,
  first: number,
  second: number,
  isAmbiguous: boolean,
): Day {
  return { length, reading: { shape, year, first, second, isAmbiguous } };
}

function readTime(text: string): { shape: string; offsetUs: number } | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [, hourText, minute = '0', second = '0', fraction = '', half, zone] = match;
  const hour = half === undefined ? Number(hourText) : hourOfHalf(Number(hourText), half);
  // The SDK's parser loses a fraction that follows a comma.
  const microsecond = fraction.startsWith('.') ? Number(fraction.slice(1, 7).padEnd(6, '0')) : 0;
  const offsetUs = hour === undefined ? undefined : timeOfDay(hour, Number(minute), Number(second), microsecond, zone);
  if (offsetUs === undefined) return undefined;
  const parts = [match[2] && 'M', match[3] && 'S', fraction && 'f', half && 'p', zone && 'z'];
  return { shape: ` H${parts.filter(Boolean).join('')}`, offsetUs };
}

function hourOfHalf(hour: number, half: string): number | undefined {
  if (hour > 12) return undefined;
  return (hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
}

/** Microseconds from midnight UTC; undefined for an hour 24 or a second 60. */
function timeOfDay(
  hour: number,
  minute: number,
  second: number,
  microsecond: number,
  zone?: string,
): number | undefined {
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const seconds = (hour * 60 + minute) * 60 + second - zoneSeconds(zone);
  return seconds * 1_000_000 + microsecond;
}

function zoneSeconds(zone: string | undefined): number {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const seconds = (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60;
  return zone.startsWith('-') ? -seconds : seconds;
}

function fullYear(year: string): number {
  if (year.length === 4) return Number(year);
  return Number(year) + (Number(year) <= LAST_SHORT_YEAR_OF_2000S ? 2000 : 1900);
}

function monthOf(name: string): number {
  return MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1;
}
