/**
 * Date parts back to instants (data-plane 9.5). Days beyond their month's end move to its last day. Bounds are compared as
 * instants at the column's resolution (a second, or a day without times), where the SDK compares texts and raises as soon
 * as a value with milliseconds is clipped (BUG-21). Where bounds are unknown, values decode normally.
 */
import type { TimestampColumn } from '../column.js';
import {
  type DayAndTime,
  dayAndTimeOf,
  daysOf,
  isBefore,
  isCivilDate,
  parseInstant,
  US_PER_DAY,
  writeInstant,
} from '../date-parts.js';
import { DATE_PARTS, type DatetimeStats } from '../stats.js';
import { datePartsOf } from '../sub-columns.js';
import type { DecodeInput } from './code-reader.js';

const US_PER_SECOND = 1_000_000;
/** Microseconds in one unit of hour, minute, second, ms_E2, ms_E1, ms_E0. */
const PART_US = [3_600_000_000, 60_000_000, 1_000_000, 100_000, 10_000, 1_000];

export function decodeDates({ feature, stats, rows, codesOf }: DecodeInput<DatetimeStats>): TimestampColumn {
  const parts = datePartsOf(stats).map((part) => ({ codes: codesOf(DATE_PARTS[part]!), min: stats.minValues[part]! }));
  const nulls = stats.hasNull ? codesOf('nan') : undefined;
  const resolutionUs = stats.hasTime ? US_PER_SECOND : Number(US_PER_DAY);
  const floored = ({ day, timeUs }: DayAndTime): DayAndTime => ({ day, timeUs: timeUs - (timeUs % resolutionUs) });
  const boundOf = (bound: string | null) => (bound === null ? undefined : floored(dayAndTimeOf(parseInstant(bound))));
  const [min, max] = [boundOf(stats.min), boundOf(stats.max)];
  const values = new BigInt64Array(rows);
  const isNull = new Uint8Array(rows);
  const halves = new Int32Array(values.buffer);
  const numbers = new Int32Array(parts.length);
  for (let row = 0; row < rows; row += 1) {
    if (nulls?.[row] === 1) {
      isNull[row] = 1;
      continue;
    }
    for (let place = 0; place < numbers.length; place += 1) {
      const { codes, min: smallest } = parts[place]!;
      numbers[place] = codes[row]! + smallest;
    }
    const [year, month, day] = [numbers[0]!, numbers[1]!, numbers[2]!];
    let timeUs = 0;
    for (let place = 3; place < numbers.length; place += 1) timeUs += numbers[place]! * PART_US[place - 3]!;
    let instant: DayAndTime = { day: daysOf(year, month, lastValidDay(year, month, day)), timeUs };
    const compared = floored(instant);
    if (min !== undefined && isBefore(compared, min)) instant = min;
    else if (max !== undefined && isBefore(max, compared)) instant = max;
    writeInstant(halves, row, instant);
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
