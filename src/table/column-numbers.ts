/**
 * A column as numbers, for the numeric encodings (data-plane 3.4.1): booleans are 0 and 1, text gives its first number.
 * What has no finite number is null, infinities included (departure BUG-5: the SDK crashes on them).
 */
import type { EncodableColumn } from './column.js';
import { textOf } from './column-text.js';

export interface ColumnNumbers {
  readonly rows: number;
  readonly values: Float64Array;
  /** 1 = null; the value is 0 then. */
  readonly isNull: Uint8Array;
  /** Row -> exact integer, where the float64 is not it. */
  readonly exact?: ReadonlyMap<number, bigint>;
}

/** Optional sign, digits with an optional point, an optional exponent. */
const FIRST_NUMBER = /-?\d*\.?\d+(?:[eE][+-]?\d+)?/;

export function numbersOf(column: EncodableColumn): ColumnNumbers {
  if (column.type === 'integer') return column;
  if (column.type === 'float') return finiteOnly(column.rows, column.values, column.isNull);
  if (column.type === 'boolean') {
    return { rows: column.rows, values: Float64Array.from(column.values), isNull: column.isNull };
  }
  const { dictionary, indices } = textOf(column);
  const numbers = Float64Array.from(dictionary, numberIn);
  return finiteOnly(
    column.rows,
    Float64Array.from(indices, (index) => (index < 0 ? 0 : numbers[index]!)),
    Uint8Array.from(indices, (index) => (index < 0 ? 1 : 0)),
  );
}

function numberIn(text: string): number {
  const match = FIRST_NUMBER.exec(text);
  return match === null ? Number.NaN : Number(match[0]);
}

function finiteOnly(rows: number, values: Float64Array, isNull: Uint8Array): ColumnNumbers {
  if (values.every(Number.isFinite)) return { rows, values, isNull };
  return {
    rows,
    values: values.map((value) => (Number.isFinite(value) ? value : 0)),
    isNull: isNull.map((flag, row) => (Number.isFinite(values[row]!) ? flag : 1)),
  };
}
