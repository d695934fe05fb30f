/** Numbers to their decimal digits, each relative to the smallest that training had in its place (data-plane 5.4). */

import { codeArray } from '../code-array.js';
import type { ColumnNumbers } from '../column-numbers.js';
import { DIGIT_COUNT, placeOf, writeDigits } from '../decimal-digits.js';
import type { Random } from '../random.js';
import { roundHalfEven } from '../round-half-even.js';
import type { CodeArray, DigitStats } from '../stats.js';
import { exponentsOf } from '../sub-columns.js';
import { fillNulls } from './fill.js';

const DIGITS = 10;

/** Sub-columns with their codes. */
export function* encodeDigits(
  { rows, values, isNull }: ColumnNumbers,
  stats: DigitStats,
  random: Random,
): Generator<readonly [sub: string, codes: CodeArray]> {
  const exponents = exponentsOf(stats);
  const places = exponents.map(placeOf);
  const codes = exponents.map(() => codeArray(DIGITS, rows));
  const negatives = codeArray(2, rows);
  const digits = new Uint8Array(DIGIT_COUNT);
  const sources = fillNulls(isNull, random);
  for (let row = 0; row < rows; row += 1) {
    const source = sources === undefined ? row : sources[row]!;
    if (source < 0) continue;
    const value = withinBounds(values[source]!, stats);
    if (value < 0) negatives[row] = 1;
    writeDigits(value, digits);
    for (let i = 0; i < places.length; i += 1) {
      const place = places[i]!;
      const digit = Math.min(Math.max(digits[place]!, stats.minDigits[place]!), stats.maxDigits[place]!);
      codes[i]![row] = digit - stats.minDigits[place]!;
    }
  }
  if (stats.hasNull) yield ['nan', isNull];
  if (stats.hasNegative) yield ['neg', negatives];
  for (const [i, exponent] of exponents.entries()) yield [`E${exponent}`, codes[i]!];
}

/** Rounded where the column is one of integers, then clipped to the bounds. */
function withinBounds(value: number, { min, max, minDecimal }: DigitStats): number {
  const isInteger = minDecimal >= 0;
  const rounded = isInteger ? roundHalfEven(value) : value;
  if (min === null || max === null) return rounded;
  const [low, high] = isInteger ? [Math.trunc(min), Math.trunc(max)] : [min, max];
  return Math.min(Math.max(rounded, low), high);
}
