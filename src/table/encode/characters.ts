/** Texts to one code a position; a character that training did not have is padding (data-plane 5.7). */
import { firstCodePoints } from '../code-points.js';
import type { Column } from '../column.js';
import { textOf } from '../column-text.js';
import type { Random } from '../random.js';
import type { CharacterStats } from '../stats.js';
import { fillNulls } from './fill.js';

const PADDING_CODE = 0;

/** Sub-column -> codes. */
export function encodeCharacters(
  column: Column,
  { hasNull, alphabets }: CharacterStats,
  random: Random,
): Map<string, Int32Array> {
  const { dictionary, indices } = textOf(column);
  const isNull = Uint8Array.from(indices, (index) => (index < 0 ? 1 : 0));
  const filled = fillNulls(isNull, random);
  const texts = dictionary.map((text) => firstCodePoints(text, alphabets.length));
  const positions = alphabets.map((alphabet, position) => {
    const codes = new Map(alphabet.map((character, code) => [character, code]));
    const codesOfTexts = Int32Array.from(texts, (text) => codes.get(text[position] ?? '') ?? PADDING_CODE);
    return filled.map((row) => (row < 0 ? PADDING_CODE : codesOfTexts[indices[row]!]!));
  });
  return new Map([
    ...(hasNull ? [['nan', Int32Array.from(isNull)] as const] : []),
    ...positions.map((codes, position) => [`P${position}`, codes] as const),
  ]);
}
