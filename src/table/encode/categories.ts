/** Cells to their place in a vocabulary: categorical and numeric discrete (data-plane 5.2, 5.3). */
import type { Column } from '../column.js';
import { numbersOf } from '../column-numbers.js';
import { textOf } from '../column-text.js';
import { spellDiscrete } from '../discrete-text.js';
import { escapeCategory } from '../escape.js';
import { roundHalfEven } from '../round-half-even.js';
import { type CategoricalStats, type DiscreteStats, NULL_TOKEN } from '../stats.js';

/** Of a value that training did not have, or withheld: `<protected>`. */
const PROTECTED_CODE = 0;

export function encodeCategorical(column: Column, { vocabulary }: CategoricalStats): Int32Array {
  const { codeOf, nullCode } = lookUp(vocabulary);
  const { dictionary, indices } = textOf(column);
  const codes = Int32Array.from(dictionary, (text) => codeOf(escapeCategory(text)));
  return indices.map((index) => (index < 0 ? nullCode : codes[index]!));
}

export function encodeDiscrete(column: Column, { vocabulary, minDecimal }: DiscreteStats): Int32Array {
  const { codeOf, nullCode } = lookUp(vocabulary);
  const numbers = numbersOf(column);
  const codes = new Map<number | bigint, number>();
  return Int32Array.from(numbers.isNull, (flag, row) => {
    if (flag === 1) return nullCode;
    const value = numbers.exact?.get(row) ?? numbers.values[row]!;
    // -0 is not looked up: a Map takes it for 0, whose decimal spelling differs.
    const known = Object.is(value, -0) ? undefined : codes.get(value);
    if (known !== undefined) return known;
    const isAsSpelled = typeof value === 'bigint' || minDecimal < 0;
    const code = codeOf(spellDiscrete(isAsSpelled ? value : roundHalfEven(value), minDecimal));
    if (!Object.is(value, -0)) codes.set(value, code);
    return code;
  });
}

function lookUp(vocabulary: readonly string[]): { codeOf: (category: string) => number; nullCode: number } {
  const codes = new Map(vocabulary.map((category, code) => [category, code]));
  // A category is never the bare token: reserved tokens are escaped.
  const nullCode = vocabulary[1] === NULL_TOKEN ? 1 : PROTECTED_CODE;
  return { codeOf: (category) => codes.get(category) ?? PROTECTED_CODE, nullCode };
}
