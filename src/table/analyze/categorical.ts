/** Categories: every distinct text is a code, in code point order (data-plane 3.3). */
import { compareCodePoints } from '../code-points.js';
import type { Column } from '../column.js';
import { textOf } from '../column-text.js';
import { escapeCategory } from '../escape.js';
import { type CategoricalStats, NULL_TOKEN, PROTECTED } from '../stats.js';
import { countKept, type DrawThreshold } from './protection.js';

export function analyzeCategorical(column: Column, draw: DrawThreshold): CategoricalStats {
  const { dictionary, indices } = textOf(column);
  const counts = new Uint32Array(dictionary.length);
  let nulls = 0;
  for (const index of indices) {
    if (index < 0) nulls += 1;
    else counts[index]! += 1;
  }
  const leastCount = countKept(draw);
  const kept = dictionary.filter((_, index) => counts[index]! >= leastCount).map(escapeCategory);
  return {
    encoding: 'TABULAR_CATEGORICAL',
    rareCategories: dictionary.length - kept.length,
    vocabulary: [PROTECTED, ...(nulls > 0 ? [NULL_TOKEN] : []), ...kept.sort(compareCodePoints)],
  };
}
