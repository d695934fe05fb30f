/** Cells to their place in a vocabulary: categorical and numeric discrete (data-plane 5.2, 5.3). */
import { codeArray } from '../code-array.js';
import type { EncodableColumn } from '../column.js';
import { numbersOf } from '../column-numbers.js';
import { textOf } from '../column-text.js';
import { spellDiscrete } from '../discrete-text.js';
import { escapeCategory } from '../escape.js';
import { roundHalfEven } from '../round-half-even.js';
import { type CategoricalStats, type CodeArray, type DiscreteStats, NULL_TOKEN } from '../stats.js';

/** Of a value that training did not have, or withheld: `<protected>`. */
const PROTECTED_CODE = 0;

export function encodeCategorical(column: EncodableColumn, { vocabulary }: CategoricalStats): CodeArray {
  const { codeOf, nullCode } = lookUp(vocabulary);
  const { dictionary, indices } = textOf(column);
  const codesOfTexts = codeArray(vocabulary.length, dictionary.length);
  let place = 0;
  for (const text of dictionary) {
    codesOfTexts[place] = codeOf(escapeCategory(text));
    place += 1;
  }
  const codes = codeArray(vocabulary.length, indices.length);
  for (let row = 0; row < indices.length; row += 1) {
    codes[row] = indices[row]! < 0 ? nullCode : codesOfTexts[indices[row]!]!;
  }
  return codes;
}

export function encodeDiscrete(column: EncodableColumn, { vocabulary, minDecimal }: DiscreteStats): CodeArray {
  const { codeOf, nullCode } = lookUp(vocabulary);
  const { rows, values, isNull, exact } = numbersOf(column);
  const known = new Map<number | bigint, number>();
  const codes = codeArray(vocabulary.length, rows);
  for (let row = 0; row < rows; row += 1) {
    if (isNull[row] === 1) {
      codes[row] = nullCode;
      continue;
    }
    // Plus zero makes zero of -0, which is spelled otherwise.
    const value = exact?.get(row) ?? values[row]! + 0;
    let code = known.get(value);
    if (code === undefined) {
      const isAsSpelled = typeof value === 'bigint' || minDecimal < 0;
      code = codeOf(spellDiscrete(isAsSpelled ? value : roundHalfEven(value), minDecimal));
      known.set(value, code);
    }
    codes[row] = code;
  }
  return codes;
}

function lookUp(vocabulary: readonly string[]): { codeOf: (category: string) => number; nullCode: number } {
  const codes = new Map(vocabulary.map((category, code) => [category, code]));
  // A category is never the bare token: reserved tokens are escaped.
  const nullCode = vocabulary[1] === NULL_TOKEN ? 1 : PROTECTED_CODE;
  return { codeOf: (category) => codes.get(category) ?? PROTECTED_CODE, nullCode };
}
