/** Chance that a seed repeats, in SQL: a number for each row, whatever the order and the number of threads it is read by. */

/**
 * SQL expression, uniform in 64 bits, of the column `row`. Hashed twice: one hash of two values only turns over the bits of
 * the first by those of the second, so that all seeds would divide rows into the same halves.
 * @param seed each draws differently
 */
export function randomNumberOf(seed: number): string {
  return `hash(hash(row, ${seed}))`;
}
