/**
 * The string form of a column's cells: what categories and characters are made of (data-plane 3.3). Integers in
 * decimal, floats in Python's notation, booleans `True` and `False`, timestamps in one form for the whole column.
 * A column becomes a dictionary of distinct texts and an index a row, so that text is made once per distinct value.
 */
import type {
  BooleanColumn,
  Column,
  EncodableColumn,
  FloatColumn,
  IntegerColumn,
  TextColumn,
  Texts,
  TimestampColumn,
} from './column.js';
import { formatInstant, formOf } from './date-parts.js';
import { pythonFloat } from './python-float.js';

/** Distinct texts in order of first appearance; row -> place, -1 for null. */
export type ColumnText<Dictionary extends Texts = Texts> = Pick<TextColumn<Dictionary>, 'dictionary' | 'indices'>;

export function textOf(column: Column): ColumnText<readonly string[]>;
export function textOf(column: EncodableColumn): ColumnText;
export function textOf(column: EncodableColumn): ColumnText {
  switch (column.type) {
    case 'text':
      return column;
    case 'integer':
      return distinctTexts(column, (row) => integerAt(column, row), String);
    case 'float':
      return distinctTexts(column, (row) => floatKeyAt(column, row), pythonFloatOfKey);
    case 'boolean':
      return distinctTexts(
        column,
        (row) => column.values[row]!,
        (value) => (value === 1 ? 'True' : 'False'),
      );
    case 'timestamp': {
      const form = formOf(column.values.filter((_, row) => column.isNull[row] === 0));
      return distinctTexts(
        column,
        (row) => column.values[row]!,
        (instantUs) => formatInstant(instantUs, form),
      );
    }
  }
}

/** The integer of a row as text gives it: exact beyond 2^53. */
export function integerAt(column: IntegerColumn, row: number): number | bigint {
  return column.exact?.get(row) ?? column.values[row]! + 0;
}

type NullableColumn = IntegerColumn | FloatColumn | BooleanColumn | TimestampColumn;

function distinctTexts<Key>(
  column: NullableColumn,
  keyAt: (row: number) => Key,
  spell: (key: Key) => string,
): ColumnText<readonly string[]> {
  const places = new Map<Key, number>();
  const dictionary: string[] = [];
  const indices = new Int32Array(column.rows);
  for (let row = 0; row < column.rows; row += 1) {
    if (column.isNull[row] === 1) {
      indices[row] = -1;
      continue;
    }
    const key = keyAt(row);
    let place = places.get(key);
    if (place === undefined) {
      place = dictionary.length;
      places.set(key, place);
      dictionary.push(spell(key));
    }
    indices[row] = place;
  }
  return { dictionary, indices };
}

/** A Map takes 0 and -0 for one key; the texts `0.0` and `-0.0` are two. */
const NEGATIVE_ZERO = '-0.0';

function floatKeyAt(column: FloatColumn, row: number): number | string {
  const value = column.values[row]!;
  return Object.is(value, -0) ? NEGATIVE_ZERO : value;
}

function pythonFloatOfKey(key: number | string): string {
  return typeof key === 'string' ? key : pythonFloat(key);
}
