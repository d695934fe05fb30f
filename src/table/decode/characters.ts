/**
 * Characters back to text (data-plane 9.6): joined, padding removed wherever it stands, trailing white space stripped. Always
 * text, also when the source was not: nothing makes drawn characters spell a number.
 */
import type { TextColumn } from '../column.js';
import type { CharacterStats } from '../stats.js';
import type { DecodeInput } from './code-reader.js';
import { textColumn } from './text-column.js';

/** What Python's rstrip strips: the Unicode spaces, and the separators U+001C to U+001F and U+0085, but not U+FEFF. */
const TRAILING_WHITE_SPACE = /[\t-\r\u001c- \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/u;
const PADDING = '\u0000';

export function decodeCharacters({ feature, stats, rows, codesOf }: DecodeInput<CharacterStats>): TextColumn {
  const positions = stats.alphabets.map((alphabet, position) => ({ alphabet, codes: codesOf(`P${position}`) }));
  const nulls = stats.hasNull ? codesOf('nan') : undefined;
  return textColumn(feature.name, rows, (row) => {
    if (nulls?.[row] === 1 || (nulls && positions.length === 0)) return null;
    let text = '';
    for (const { alphabet, codes } of positions) text += alphabet[codes[row]!] ?? '';
    return text.replaceAll(PADDING, '').replace(TRAILING_WHITE_SPACE, '');
  });
}
