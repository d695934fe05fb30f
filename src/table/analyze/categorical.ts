/** Categories: every distinct text is a code, in code point order (data-plane 3.3). */
import { compareCodePoints } from '../code-points.js';
import type { EncodableColumn } from '../column.js';
import { textOf } from '../column-text.js';
import { escapeCategory } from '../escape.js';
import { type CategoricalStats, NULL_TOKEN, PROTECTED } from '../stats.js';
import { countKept, type DrawThreshold } from './protection.js';

export function analyzeCategorical(column: EncodableColumn, draw: DrawThreshold): CategoricalStats {
  const { dictionary, indices } = textOf(column);
  const counts = new Uint32Array(dictionary.length);
  let nulls = 0;
  for (let row = 0; row < indices.length; row += 1) {
    if (indices[row]! < 0) nulls += 1;
    else counts[indices[row]!]! += 1;
  }
  const leastCount = countKept(draw);
  const kept: string[] = [];
  for (let place = 0; place < dictionary.length; place += 1) {
    if (counts[place]! >= leastCount) kept.push(escapeCategory(dictionary.at(place)!));
  }
  return {
    encoding: 'TABULAR_CATEGORICAL',
    rareCategories: dictionary.length - kept.length,
    vocabulary: [PROTECTED, ...(nulls > 0 ? [NULL_TOKEN] : []), ...kept.sort(compareCodePoints)],
  };
}
