/**
 * Digits and bins back to numbers (data-plane 9.3, 9.4). Digits are exact up to the bounds; inside a bin the value is drawn.
 * Where the bounds are unknown digits decode normally: the SDK makes them all null if training had nulls.
 */
import type { Column } from '../column.js';
import { placeOf } from '../decimal-digits.js';
import { roundHalfEven } from '../round-half-even.js';
import { type BinnedStats, type DigitStats, MAX_TOKEN, MIN_TOKEN } from '../stats.js';
import { exponentsOf } from '../sub-columns.js';
import type { DecodeInput } from './code-reader.js';
import { type DecodedNumber, isNumberType, numberColumn } from './number-column.js';

export function decodeDigits({ feature, stats, rows, codesOf }: DecodeInput<DigitStats>): Column {
  const digits = exponentsOf(stats).map((exponent) => ({
    codes: codesOf(`E${exponent}`),
    min: stats.minDigits[placeOf(exponent)]!,
    power: 10 ** exponent,
  }));
  const nulls = stats.hasNull ? codesOf('nan') : undefined;
  const negatives = stats.hasNegative ? codesOf('neg') : undefined;
  return numberColumn(feature.name, typeOf(feature.sourceType, stats.minDecimal), rows, (row) => {
    if (nulls?.[row] === 1) return null;
    let magnitude = 0;
    for (const { codes, min, power } of digits) magnitude += (codes[row]! + min) * power;
    const signed = negatives?.[row] === 1 ? -magnitude : magnitude;
    const clipped = Math.min(Math.max(signed, stats.min ?? signed), stats.max ?? signed);
    return roundedTo(clipped, stats.minDecimal);
  });
}

export function decodeBinned({ feature, stats, rows, random, codesOf }: DecodeInput<BinnedStats>): Column {
  const { bins, specials, minDecimal } = stats;
  const codes = codesOf('bin');
  const valueOfCode = (code: number): DecodedNumber => {
    if (specials[code] === MIN_TOKEN) return bins[0]!;
    if (specials[code] === MAX_TOKEN) return bins.at(-1)!;
    const low = bins[code - specials.length];
    const high = bins[code - specials.length + 1];
    if (low === undefined || high === undefined) return null;
    return cutTo(between(low, high, random.next()), minDecimal);
  };
  return numberColumn(feature.name, typeOf(feature.sourceType, minDecimal), rows, (row) => valueOfCode(codes[row]!));
}

function typeOf(sourceType: Parameters<typeof isNumberType>[0], minDecimal: number) {
  if (isNumberType(sourceType)) return sourceType;
  return minDecimal >= 0 ? 'integer' : 'float';
}

/** Also where the ends are further apart than float64 reaches. */
function between(low: number, high: number, share: number): number {
  const width = high - low;
  return Number.isFinite(width) ? low + share * width : low * (1 - share) + high * share;
}

/** From 2^53 on a float64 has no decimals to round or cut, and scaling it may leave the range. */
const DECIMALS_END = 2 ** 53;

/** Half to even at 10^decimal, scaling by a power above 1 as NumPy does. */
function roundedTo(value: number, decimal: number): number {
  if (decimal < 0 && Math.abs(value) >= DECIMALS_END) return value;
  const power = 10 ** Math.abs(decimal);
  return decimal < 0 ? roundHalfEven(value * power) / power : roundHalfEven(value / power) * power;
}

/** Toward minus infinity at 10^decimal. */
function cutTo(value: number, decimal: number): number {
  if (decimal < 0 && Math.abs(value) >= DECIMALS_END) return value;
  const power = 10 ** Math.abs(decimal);
  return decimal < 0 ? Math.floor(value * power) / power : Math.floor(value / power) * power;
}
