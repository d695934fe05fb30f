/** Texts to one code a position; a character that training did not have is padding (data-plane 5.7). */

import { codeArray } from '../code-array.js';
import { firstCodePoints } from '../code-points.js';
import type { EncodableColumn, Texts } from '../column.js';
import { textOf } from '../column-text.js';
import { PackedTexts } from '../packed-texts.js';
import type { Random } from '../random.js';
import type { CharacterStats, CodeArray } from '../stats.js';
import { fillNulls } from './fill.js';

const PADDING_CODE = 0;
/** Positions looked at in one walk over texts that are no plain ASCII: more would hold more of them at once. */
const POSITIONS_AT_ONCE = 8;

/** Sub-columns with their codes, one at a time. */
export function* encodeCharacters(
  column: EncodableColumn,
  { hasNull, alphabets }: CharacterStats,
  random: Random,
): Generator<readonly [sub: string, codes: CodeArray]> {
  const { dictionary, indices } = textOf(column);
  const isNull = Uint8Array.from(indices, (index) => (index < 0 ? 1 : 0));
  const sources = fillNulls(isNull, random);
  if (hasNull) yield ['nan', isNull];
  let position = 0;
  for (const codesOfTexts of codesByPosition(dictionary, alphabets)) {
    const codes = codeArray(alphabets[position]!.length, indices.length);
    for (let row = 0; row < codes.length; row += 1) {
      const source = sources === undefined ? row : sources[row]!;
      codes[row] = source < 0 ? PADDING_CODE : codesOfTexts[indices[source]!]!;
    }
    yield [`P${position}`, codes];
    position += 1;
  }
}

/** For each position in turn: place of a text -> code of its character there. */
function codesByPosition(dictionary: Texts, alphabets: readonly (readonly string[])[]): Generator<CodeArray> {
  return dictionary instanceof PackedTexts && dictionary.isAscii
    ? codesOfBytes(dictionary, alphabets)
    : codesOfCodePoints(dictionary, alphabets);
}

function* codesOfBytes(dictionary: PackedTexts, alphabets: readonly (readonly string[])[]): Generator<CodeArray> {
  for (const [position, alphabet] of alphabets.entries()) {
    // One more, for the end of the text: byteAt gives -1 there.
    const codeOfByte = codeArray(alphabet.length, 257);
    alphabet.forEach((character, code) => {
      if (character.length === 1 && character < '\u0080') codeOfByte[character.charCodeAt(0) + 1] = code;
    });
    codeOfByte[0] = PADDING_CODE;
    const codes = codeArray(alphabet.length, dictionary.length);
    for (let place = 0; place < codes.length; place += 1) {
      codes[place] = codeOfByte[dictionary.byteAt(place, position) + 1]!;
    }
    yield codes;
  }
}

function* codesOfCodePoints(dictionary: Texts, alphabets: readonly (readonly string[])[]): Generator<CodeArray> {
  for (let first = 0; first < alphabets.length; first += POSITIONS_AT_ONCE) {
    const group = alphabets.slice(first, first + POSITIONS_AT_ONCE);
    const codeOf = group.map((alphabet) => new Map(alphabet.map((character, code) => [character, code])));
    const codes = group.map((alphabet) => codeArray(alphabet.length, dictionary.length));
    let place = 0;
    for (const text of dictionary) {
      const points = firstCodePoints(text, first + group.length);
      for (let i = 0; i < group.length; i += 1) {
        codes[i]![place] = codeOf[i]!.get(points[first + i] ?? '') ?? PADDING_CODE;
      }
      place += 1;
    }
    yield* codes;
  }
}
