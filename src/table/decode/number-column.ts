/**
 * Builds a column of the type its source had (BUG-3: the SDK returns categories of numbers as text, and floats without
 * decimals as integers). A source that was neither number nor boolean gets the type its encoding implies.
 */

import type { ColumnType } from '../../contract/requests.js';
import type { Column } from '../column.js';

export type DecodedNumber = number | bigint | null;
export type NumberColumnType = Extract<ColumnType, 'integer' | 'float' | 'boolean'>;

export function isNumberType(type: ColumnType): type is NumberColumnType {
  return type === 'integer' || type === 'float' || type === 'boolean';
}

/** @param numberAt row -> value; an integer beyond 2^53 as bigint. NaN is null */
export function numberColumn(
  name: string,
  type: NumberColumnType,
  rows: number,
  numberAt: (row: number) => DecodedNumber,
): Column {
  const isNull = new Uint8Array(rows);
  const values = new Float64Array(rows);
  const exact = new Map<number, bigint>();
  for (let row = 0; row < rows; row += 1) {
    const number = numberAt(row);
    const value = Number(number);
    if (number === null || Number.isNaN(value) || (type === 'integer' && !Number.isFinite(value))) {
      isNull[row] = 1;
      continue;
    }
    values[row] = type === 'integer' ? Math.trunc(value) : value;
    if (type === 'integer' && !Number.isSafeInteger(values[row])) exact.set(row, BigInt(number));
  }
  switch (type) {
    case 'integer':
      return { name, type, rows, values, isNull, ...(exact.size > 0 ? { exact } : {}) };
    case 'float':
      return { name, type, rows, values, isNull };
    case 'boolean':
      return { name, type, rows, values: Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)), isNull };
  }
}
