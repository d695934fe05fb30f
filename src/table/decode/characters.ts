/**
 * Characters back to text (data-plane 9.6): joined, padding removed wherever it stands, trailing white space stripped. Always
 * text, also when the source was not: nothing makes drawn characters spell a number.
 */
import type { TextRows } from '../column.js';
import type { CharacterStats } from '../stats.js';
import type { DecodeInput } from './code-reader.js';

/** What Python's rstrip strips: the Unicode spaces, and the separators U+001C to U+001F and U+0085, but not U+FEFF. */
const WHITE_SPACE = /^[\t-\r\u001c- \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/u;
const PADDING = '\u0000';

export function decodeCharacters({ feature, stats, rows, codesOf }: DecodeInput<CharacterStats>): TextRows {
  const positions = stats.alphabets.map((alphabet, position) => ({
    codes: codesOf(`P${position}`),
    characters: alphabet.map((character) => Buffer.from(character === PADDING ? '' : character)),
    isWhiteSpace: alphabet.map((character) => WHITE_SPACE.test(character)),
  }));
  const nulls = stats.hasNull ? codesOf('nan') : undefined;
  const bytes = Buffer.allocUnsafeSlow(rows * positions.reduce((sum, { characters }) => sum + longest(characters), 0));
  const ends = new Uint32Array(rows);
  const isNull = new Uint8Array(rows);
  let end = 0;
  for (let row = 0; row < rows; row += 1) {
    if (nulls?.[row] === 1) isNull[row] = 1;
    // Behind the last character that is no white space.
    let kept = end;
    for (let position = 0; position < positions.length && isNull[row] === 0; position += 1) {
      const { codes, characters, isWhiteSpace } = positions[position]!;
      const code = codes[row]!;
      const character = characters[code]!;
      for (let i = 0; i < character.length; i += 1) bytes[end + i] = character[i]!;
      end += character.length;
      if (character.length > 0 && !isWhiteSpace[code]) kept = end;
    }
    end = kept;
    ends[row] = end;
  }
  return { name: feature.name, type: 'text rows', rows, bytes, ends, isNull };
}

function longest(characters: readonly Buffer[]): number {
  return characters.reduce((length, character) => Math.max(length, character.length), 0);
}
