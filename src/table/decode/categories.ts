/**
 * Codes of categories back to values (data-plane 9.1, 9.2). `<protected>` stays as it is or becomes a random category;
 * where the column's type has no place for that text (numbers, booleans, instants) it becomes null.
 */
import type { Column, TimestampColumn } from '../column.js';
import { parseInstant } from '../date-parts.js';
import { unescapeCategory } from '../escape.js';
import { type CategoricalStats, type DiscreteStats, NULL_TOKEN, PROTECTED } from '../stats.js';
import type { DecodeInput } from './code-reader.js';
import { type DecodedNumber, isNumberType, numberColumn } from './number-column.js';
import { textColumn } from './text-column.js';

const INTEGER_TEXT = /^-?\d+$/;

export function decodeCategorical(input: DecodeInput<CategoricalStats>, rareStrategy: 'mask' | 'sample'): Column {
  const { feature, stats, rows } = input;
  const tokenAt = tokensOf(input, rareStrategy === 'sample' ? 'sample' : 'keep');
  const { name, sourceType, isDate } = feature;
  if (isNumberType(sourceType)) {
    const numbers = stats.vocabulary.map(numberOf);
    return numberColumn(name, sourceType, rows, (row) => numbers[tokenAt(row)] ?? null);
  }
  if (sourceType === 'timestamp') return timestampColumn(name, rows, isDate, stats.vocabulary, tokenAt);
  const texts = stats.vocabulary.map(unescapeCategory);
  return textColumn(name, rows, texts, tokenAt);
}

export function decodeDiscrete(input: DecodeInput<DiscreteStats>): Column {
  const { feature, stats, rows } = input;
  const tokenAt = tokensOf(input, stats.vocabulary.includes(NULL_TOKEN) ? 'null' : 'sample');
  const numbers = stats.vocabulary.map(numberOf);
  const implied = stats.minDecimal >= 0 ? 'integer' : 'float';
  const type = isNumberType(feature.sourceType) ? feature.sourceType : implied;
  return numberColumn(feature.name, type, rows, (row) => numbers[tokenAt(row)] ?? null);
}

/** Row -> the code to render, or -1 for null. */
function tokensOf(
  { stats, random, codesOf }: DecodeInput<CategoricalStats | DiscreteStats>,
  ofProtected: 'keep' | 'null' | 'sample',
): (row: number) => number {
  const codes = codesOf('cat');
  const real = [...stats.vocabulary.keys()].filter((code) => !isSentinel(stats.vocabulary[code]!));
  return (row) => {
    const code = codes[row]!;
    const token = stats.vocabulary[code];
    if (token === PROTECTED && ofProtected !== 'keep') {
      return ofProtected === 'null' || real.length === 0 ? -1 : real[random.below(real.length)]!;
    }
    return token === NULL_TOKEN ? -1 : code;
  };
}

/** Python's spelling of a number or a boolean to its value; the integers keep every digit. */
function numberOf(token: string): DecodedNumber {
  if (isSentinel(token)) return null;
  if (token === 'True') return 1;
  if (token === 'False') return 0;
  if (token === 'inf') return Number.POSITIVE_INFINITY;
  if (token === '-inf') return Number.NEGATIVE_INFINITY;
  const value = Number(token);
  return INTEGER_TEXT.test(token) && !Number.isSafeInteger(value) ? BigInt(token) : value;
}

function timestampColumn(
  name: string,
  rows: number,
  isDate: boolean,
  vocabulary: readonly string[],
  tokenAt: (row: number) => number,
): TimestampColumn {
  const instants = vocabulary.map((token) => (isSentinel(token) ? undefined : parseInstant(token)));
  const values = new BigInt64Array(rows);
  const isNull = new Uint8Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const instant = instants[tokenAt(row)];
    if (instant === undefined) isNull[row] = 1;
    else values[row] = instant;
  }
  return { name, type: 'timestamp', rows, values, isNull, isDate };
}

function isSentinel(token: string): boolean {
  return token === PROTECTED || token === NULL_TOKEN;
}
