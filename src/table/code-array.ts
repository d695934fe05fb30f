/** Arrays of codes in as few bytes as the number of codes needs: a table of codes is held and written many times over. */
import type { CodeArray } from './stats.js';

/** `length` codes, all 0. */
export function codeArray(cardinality: number, length: number): CodeArray {
  if (cardinality <= 2 ** 8) return new Uint8Array(length);
  return cardinality <= 2 ** 16 ? new Uint16Array(length) : new Int32Array(length);
}

/** How many rows have each code. */
export function countCodes(codes: CodeArray, cardinality: number): Uint32Array {
  const counts = new Uint32Array(cardinality);
  for (let row = 0; row < codes.length; row += 1) counts[codes[row]!]! += 1;
  return counts;
}
