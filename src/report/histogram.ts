/**
 * A histogram that tells no row: bins between round numbers, over the range where all but the outer hundredths of the real values
 * lie and never beyond what protection tells of their bounds; what is outside falls into an open bin at that end. A bin that
 * fewer than `ROWS_TOLD_MIN` real rows fall into says only that.
 */
import { boundPlaces, type RareThreshold } from '../table/analyze/protection.js';
import { type Histogram, type Range, ROWS_TOLD_MIN, type ToldShare } from './measurements.js';
import { countBelow } from './sorted-values.js';

const BINS_ABOUT = 30;
/** Share of the real values left to the open bin at each end. */
const TAIL_SHARE = 0.01;

/** Below this a float64 has too few digits left for a power of ten. */
const WIDTH_MIN = 1e-300;

const SECOND_US = 1_000_000;
const DAY_US = 86_400 * SECOND_US;
/** Widths of bins of instants. @unit microseconds */
const DATE_STEPS_US = [
  ...[1, 5, 15, 30, 60, 300, 900, 1_800, 3_600, 10_800, 21_600].map((seconds) => seconds * SECOND_US),
  ...[1, 2, 7, 14, 28, 91, 182, 365, 730, 1_826, 3_652, 18_262, 36_525].map((days) => days * DAY_US),
];

/**
 * @param real ascending, as `synthetic`; neither holds nulls
 * @returns undefined if the real values are too few to tell anything of
 */
export function histogramOf(
  real: Float64Array,
  synthetic: Float64Array,
  kind: 'number' | 'date',
): Histogram | undefined {
  const places = boundPlaces(real.length, () => ROWS_TOLD_MIN as RareThreshold);
  if (places === undefined) return undefined;
  const tail = Math.floor(real.length * TAIL_SHARE);
  const low = real[Math.max(places[0], tail)]!;
  const high = real[Math.min(places[1], real.length - 1 - tail)]!;
  const edges = roundEdges(low, high, kind === 'date' ? dateStep : numberStepOf(real));
  const bounds = [Number.NEGATIVE_INFINITY, ...edges, Number.POSITIVE_INFINITY];
  const bins = bounds.slice(0, -1).map((from, i) => {
    const to = bounds[i + 1]!;
    return {
      from: Number.isFinite(from) ? from : undefined,
      to: Number.isFinite(to) ? to : undefined,
      real: toldShare(countBelow(real, to) - countBelow(real, from), real.length),
      synthetic: (countBelow(synthetic, to) - countBelow(synthetic, from)) / Math.max(1, synthetic.length),
    };
  });
  const isOutside = real[0]! < edges[0]! || (synthetic[0] ?? Number.POSITIVE_INFINITY) < edges[0]!;
  const isBeyond = Math.max(real.at(-1)!, synthetic.at(-1) ?? Number.NEGATIVE_INFINITY) >= edges.at(-1)!;
  return { shape: 'histogram', bins: bins.slice(isOutside ? 0 : 1, isBeyond ? bins.length : -1) };
}

/** Where the values of a table lie, without the outermost rows, out to round numbers; undefined of too few values. */
export function rangeOf(sorted: Float64Array, kind: 'number' | 'date'): Range | undefined {
  const places = boundPlaces(sorted.length, () => ROWS_TOLD_MIN as RareThreshold);
  if (places === undefined) return undefined;
  const edges = roundEdges(sorted[places[0]]!, sorted[places[1]]!, kind === 'date' ? dateStep : numberStepOf(sorted));
  return [edges[0]!, edges.at(-1)!];
}

function toldShare(rows: number, of: number): ToldShare {
  return rows < ROWS_TOLD_MIN ? null : rows / of;
}

/** Multiples of a round step that reach from `low` or below to beyond `high`. */
function roundEdges(low: number, high: number, stepOf: (width: number) => number): number[] {
  // A constant has no width: then a millionth of it, so that the step is still one that a float64 can add.
  const width = Math.max(high / BINS_ABOUT - low / BINS_ABOUT, Math.max(Math.abs(low), Math.abs(high)) * 1e-6);
  const step = stepOf(width);
  const first = Math.floor(low / step);
  const count = Math.floor(high / step) - first + 2;
  return Array.from({ length: count }, (_, i) => rounded((first + i) * step));
}

/** 1, 2 or 5 times a power of ten; a whole number for integers. */
function numberStepOf(real: Float64Array): (width: number) => number {
  const areIntegers = real.every(Number.isInteger);
  return (width) => {
    if (width < WIDTH_MIN) return 1;
    const power = 10 ** Math.floor(Math.log10(width));
    const step = rounded(([1, 2, 5].find((factor) => factor * power >= width) ?? 10) * power);
    return areIntegers ? Math.max(1, step) : step;
  };
}

function dateStep(widthUs: number): number {
  return DATE_STEPS_US.find((step) => step >= widthUs) ?? DATE_STEPS_US.at(-1)!;
}

/** Without the dust of binary fractions: 0.30000000000000004 is 0.3. */
function rounded(value: number): number {
  return Number(value.toPrecision(15));
}
