/**
 * Numbers in their three encodings: each value a code (discrete), each decimal digit (digit), intervals (binned), and
 * the choice between them (data-plane 3.4). All three begin with the same quantities.
 */
import type { ColumnNumbers } from '../column-numbers.js';
import { DIGIT_COUNT, HIGHEST_EXPONENT, LOWEST_EXPONENT, leadingExponent, writeDigits } from '../decimal-digits.js';
import { spellDiscrete } from '../discrete-text.js';
import {
  type BinnedStats,
  type DigitStats,
  type DiscreteStats,
  MAX_TOKEN,
  MIN_TOKEN,
  NULL_TOKEN,
  PROTECTED,
  UNKNOWN,
} from '../stats.js';
import { binEdges } from './bins.js';
import { boundPlaces, countKept, type DrawThreshold } from './protection.js';

export type NumericEncoding = `TABULAR_NUMERIC_${'AUTO' | 'DISCRETE' | 'DIGIT' | 'BINNED'}`;

/** NUMERIC_AUTO takes the values themselves if so much of the rows keep theirs, else digits if so few places matter. */
const DISCRETE_COVERAGE_ABOVE = 0.999;
const DIGIT_PLACES_MAX = 3;
const AUTO_COUNTED_DISTINCT_BELOW = 100;

interface Quantities {
  /** Non-null values, ascending. */
  sorted: Float64Array;
  hasNull: boolean;
  minDigits: number[];
  maxDigits: number[];
  minDecimal: number;
  bounds: { min: number; max: number } | undefined;
}

export function analyzeNumeric(
  numbers: ColumnNumbers,
  encoding: NumericEncoding,
  draw: DrawThreshold,
): DiscreteStats | DigitStats | BinnedStats {
  const quantities = quantitiesOf(numbers, draw);
  switch (encoding) {
    case 'TABULAR_NUMERIC_DISCRETE':
      return discreteStats(quantities, keptValues(valueCounts(numbers, quantities.sorted), draw).values);
    case 'TABULAR_NUMERIC_DIGIT':
      return digitStats(quantities);
    case 'TABULAR_NUMERIC_BINNED':
      return binnedStats(quantities);
    case 'TABULAR_NUMERIC_AUTO': {
      const counts = valueCounts(numbers, quantities.sorted);
      const { values, coverage } = keptValues(counts.size < AUTO_COUNTED_DISTINCT_BELOW ? counts : new Map(), draw);
      if (coverage > DISCRETE_COVERAGE_ABOVE) return discreteStats(quantities, values);
      const places = quantities.maxDigits.filter((digit) => digit > 0).length;
      return places <= DIGIT_PLACES_MAX ? digitStats(quantities) : binnedStats(quantities);
    }
  }
}

function quantitiesOf({ rows, values, isNull }: ColumnNumbers, draw: DrawThreshold): Quantities {
  const sorted = sortedValues(rows, values, isNull);
  const minDigits = new Array<number>(DIGIT_COUNT).fill(sorted.length === 0 ? 0 : 9);
  const maxDigits = new Array<number>(DIGIT_COUNT).fill(0);
  const digits = new Uint8Array(DIGIT_COUNT);
  let hasMore = false;
  for (let i = 0; i < sorted.length; i += 1) {
    if (i > 0 && sorted[i] === sorted[i - 1]) continue;
    if (writeDigits(sorted[i]!, digits)) hasMore = true;
    for (let place = 0; place < DIGIT_COUNT; place += 1) {
      const digit = digits[place]!;
      if (digit < minDigits[place]!) minDigits[place] = digit;
      if (digit > maxDigits[place]!) maxDigits[place] = digit;
    }
  }
  const lastPlace = maxDigits.findLastIndex((digit) => digit > 0);
  const places = boundPlaces(sorted.length, draw);
  return {
    sorted,
    hasNull: sorted.length < rows,
    minDigits,
    maxDigits,
    // A digit below 10^-8 makes the column decimal: the SDK would take 1e-9 for an integer, and fail to decode it.
    minDecimal: hasMore ? LOWEST_EXPONENT : lastPlace < 0 ? 0 : HIGHEST_EXPONENT - lastPlace,
    bounds: places && { min: sorted[places[0]]!, max: sorted[places[1]]! },
  };
}

function sortedValues(rows: number, values: Float64Array, isNull: Uint8Array): Float64Array {
  const withValue = new Float64Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row += 1) {
    if (isNull[row] === 1) continue;
    withValue[count] = values[row]!;
    count += 1;
  }
  return withValue.subarray(0, count).sort();
}

/** Distinct values in ascending order with their rows; integers beyond 2^53 are told apart exactly. */
function valueCounts(
  { rows, values, isNull, exact }: ColumnNumbers,
  sorted: Float64Array,
): Map<number | bigint, number> {
  const counts = new Map<number | bigint, number>();
  if (exact === undefined || exact.size === 0) {
    for (const value of sorted) counts.set(value, (counts.get(value) ?? 0) + 1);
    return counts;
  }
  for (let row = 0; row < rows; row += 1) {
    if (isNull[row] === 1) continue;
    const value = exact.get(row) ?? values[row]!;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function keptValues(counts: ReadonlyMap<number | bigint, number>, draw: DrawThreshold) {
  if (counts.size === 0) return { values: [], coverage: 0 };
  const leastCount = countKept(draw);
  const kept = [...counts].filter(([, count]) => count >= leastCount);
  const rowsOf = (entries: Iterable<[unknown, number]>) => [...entries].reduce((sum, [, count]) => sum + count, 0);
  return { values: kept.map(([value]) => value), coverage: rowsOf(kept) / rowsOf(counts) };
}

function discreteStats({ hasNull, minDecimal }: Quantities, values: readonly (number | bigint)[]): DiscreteStats {
  const categories = values.map((value) => spellDiscrete(value, minDecimal));
  return {
    encoding: 'TABULAR_NUMERIC_DISCRETE',
    vocabulary: [PROTECTED, ...(hasNull ? [NULL_TOKEN] : []), ...categories],
    minDecimal,
  };
}

function digitStats({ sorted, hasNull, minDigits, maxDigits, minDecimal, bounds }: Quantities): DigitStats {
  const largest = bounds === undefined ? 0 : Math.max(Math.abs(bounds.min), Math.abs(bounds.max));
  return {
    encoding: 'TABULAR_NUMERIC_DIGIT',
    hasNull,
    hasNegative: sorted.length > 0 && sorted[0]! < 0,
    minDigits,
    maxDigits,
    maxDecimal: Math.min(Math.max(minDecimal, largest >= 10 ? leadingExponent(largest) : 0), HIGHEST_EXPONENT),
    minDecimal,
    min: bounds?.min ?? null,
    max: bounds?.max ?? null,
  };
}

function binnedStats({ sorted, hasNull, minDecimal, bounds }: Quantities): BinnedStats {
  const specials = [UNKNOWN, ...(hasNull ? [NULL_TOKEN] : []), ...(bounds === undefined ? [] : [MIN_TOKEN, MAX_TOKEN])];
  return {
    encoding: 'TABULAR_NUMERIC_BINNED',
    specials,
    bins: bounds === undefined ? [0] : binEdges(sorted, bounds.min, bounds.max),
    minDecimal: bounds === undefined ? 0 : minDecimal,
  };
}
