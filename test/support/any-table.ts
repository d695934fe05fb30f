/**
 * Arbitrary tables for property tests: columns of every type, with nulls, repeated values and the ugly ones that people's
 * files have. Rows are few, since what breaks an encoding is a value and not their number.
 */
import fc from 'fast-check';
import { ENCODING_TYPES, type EncodingType } from '../../src/contract/encoding.js';
import type { Column, Table } from '../../src/table/column.js';

const FIRST_US = BigInt(Date.UTC(1000, 0, 1)) * 1000n;
const END_US = BigInt(Date.UTC(9999, 11, 31)) * 1000n;

const integers = fc.oneof(
  fc.bigInt({ min: -50n, max: 50n }),
  fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }),
  fc.bigInt({ min: -(2n ** 100n), max: 2n ** 100n }),
);
const floats = fc.oneof(
  fc.integer({ min: -500, max: 500 }).map((n) => n / 8),
  fc.double({ noNaN: true }),
  fc.constantFrom(-0, 0, 1e-9, 1e16, -1e300, 5e-324, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
);
const instants = fc.oneof(
  fc.integer({ min: -30_000, max: 30_000 }).map((day) => BigInt(day) * 86_400_000_000n),
  fc.bigInt({ min: FIRST_US, max: END_US }),
);
const texts = fc.oneof(
  fc.constantFrom(
    '<protected>',
    '<<NULL>>',
    '<<UNK>>',
    '\u0001x',
    '',
    ' ',
    'a',
    'A',
    'é',
    'e\u0301',
    '🙂',
    '007',
    '1e5',
    '-0',
    'nan',
  ),
  fc.constantFrom('2020-01-05', '1/2/2020', '2021-03-04 10:11:12', 'Mar 5 2021', 'now', '__proto__', 'constructor'),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 8 }).filter((text) => !text.includes('\0')),
);
/** Some mean something to the detection. */
const names = fc.oneof(
  fc.constantFrom('created_at', 'user_id', 'a__b', 'a.b', 'a/b', '__proto__', 'lat', 'constructor', '0'),
  fc.string({ minLength: 1, maxLength: 5 }),
);

export interface AnyTable {
  table: Table;
  encodings: Record<string, EncodingType>;
}

/** A table of 1 to `rowsMax` rows, and an encoding asked for some of its columns. */
export function anyTable(rowsMax = 40): fc.Arbitrary<AnyTable> {
  return fc.integer({ min: 1, max: rowsMax }).chain((rows) =>
    fc
      .uniqueArray(
        fc.record({ name: names, column: anyColumn(rows), encoding: fc.option(fc.constantFrom(...ENCODING_TYPES)) }),
        { minLength: 1, maxLength: 4, selector: ({ name }) => name },
      )
      .map((drawn) => ({
        table: { rows, columns: drawn.map(({ name, column }) => ({ ...column, name })) },
        // Object.fromEntries defines "__proto__" as a column's name.
        encodings: Object.fromEntries(
          drawn.flatMap(({ name, encoding }) => (encoding === null ? [] : [[name, encoding]])),
        ),
      })),
  );
}

function anyColumn(rows: number): fc.Arbitrary<Column> {
  return fc.oneof(
    cells(integers, rows).map(integerColumn),
    cells(floats, rows).map(
      (values): Column => ({
        ...base(values),
        type: 'float',
        values: Float64Array.from(values, (value) => value ?? 0),
      }),
    ),
    cells(fc.boolean(), rows).map(
      (values): Column => ({ ...base(values), type: 'boolean', values: Uint8Array.from(values, Number) }),
    ),
    cells(instants, rows).map((values): Column => {
      const isDate = values.every((value) => (value ?? 0n) % 86_400_000_000n === 0n);
      return { ...base(values), type: 'timestamp', isDate, values: BigInt64Array.from(values, (value) => value ?? 0n) };
    }),
    cells(texts, rows).map((values): Column => {
      const dictionary = [...new Set(values.filter((value) => value !== null))];
      const indices = Int32Array.from(values, (value) => (value === null ? -1 : dictionary.indexOf(value)));
      return { name: '', rows, type: 'text', dictionary, indices };
    }),
  );
}

/** Drawn from a few values, so that some are common and some are rare; or each anew. */
function cells<T>(value: fc.Arbitrary<T>, rows: number): fc.Arbitrary<(T | null)[]> {
  const column = (cell: fc.Arbitrary<T>) =>
    fc.oneof(
      fc.array(cell, { minLength: rows, maxLength: rows }),
      fc.array(fc.option(cell), { minLength: rows, maxLength: rows }),
    );
  return fc.oneof(
    column(value),
    fc.array(value, { minLength: 1, maxLength: 4 }).chain((few) => column(fc.constantFrom(...few))),
  );
}

const base = (values: readonly unknown[]) => ({
  name: '',
  rows: values.length,
  isNull: Uint8Array.from(values, (value) => (value === null ? 1 : 0)),
});

function integerColumn(values: readonly (bigint | null)[]): Column {
  const exact = new Map<number, bigint>();
  values.forEach((value, row) => {
    if (value !== null && !Number.isSafeInteger(Number(value))) exact.set(row, value);
  });
  const column = {
    ...base(values),
    type: 'integer' as const,
    values: Float64Array.from(values, (value) => Number(value ?? 0n)),
  };
  return exact.size === 0 ? column : { ...column, exact };
}

/** The cell of a row as one plain value; null where there is none. */
export function cellAt(column: Column, row: number): string | number | bigint | boolean | null {
  if (column.type === 'text') return column.indices[row]! < 0 ? null : column.dictionary[column.indices[row]!]!;
  if (column.isNull[row] === 1) return null;
  if (column.type === 'integer') return column.exact?.get(row) ?? column.values[row]!;
  return column.type === 'boolean' ? column.values[row] === 1 : column.values[row]!;
}

/** The same rows in another order. */
export function reordered({ rows, columns }: Table, order: readonly number[]): Table {
  return { rows, columns: columns.map((column) => columnInOrder(column, order)) };
}

function columnInOrder(column: Column, order: readonly number[]): Column {
  if (column.type === 'text') return textInOrder(column, order);
  const isNull = column.isNull.map((_, row) => column.isNull[order[row]!]!);
  switch (column.type) {
    case 'integer': {
      const { exact, ...plain } = column;
      const moved = order.flatMap((from, row) => (exact?.has(from) ? [[row, exact.get(from)!] as const] : []));
      const values = column.values.map((_, row) => column.values[order[row]!]!);
      return { ...plain, values, isNull, ...(exact ? { exact: new Map(moved) } : {}) };
    }
    case 'float':
      return { ...column, values: column.values.map((_, row) => column.values[order[row]!]!), isNull };
    case 'boolean':
      return { ...column, values: column.values.map((_, row) => column.values[order[row]!]!), isNull };
    case 'timestamp':
      return { ...column, values: column.values.map((_, row) => column.values[order[row]!]!), isNull };
  }
}

/** The dictionary is in order of first appearance, here too. */
function textInOrder(column: Extract<Column, { type: 'text' }>, order: readonly number[]): Column {
  const values = order.map((from) => cellAt(column, from) as string | null);
  const dictionary = [...new Set(values.filter((value) => value !== null))];
  return {
    ...column,
    dictionary,
    indices: Int32Array.from(values, (value) => (value === null ? -1 : dictionary.indexOf(value))),
  };
}
