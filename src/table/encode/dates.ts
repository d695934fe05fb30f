/** Instants to their calendar parts, each relative to the smallest that training had (data-plane 5.6). */
import type { ColumnInstants } from '../column-instants.js';
import { parseInstant, writeDateParts } from '../date-parts.js';
import type { Random } from '../random.js';
import { DATE_PARTS, type DatetimeStats } from '../stats.js';
import { datePartsOf } from '../sub-columns.js';
import { fillNulls } from './fill.js';

/** Sub-column -> codes. */
export function encodeDates(
  { rows, values, isNull }: ColumnInstants,
  stats: DatetimeStats,
  random: Random,
): Map<string, Int32Array> {
  const { minValues, maxValues } = stats;
  const sent = datePartsOf(stats);
  const codes = sent.map(() => new Int32Array(rows));
  const parts = new Int32Array(DATE_PARTS.length);
  const clip = clipTo(stats);
  const filled = fillNulls(isNull, random);
  for (let row = 0; row < rows; row += 1) {
    const source = filled[row]!;
    if (source < 0) continue;
    writeDateParts(clip(values[source]!), parts);
    for (const part of sent) {
      codes[part]![row] = Math.min(Math.max(parts[part]!, minValues[part]!), maxValues[part]!) - minValues[part]!;
    }
  }
  return new Map([
    ...(stats.hasNull ? [['nan', Int32Array.from(isNull)] as const] : []),
    ...sent.map((part) => [DATE_PARTS[part]!, codes[part]!] as const),
  ]);
}

function clipTo({ min, max }: DatetimeStats): (instantUs: bigint) => bigint {
  if (min === null || max === null) return (instantUs) => instantUs;
  const [low, high] = [parseInstant(min), parseInstant(max)];
  return (instantUs) => {
    if (instantUs < low) return low;
    if (instantUs > high) return high;
    return instantUs;
  };
}
