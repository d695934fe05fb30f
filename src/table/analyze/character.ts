/** Characters: each of the first 50 positions of a text has an alphabet of its own (data-plane 3.6). */
import { compareCodePoints, firstCodePoints } from '../code-points.js';
import type { Column } from '../column.js';
import { textOf } from '../column-text.js';
import type { CharacterStats } from '../stats.js';
import { countKept, type DrawThreshold } from './protection.js';

export const PADDING = '\u0000';
export const POSITIONS_MAX = 50;

export function analyzeCharacter(column: Column, draw: DrawThreshold): CharacterStats {
  const { dictionary, indices } = textOf(column);
  const rowsOf = new Uint32Array(dictionary.length);
  let hasNull = false;
  for (const index of indices) {
    if (index < 0) hasNull = true;
    else rowsOf[index]! += 1;
  }
  const counts: Map<string, number>[] = [];
  dictionary.forEach((text, index) => {
    firstCodePoints(text, POSITIONS_MAX).forEach((character, position) => {
      counts[position] ??= new Map();
      counts[position].set(character, (counts[position].get(character) ?? 0) + rowsOf[index]!);
    });
  });
  return { encoding: 'TABULAR_CHARACTER', hasNull, alphabets: counts.map((position) => alphabetOf(position, draw)) };
}

function alphabetOf(rowsByCharacter: ReadonlyMap<string, number>, draw: DrawThreshold): string[] {
  const leastCount = countKept(draw);
  const kept = [...rowsByCharacter].filter(([, rows]) => rows >= leastCount).map(([character]) => character);
  return [PADDING, ...kept.filter((character) => character !== PADDING).sort(compareCodePoints)];
}
