/**
 * Scores of one column, after SDMetrics (https://docs.sdv.dev/sdmetrics): 1 is the same distribution, 0 nothing in common. Nulls
 * are left out; MissingValueSimilarity tells of them. Where SDMetrics gives no score since one side has no value, ours is 0.
 */

/** KSComplement: 1 - the largest gap between the two cumulative distributions. Null if neither side has a value. */
export function ksComplement(real: Float64Array, synthetic: Float64Array): number | null {
  if (real.length === 0 || synthetic.length === 0) return real.length === synthetic.length ? null : 0;
  let gap = 0;
  let i = 0;
  let j = 0;
  while (i < real.length && j < synthetic.length) {
    const value = Math.min(real[i]!, synthetic[j]!);
    while (i < real.length && real[i]! <= value) i += 1;
    while (j < synthetic.length && synthetic[j]! <= value) j += 1;
    gap = Math.max(gap, Math.abs(i / real.length - j / synthetic.length));
  }
  return complementOf(gap);
}

/** RangeCoverage: how much of the real range the synthetic one covers. Null of a constant. */
export function rangeCoverage(real: Float64Array, synthetic: Float64Array): number | null {
  const [low, high] = [real[0], real.at(-1)];
  if (low === undefined || high === undefined || low === high) return null;
  if (synthetic.length === 0) return 0;
  // Halves, so that a range from -1e308 to 1e308 is finite.
  const range = high / 2 - low / 2;
  const missedBelow = Math.max((synthetic[0]! / 2 - low / 2) / range, 0);
  const missedAbove = Math.max((high / 2 - synthetic.at(-1)! / 2) / range, 0);
  return Math.max(1 - missedBelow - missedAbove, 0);
}

/** Rows that hold a value, in each table. */
export interface Counts {
  real: number;
  synthetic: number;
}

/** TVComplement: 1 - half the sum of the differences between shares. Null if neither side has a value. */
export function tvComplement(counts: readonly Counts[]): number | null {
  const { real, synthetic } = totalOf(counts);
  if (real === 0 || synthetic === 0) return real === synthetic ? null : 0;
  return complementOf(sumOf(counts, (count) => Math.abs(count.real / real - count.synthetic / synthetic)) / 2);
}

/** CategoryCoverage: the share of the real values that occur among the synthetic ones. */
export function categoryCoverage(counts: readonly Counts[]): number | null {
  const real = counts.filter((count) => count.real > 0);
  return real.length === 0 ? null : real.filter(({ synthetic }) => synthetic > 0).length / real.length;
}

/** A distance of 0..1 as a score; sums of shares may come to a little more than 1. */
export function complementOf(distance: number): number {
  return Math.max(0, 1 - distance);
}

/** The rows of all together. */
export function totalOf(counts: readonly Counts[]): Counts {
  return { real: sumOf(counts, ({ real }) => real), synthetic: sumOf(counts, ({ synthetic }) => synthetic) };
}

export function sumOf<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}
