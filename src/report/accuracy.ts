/**
 * Accuracy after mostlyai-qa (https://github.com/mostly-ai/mostlyai-qa): values in about ten bins of the real table, null a bin of
 * its own; then 1 - half the sum of the differences between the shares, of one column or of the bins of two. Beside it what
 * sampling alone would leave: the difference to be expected of two samples of one distribution.
 */
import { type Counts, complementOf, sumOf, totalOf } from './distribution-scores.js';
import type { Accuracy } from './measurements.js';

const BINS = 10;
/** How finely quantiles are tried until enough of them differ. */
const QUANTILES_MAX = 1000;
/** Decimals tried to round an edge down without making two of them one. */
const DECIMALS_MAX = 19;
/** A value that fewer real rows hold is among the others. */
const CATEGORY_ROWS_MIN = 5;

/** @param counts of each bin, in rows; the tables have at least one */
export function accuracyOf(counts: readonly Counts[]): Accuracy {
  const { real, synthetic } = totalOf(counts);
  const difference = sumOf(counts, (count) => Math.abs(count.real / real - count.synthetic / synthetic));
  // The mean of the absolute value of a normal variable is sqrt(2 / pi) of its deviation.
  const expected = sumOf(counts, (count) => {
    const share = count.real / real;
    return Math.sqrt((2 / Math.PI) * share * (1 - share) * (1 / real + 1 / synthetic));
  });
  return { value: complementOf(difference / 2), expected: complementOf(expected / 2) };
}

/**
 * Lower edges of all bins but the first: a value's bin is how many of them it reaches.
 * @param sorted real values, ascending
 */
export function numberEdges(sorted: Float64Array, kind: 'number' | 'date'): number[] {
  const distinct = firstDistinct(sorted, BINS + 1);
  const breaks = distinct.length <= BINS ? [...distinct, Number.POSITIVE_INFINITY] : quantileBreaks(sorted);
  const lower = breaks.slice(0, -1);
  return (kind === 'date' ? lower : roundedDown(lower, breaks.at(-1)!)).slice(1);
}

/** The values that have a bin of their own: the most frequent real ones, null and the empty text in the count. */
export function binnedCategories(counts: readonly (Counts & { is: string; text: string })[]): string[] {
  return counts
    .filter(({ real }) => real >= CATEGORY_ROWS_MIN)
    .sort((a, b) => b.real - a.real)
    .slice(0, BINS)
    .flatMap(({ is, text }) => (is === 'null' || text === '' ? [] : [text]));
}

function firstDistinct(sorted: Float64Array, enough: number): number[] {
  const distinct: number[] = [];
  for (let i = 0; i < sorted.length && distinct.length < enough; i += 1) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) distinct.push(sorted[i]!);
  }
  return distinct;
}

function quantileBreaks(sorted: Float64Array): number[] {
  let breaks: number[] = [];
  const end = Math.max(BINS + 1, Math.min(QUANTILES_MAX, sorted.length + 1));
  for (let count = BINS; count < end && breaks.length <= BINS; count += 1) {
    const step = (sorted.length - 1) / (count - 1);
    const places = Array.from({ length: count }, (_, i) =>
      i === count - 1 ? sorted.length - 1 : Math.trunc(i * step),
    );
    breaks = [...new Set(places.map((place) => sorted[place]!))];
  }
  return breaks;
}

/** To as few decimals as keep all of them, and the last one, apart. */
function roundedDown(edges: readonly number[], last: number): number[] {
  for (let decimals = 0; decimals <= DECIMALS_MAX; decimals += 1) {
    const rounded = [...edges, last].map((edge) => Math.floor(edge * 10 ** decimals) / 10 ** decimals);
    if (new Set(rounded).size === rounded.length) return rounded.slice(0, -1);
  }
  return [...edges];
}
