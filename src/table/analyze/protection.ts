/**
 * Protection of rare values: a value is kept when at least T rows hold it, with a fresh T of 5, 6 or 7 for each
 * decision (data-plane 3.1), so that nobody can tell from what is missing how many rows held it.
 */
import type { Random } from '../random.js';

export type RareThreshold = 5 | 6 | 7;
/** Draws T; undefined where protection is off. */
export type DrawThreshold = (() => RareThreshold) | undefined;

/** Below this count of non-null rows no bound may be told. */
export const PROTECTED_ROWS_MIN = 20;

export function drawThresholdFrom(random: Random): RareThreshold {
  return (5 + random.below(3)) as RareThreshold;
}

/** The smallest count that is kept by this decision. */
export function countKept(draw: DrawThreshold): number {
  return draw === undefined ? 1 : draw();
}

/**
 * Places of the two bounds in the ascending order of `count` values: the extremes, or under protection the T-th next to
 * them; undefined where there is nothing to tell. Two draws, the lower bound's first.
 */
export function boundPlaces(count: number, draw: DrawThreshold): [low: number, high: number] | undefined {
  if (draw === undefined) return count === 0 ? undefined : [0, count - 1];
  if (count < PROTECTED_ROWS_MIN) return undefined;
  const low = draw();
  return [low, count - 1 - draw()];
}
