/**
 * Text by code point, as Python orders and cuts it. JavaScript compares UTF-16 units, which puts astral characters
 * before U+E000..U+FFFF.
 */

/** Order of two texts by code point, for `sort`. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** The first `count` code points of a text, one string each. */
export function firstCodePoints(text: string, count: number): string[] {
  const points: string[] = [];
  for (const point of text) {
    if (points.length >= count) break;
    points.push(point);
  }
  return points;
}

/** Surrogates rank above every other unit, in their own order. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
