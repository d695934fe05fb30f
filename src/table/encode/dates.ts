/** Instants to their calendar parts, each relative to the smallest that training had (data-plane 5.6). */
import { codeArray } from '../code-array.js';
import type { ColumnInstants } from '../column-instants.js';
import { InstantReader, parseInstant } from '../date-parts.js';
import type { Random } from '../random.js';
import { type CodeArray, DATE_PARTS, type DatetimeStats } from '../stats.js';
import { datePartsOf } from '../sub-columns.js';
import { fillNulls } from './fill.js';

/** Sub-columns with their codes. */
export function* encodeDates(
  { rows, values, isNull }: ColumnInstants,
  stats: DatetimeStats,
  random: Random,
): Generator<readonly [sub: string, codes: CodeArray]> {
  const minValues = Int32Array.from(stats.minValues);
  const maxValues = Int32Array.from(stats.maxValues);
  const sent = datePartsOf(stats);
  const codes = sent.map((part) => codeArray(maxValues[part]! - minValues[part]! + 1, rows));
  const parts = new Int32Array(DATE_PARTS.length);
  const sources = fillNulls(isNull, random);
  const bounds = [stats.min, stats.max].map((bound) => (bound === null ? undefined : parseInstant(bound)));
  const instants = new InstantReader(values, bounds[0], bounds[1]);
  for (let row = 0; row < rows; row += 1) {
    const source = sources === undefined ? row : sources[row]!;
    if (source < 0) continue;
    instants.writeParts(source, parts);
    for (let part = 0; part < codes.length; part += 1) {
      const [min, max] = [minValues[part]!, maxValues[part]!];
      const value = parts[part]!;
      codes[part]![row] = (value < min ? min : value > max ? max : value) - min;
    }
  }
  if (stats.hasNull) yield ['nan', isNull];
  for (const part of sent) yield [DATE_PARTS[part]!, codes[part]!];
}
