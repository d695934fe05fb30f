/** Characters: each of the first 50 positions of a text has an alphabet of its own (data-plane 3.6). */
import { compareCodePoints, firstCodePoints } from '../code-points.js';
import type { EncodableColumn, Texts } from '../column.js';
import { textOf } from '../column-text.js';
import { PackedTexts } from '../packed-texts.js';
import type { CharacterStats } from '../stats.js';
import { countKept, type DrawThreshold } from './protection.js';

export const PADDING = '\u0000';
export const POSITIONS_MAX = 50;

export function analyzeCharacter(column: EncodableColumn, draw: DrawThreshold): CharacterStats {
  const { dictionary, indices } = textOf(column);
  const rowsOf = new Uint32Array(dictionary.length);
  let hasNull = false;
  for (let row = 0; row < indices.length; row += 1) {
    if (indices[row]! < 0) hasNull = true;
    else rowsOf[indices[row]!]! += 1;
  }
  const positions =
    dictionary instanceof PackedTexts && dictionary.isAscii
      ? rowsByByte(dictionary, rowsOf)
      : rowsByCodePoint(dictionary, rowsOf);
  return { encoding: 'TABULAR_CHARACTER', hasNull, alphabets: positions.map((rows) => alphabetOf(rows, draw)) };
}

type RowsByCharacter = ReadonlyMap<string, number>;

function rowsByByte(dictionary: PackedTexts, rowsOf: Uint32Array): RowsByCharacter[] {
  const counts: Float64Array[] = [];
  for (let place = 0; place < dictionary.length; place += 1) {
    for (let position = 0; position < POSITIONS_MAX; position += 1) {
      const byte = dictionary.byteAt(place, position);
      if (byte < 0) break;
      counts[position] ??= new Float64Array(128);
      counts[position]![byte]! += rowsOf[place]!;
    }
  }
  return counts.map((rows) => {
    const present = [...rows.entries()].filter(([, count]) => count > 0);
    return new Map(present.map(([byte, count]) => [String.fromCharCode(byte), count]));
  });
}

function rowsByCodePoint(dictionary: Texts, rowsOf: Uint32Array): RowsByCharacter[] {
  const counts: Map<string, number>[] = [];
  let place = 0;
  for (const text of dictionary) {
    const rows = rowsOf[place]!;
    firstCodePoints(text, POSITIONS_MAX).forEach((character, position) => {
      counts[position] ??= new Map();
      counts[position].set(character, (counts[position].get(character) ?? 0) + rows);
    });
    place += 1;
  }
  return counts;
}

function alphabetOf(rowsByCharacter: RowsByCharacter, draw: DrawThreshold): string[] {
  const leastCount = countKept(draw);
  const kept = [...rowsByCharacter].filter(([, rows]) => rows >= leastCount).map(([character]) => character);
  return [PADDING, ...kept.filter((character) => character !== PADDING).sort(compareCodePoints)];
}
