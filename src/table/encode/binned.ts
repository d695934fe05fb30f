/** Numbers to their interval, closed on the left, or to one of the special codes (data-plane 5.5). */
import { codeArray } from '../code-array.js';
import type { ColumnNumbers } from '../column-numbers.js';
import { type BinnedStats, type CodeArray, MAX_TOKEN, MIN_TOKEN, NULL_TOKEN } from '../stats.js';

export function encodeBinned({ rows, values, isNull }: ColumnNumbers, { specials, bins }: BinnedStats): CodeArray {
  const nullCode = Math.max(specials.indexOf(NULL_TOKEN), 0);
  const hasEnds = specials.includes(MAX_TOKEN);
  const [minCode, maxCode] = [specials.indexOf(MIN_TOKEN), specials.indexOf(MAX_TOKEN)];
  const edges = Float64Array.from(bins);
  const [first, last] = [edges[0]!, edges[edges.length - 1]!];
  const codes = codeArray(specials.length + bins.length, rows);
  for (let row = 0; row < rows; row += 1) {
    const value = values[row]!;
    if (isNull[row] === 1) codes[row] = nullCode;
    else if (hasEnds && value === last) codes[row] = maxCode;
    else if (hasEnds && value === first) codes[row] = minCode;
    else codes[row] = edges.length === 1 ? specials.length - 1 : specials.length + intervalOf(value, edges);
  }
  return codes;
}

/** The last interior edge not above the value tells the interval; what lies beyond the ends is in the outer two. */
function intervalOf(value: number, edges: Float64Array): number {
  let low = 0;
  let high = edges.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (edges[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
