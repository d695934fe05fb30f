/** Dates: the range of each calendar part, and bounds (data-plane 3.5.3, 3.5.4). */
import type { ColumnInstants } from '../column-instants.js';
import { formatInstant, formOf, InstantReader } from '../date-parts.js';
import { DATE_PARTS, type DatetimeStats } from '../stats.js';
import { boundPlaces, type DrawThreshold } from './protection.js';

/** A bound is written in the form of this many values at its end. */
const FORM_SAMPLE_ROWS = 1000;
/** The parts where there is no value at all. */
const PARTS_OF_NOTHING = [2022, 1, 1, 0, 0, 0, 0, 0, 0];
const [YEAR, HOUR, MILLISECOND] = [0, 3, 6];

export function analyzeDatetime(instants: ColumnInstants, draw: DrawThreshold): DatetimeStats {
  const sorted = sortedInstants(instants);
  const { minValues, maxValues } = partRanges(sorted);
  const bounds = boundPlaces(sorted.length, draw);
  const isHidden = draw !== undefined && bounds === undefined;
  const hasTime = !isHidden && maxValues.slice(HOUR, MILLISECOND).some((value) => value > 0);
  const min =
    bounds === undefined ? null : formatInstant(sorted[bounds[0]]!, formOf(sorted.slice(0, FORM_SAMPLE_ROWS)));
  const max = bounds === undefined ? null : formatInstant(sorted[bounds[1]]!, formOf(sorted.slice(-FORM_SAMPLE_ROWS)));
  if (draw !== undefined && min !== null && max !== null) {
    minValues[YEAR] = Number(min.slice(0, 4));
    maxValues[YEAR] = Number(max.slice(0, 4));
  }
  return {
    encoding: 'TABULAR_DATETIME',
    hasNull: sorted.length < instants.rows,
    hasTime,
    hasMilliseconds: hasTime && maxValues.slice(MILLISECOND).some((value) => value > 0),
    minValues,
    maxValues,
    min,
    max,
  };
}

function sortedInstants({ rows, values, isNull }: ColumnInstants): BigInt64Array {
  const withValue = new BigInt64Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row += 1) {
    if (isNull[row] === 1) continue;
    withValue[count] = values[row]!;
    count += 1;
  }
  return withValue.subarray(0, count).sort();
}

function partRanges(instants: BigInt64Array): { minValues: number[]; maxValues: number[] } {
  if (instants.length === 0) return { minValues: [...PARTS_OF_NOTHING], maxValues: [...PARTS_OF_NOTHING] };
  const minValues = new Array<number>(DATE_PARTS.length).fill(Number.POSITIVE_INFINITY);
  const maxValues = new Array<number>(DATE_PARTS.length).fill(Number.NEGATIVE_INFINITY);
  const parts = new Int32Array(DATE_PARTS.length);
  const reader = new InstantReader(instants);
  for (let place = 0; place < instants.length; place += 1) {
    reader.writeParts(place, parts);
    for (let part = 0; part < parts.length; part += 1) {
      const value = parts[part]!;
      if (value < minValues[part]!) minValues[part] = value;
      if (value > maxValues[part]!) maxValues[part] = value;
    }
  }
  return { minValues, maxValues };
}
