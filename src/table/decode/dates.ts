/**
 * Date parts back to instants (data-plane 9.5). Days beyond their month's end move to its last day. Bounds are compared as
 * instants at the column's resolution (a second, or a day without times), where the SDK compares texts and raises as soon
 * as a value with milliseconds is clipped (BUG-21). Where bounds are unknown, values decode normally.
 */
import type { TimestampColumn } from '../column.js';
import { isCivilDate, microsecondsOf, parseInstant, US_PER_DAY } from '../date-parts.js';
import { DATE_PARTS, type DatetimeStats } from '../stats.js';
import { datePartsOf } from '../sub-columns.js';
import type { DecodeInput } from './code-reader.js';

const US_PER_SECOND = 1_000_000n;
/** Microseconds in one unit of hour, minute, second, ms_E2, ms_E1, ms_E0. */
const PART_US = [3_600_000_000, 60_000_000, 1_000_000, 100_000, 10_000, 1_000];

export function decodeDates({ feature, stats, rows, codesOf }: DecodeInput<DatetimeStats>): TimestampColumn {
  const parts = datePartsOf(stats).map((part) => ({ codes: codesOf(DATE_PARTS[part]!), min: stats.minValues[part]! }));
  const nulls = stats.hasNull ? codesOf('nan') : undefined;
  const resolutionUs = stats.hasTime ? US_PER_SECOND : US_PER_DAY;
  const min = stats.min === null ? undefined : floored(parseInstant(stats.min), resolutionUs);
  const max = stats.max === null ? undefined : floored(parseInstant(stats.max), resolutionUs);
  const values = new BigInt64Array(rows);
  const isNull = new Uint8Array(rows);
  for (let row = 0; row < rows; row += 1) {
    if (nulls?.[row] === 1) {
      isNull[row] = 1;
      continue;
    }
    const part = (place: number) => parts[place]!.codes[row]! + parts[place]!.min;
    let microsecondsOfDay = 0;
    for (let place = 3; place < parts.length; place += 1) microsecondsOfDay += part(place) * PART_US[place - 3]!;
    const instant = microsecondsOf(part(0), part(1), lastValidDay(part(0), part(1), part(2)), microsecondsOfDay);
    const compared = floored(instant, resolutionUs);
    values[row] = min !== undefined && compared < min ? min : max !== undefined && compared > max ? max : instant;
  }
  // A text column of dates has no type of its own to give back: dates without a time stay dates.
  const isDate = feature.sourceType === 'timestamp' ? feature.isDate : !stats.hasTime;
  return { name: feature.name, type: 'timestamp', rows, values, isNull, isDate };
}

function lastValidDay(year: number, month: number, day: number): number {
  let valid = day;
  while (valid > 28 && !isCivilDate(year, month, valid)) valid -= 1;
  return valid;
}

function floored(instantUs: bigint, unitUs: bigint): bigint {
  const rest = instantUs % unitUs;
  return rest < 0n ? instantUs - rest - unitUs : instantUs - rest;
}
