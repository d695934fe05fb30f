/**
 * Instants as calendar parts and as text, by arithmetic on the proleptic Gregorian calendar in UTC. An instant is in
 * microseconds since 1970-01-01, a bigint: years 1000 to 9999 are beyond what a float64 counts exactly.
 * Civil date from a day number: Howard Hinnant, "chrono-compatible low-level date algorithms".
 */
export const US_PER_DAY = 86_400_000_000n;

/** What is before this or not before that has no four-digit year. */
export const FIRST_INSTANT_US = microsecondsOf(1000, 1, 1);
export const END_INSTANT_US = microsecondsOf(10_000, 1, 1);

/** How finely a list of instants is written (data-plane 3.5.4). */
export type TimestampForm = 'date' | 'seconds' | 'milliseconds' | 'microseconds';

/** A civil date and time to an instant; the parts must be valid. */
export function microsecondsOf(year: number, month: number, day: number, microsecondsOfDay = 0): bigint {
  return BigInt(daysOf(year, month, day)) * US_PER_DAY + BigInt(microsecondsOfDay);
}

export function isCivilDate(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

/**
 * Writes year, month, day, hour, minute, second and the three digits of the millisecond into `parts`, in the order of
 * `DATE_PARTS`. What is below a millisecond is dropped.
 */
export function writeDateParts(instantUs: bigint, parts: Int32Array): void {
  const day = floorDays(instantUs);
  writeCivilDate(day, parts);
  writeTimeOfDay(Number(instantUs - BigInt(day) * US_PER_DAY), parts);
}

/**
 * The same for the instants of an array, which it reads as halves of 32 bits: millions of bigints would take most of the
 * time. Instants outside the bounds count as the bound.
 */
export class InstantReader {
  readonly #halves: Int32Array;
  readonly #min: DayAndTime;
  readonly #max: DayAndTime;

  constructor(values: BigInt64Array, minUs: bigint = FIRST_INSTANT_US, maxUs: bigint = END_INSTANT_US) {
    this.#halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    this.#min = dayAndTimeOf(minUs);
    this.#max = dayAndTimeOf(maxUs);
  }

  writeParts(place: number, parts: Int32Array): void {
    const low = this.#halves[2 * place + LOW_HALF]! >>> 0;
    const high = this.#halves[2 * place + 1 - LOW_HALF]!;
    const shifted = high * 2 ** 19 + (low >>> 13);
    const day = Math.floor(shifted / DAY_SHIFTED);
    let instant: DayAndTime = { day, timeUs: (shifted - day * DAY_SHIFTED) * 2 ** 13 + (low & 0x1fff) };
    if (isBefore(instant, this.#min)) instant = this.#min;
    else if (isBefore(this.#max, instant)) instant = this.#max;
    writeCivilDate(instant.day, parts);
    writeTimeOfDay(instant.timeUs, parts);
  }
}

/** Whether all instants surely have; false may also mean that one lies within the hour or so next to the limits. */
export function haveFourDigitYears(values: BigInt64Array): boolean {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const [first, end] = [Number(FIRST_INSTANT_US >> 32n), Number(END_INSTANT_US >> 32n)];
  for (let half = 1 - LOW_HALF; half < halves.length; half += 2) {
    if (halves[half]! <= first || halves[half]! >= end) return false;
  }
  return true;
}

export interface DayAndTime {
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly timeUs: number;
}

/** A day is 2^13 times so many microseconds: without its last 13 bits an instant of four-digit years is exact as a number. */
const DAY_SHIFTED = 10_546_875;
/** Which of the two halves of a 64-bit integer in memory is the low one. */
const LOW_HALF = new Int32Array(BigInt64Array.of(1n).buffer)[0] === 1 ? 0 : 1;

export function dayAndTimeOf(instantUs: bigint): DayAndTime {
  const day = floorDays(instantUs);
  return { day, timeUs: Number(instantUs - BigInt(day) * US_PER_DAY) };
}

export function isBefore(one: DayAndTime, other: DayAndTime): boolean {
  return one.day < other.day || (one.day === other.day && one.timeUs < other.timeUs);
}

/** The inverse of an `InstantReader`: writes an instant into an array of 64-bit integers that is seen as halves. */
export function writeInstant(halves: Int32Array, place: number, { day, timeUs }: DayAndTime): void {
  const low13 = timeUs % 2 ** 13;
  const shifted = day * DAY_SHIFTED + (timeUs - low13) / 2 ** 13;
  const high = Math.floor(shifted / 2 ** 19);
  halves[2 * place + LOW_HALF] = (shifted - high * 2 ** 19) * 2 ** 13 + low13;
  halves[2 * place + 1 - LOW_HALF] = high;
}

function writeTimeOfDay(timeUs: number, parts: Int32Array): void {
  const ms = Math.floor(timeUs / 1000);
  parts[3] = Math.floor(ms / 3_600_000);
  parts[4] = Math.floor(ms / 60_000) % 60;
  parts[5] = Math.floor(ms / 1000) % 60;
  parts[6] = Math.floor(ms / 100) % 10;
  parts[7] = Math.floor(ms / 10) % 10;
  parts[8] = ms % 10;
}

/** The shortest of the four forms that loses nothing of any of these instants. */
export function formOf(instantsUs: BigInt64Array): TimestampForm {
  let form: TimestampForm = 'date';
  for (const instantUs of instantsUs) {
    if (instantUs % 1000n !== 0n) return 'microseconds';
    if (form === 'milliseconds') continue;
    if (instantUs % 1_000_000n !== 0n) form = 'milliseconds';
    else if (instantUs % US_PER_DAY !== 0n) form = 'seconds';
  }
  return form;
}

/** `2020-01-15`, `2020-01-15 10:20:30`, `….500`, `….500123` */
export function formatInstant(instantUs: bigint, form: TimestampForm): string {
  const parts = new Int32Array(9);
  writeDateParts(instantUs, parts);
  const [year, month, day, hour, minute, second] = parts as unknown as [number, number, number, number, number, number];
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  if (form === 'date') return date;
  const time = `${date} ${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}`;
  if (form === 'seconds') return time;
  const microsecond = Number(((instantUs % 1_000_000n) + 1_000_000n) % 1_000_000n);
  return form === 'milliseconds'
    ? `${time}.${pad(Math.floor(microsecond / 1000), 3)}`
    : `${time}.${pad(microsecond, 6)}`;
}

/** The inverse of `formatInstant`, for the bounds kept in statistics. */
export function parseInstant(text: string): bigint {
  const [date, time = '00:00:00'] = text.split(' ') as [string, string?];
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  const [clock, fraction = ''] = time.split('.') as [string, string?];
  const [hour, minute, second] = clock.split(':').map(Number) as [number, number, number];
  const microsecond = Number(fraction.padEnd(6, '0'));
  return microsecondsOf(year, month, day, ((hour * 60 + minute) * 60 + second) * 1_000_000 + microsecond);
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

function floorDays(instantUs: bigint): number {
  const days = instantUs / US_PER_DAY;
  return Number(instantUs < 0n && days * US_PER_DAY !== instantUs ? days - 1n : days);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days from 1970-01-01 to a civil date. The year is counted from March, so that the leap day is its last. */
export function daysOf(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

function writeCivilDate(day: number, parts: Int32Array): void {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  parts[0] = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  parts[1] = month;
  parts[2] = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
}
