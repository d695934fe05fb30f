/** Builds a text column from tokens: a dictionary of the texts that occur, in order of first appearance, and places in it. */
import type { TextColumn } from '../column.js';

/**
 * @param texts token -> its text; two tokens may have the same
 * @param tokenAt row -> token, -1 for null
 */
export function textColumn(
  name: string,
  rows: number,
  texts: readonly string[],
  tokenAt: (row: number) => number,
): TextColumn {
  const places = new Map<string, number>();
  const placeOfToken = new Int32Array(texts.length).fill(-1);
  const indices = new Int32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const token = tokenAt(row);
    if (token >= 0 && placeOfToken[token]! < 0) {
      const text = texts[token]!;
      if (!places.has(text)) places.set(text, places.size);
      placeOfToken[token] = places.get(text)!;
    }
    indices[row] = token < 0 ? -1 : placeOfToken[token]!;
  }
  return { name, type: 'text', rows, dictionary: [...places.keys()], indices };
}
