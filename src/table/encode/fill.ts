/**
 * Codes without room for null take the value of some other row instead: a uniformly chosen one that has a value
 * (data-plane 5.1). The `nan` sub-column, where there is one, still says that it was null.
 */
import type { Random } from '../random.js';

/**
 * Row -> row whose value it is given: itself, or for a null another; -1 where no row has a value. Undefined where no row
 * is null, so that each has its own.
 */
export function fillNulls(isNull: Uint8Array, random: Random): Int32Array | undefined {
  const nulls = countNulls(isNull);
  if (nulls === 0) return undefined;
  const withValue = new Int32Array(isNull.length - nulls);
  let count = 0;
  for (let row = 0; row < isNull.length; row += 1) {
    if (isNull[row] === 0) {
      withValue[count] = row;
      count += 1;
    }
  }
  const sources = new Int32Array(isNull.length);
  for (let row = 0; row < isNull.length; row += 1) {
    if (isNull[row] === 0) sources[row] = row;
    else sources[row] = count === 0 ? -1 : withValue[random.below(count)]!;
  }
  return sources;
}

export function countNulls(isNull: Uint8Array): number {
  let nulls = 0;
  for (let row = 0; row < isNull.length; row += 1) nulls += isNull[row]!;
  return nulls;
}
