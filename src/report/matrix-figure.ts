/**
 * A square of cells, one a pair of columns, coloured by a number of -1 to 1: deeper is stronger, and the two signs differ in
 * colour. Rows and columns are numbered; the list beside the matrices says which column has which number.
 */
import { round } from './column-figures.js';
import { markup, type Part } from './markup.js';

const SIZE = 300;
const LABELS = 20;

export interface MatrixText {
  id: string;
  title: string;
  description: string;
}

/** @param valueAt of the pair at two places, the first one smaller; null is left blank */
export function matrixFigure(
  { id, title, description }: MatrixText,
  count: number,
  valueAt: (first: number, second: number) => number | null,
): Part {
  const side = (SIZE - LABELS) / count;
  const cells: Part[] = [];
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column < count; column += 1) {
      const value = row === column ? 'self' : valueAt(Math.min(row, column), Math.max(row, column));
      cells.push(cell(LABELS + column * side, LABELS + row * side, side, value));
    }
  }
  return markup`<svg viewBox="0 0 ${SIZE} ${SIZE}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${title}</title><desc id="${id}-desc">${description}</desc>
${numbers(count, side)}${cells}</svg>`;
}

function cell(x: number, y: number, side: number, value: number | 'self' | null): Part {
  const kind = value === 'self' ? 'self' : value === null ? 'blank' : value < 0 ? 'negative' : 'positive';
  const strength = typeof value === 'number' ? round(Math.min(1, Math.abs(value))) : 1;
  const width = round(side - 1);
  return markup`<rect class="${kind}" x="${round(x + 0.5)}" y="${round(y + 0.5)}" width="${width}" height="${width}" fill-opacity="${strength}"/>`;
}

/** Every column's number if there is room, else every fifth one's. */
function numbers(count: number, side: number): Part {
  const step = side >= 12 ? 1 : 5;
  return Array.from({ length: count }, (_, i) => i)
    .filter((i) => (i + 1) % step === 0 || step === 1)
    .map((i) => {
      const middle = round(LABELS + (i + 0.5) * side);
      return markup`<text x="${middle}" y="13" text-anchor="middle">${i + 1}</text><text x="15" y="${round(middle + 4)}" text-anchor="end">${i + 1}</text>`;
    });
}
