/** Builds a text column row by row: a dictionary of distinct texts in order of first appearance, and places in it. */
import type { TextColumn } from '../column.js';

/** @param textOf row -> text, or null */
export function textColumn(name: string, rows: number, textOf: (row: number) => string | null): TextColumn {
  const placeOf = new Map<string, number>();
  const indices = new Int32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const text = textOf(row);
    if (text === null) {
      indices[row] = -1;
      continue;
    }
    let place = placeOf.get(text);
    if (place === undefined) {
      place = placeOf.size;
      placeOf.set(text, place);
    }
    indices[row] = place;
  }
  return { name, type: 'text', rows, dictionary: [...placeOf.keys()], indices };
}
