/**
 * One column of a staged table into memory: values chunk by chunk into arrays of the right size, which a thread can be
 * given without a copy. Text of few distinct values is numbered by DuckDB; other text comes as bytes.
 */
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { InputError } from '../../contract/input-error.js';
import { CELL_BYTES_MAX } from '../../contract/limits.js';
import type {
  BooleanColumn,
  FloatColumn,
  IntegerColumn,
  PlainColumn,
  TextColumn,
  TextRows,
  TimestampColumn,
} from '../column.js';
import type { PlannedColumn } from './column-types.js';
import { identifier } from './sql.js';

/** Where a column is read from. */
export interface ColumnSource {
  readonly connection: DuckDBConnection;
  /** FROM clause. */
  readonly relation: string;
  readonly rows: number;
}

/** Text is numbered by DuckDB if it has at most so many distinct values, and is told apart by far fewer than all rows. */
const NUMBERED_TEXTS_MAX = 60_000;
const NUMBERED_SHARE_MAX = 1 / 8;
/** In a small table the questions would take longer than the answers save. */
const NUMBERED_ROWS_MIN = 20_000;
/** All texts of a column together: a row's place in them is a number of 32 bits. */
const TEXT_BYTES_MAX = 4_000_000_000;

export async function readColumn(source: ColumnSource, column: PlannedColumn): Promise<PlainColumn> {
  switch (column.type) {
    case 'text':
      return await readText(source, column);
    case 'timestamp':
      return await readTimestamps(source, column);
    case 'integer':
      return await readIntegers(source, column);
    case 'float':
      return await readFloats(source, column);
    case 'boolean':
      return await readBooleans(source, column);
  }
}

async function readIntegers(source: ColumnSource, { name, expression }: PlannedColumn): Promise<IntegerColumn> {
  const values = new Float64Array(source.rows);
  const isNull = new Uint8Array(source.rows);
  const exact = new Map<number, bigint>();
  await eachValue(source, expression, (integer: bigint | null, row) => {
    if (integer === null) {
      isNull[row] = 1;
      return;
    }
    values[row] = Number(integer);
    if (!Number.isSafeInteger(values[row])) exact.set(row, integer);
  });
  const column = { name, type: 'integer', rows: source.rows, values, isNull } as const;
  return exact.size === 0 ? column : { ...column, exact };
}

async function readFloats(source: ColumnSource, { name, expression }: PlannedColumn): Promise<FloatColumn> {
  const values = new Float64Array(source.rows);
  const isNull = new Uint8Array(source.rows);
  await eachValue(source, expression, (value: number | null, row) => {
    if (value === null || Number.isNaN(value)) isNull[row] = 1;
    else values[row] = value;
  });
  return { name, type: 'float', rows: source.rows, values, isNull };
}

async function readBooleans(source: ColumnSource, { name, expression }: PlannedColumn): Promise<BooleanColumn> {
  const values = new Uint8Array(source.rows);
  const isNull = new Uint8Array(source.rows);
  await eachValue(source, expression, (value: boolean | null, row) => {
    if (value === null) isNull[row] = 1;
    else values[row] = value ? 1 : 0;
  });
  return { name, type: 'boolean', rows: source.rows, values, isNull };
}

/** Microseconds come as TIMESTAMP, or as BIGINT where a zone was applied. */
async function readTimestamps(source: ColumnSource, { name, expression, isDate }: PlannedColumn) {
  const values = new BigInt64Array(source.rows);
  const isNull = new Uint8Array(source.rows);
  await eachValue(source, expression, (value: bigint | { micros: bigint } | null, row) => {
    if (value === null) isNull[row] = 1;
    else values[row] = typeof value === 'bigint' ? value : value.micros;
  });
  return { name, type: 'timestamp', rows: source.rows, values, isNull, isDate } satisfies TimestampColumn;
}

async function readText(source: ColumnSource, column: PlannedColumn): Promise<TextColumn | TextRows> {
  const { expression } = column;
  const isLarge = source.rows >= NUMBERED_ROWS_MIN;
  const [longest, bytes, distinct] = await oneRow(
    source,
    `SELECT coalesce(max(strlen(${expression})), 0), coalesce(sum(strlen(${expression})), 0)${isLarge ? `, approx_count_distinct(${expression})` : ''} FROM ${source.relation}`,
  );
  checkSize(column.name, Number(longest), Number(bytes));
  if (isLarge && Number(distinct) <= Math.min(NUMBERED_TEXTS_MAX, source.rows * NUMBERED_SHARE_MAX)) {
    return await readNumberedText(source, column);
  }
  return await readTextRows(source, column, Number(bytes));
}

/** @throws InputError columns_invalid */
function checkSize(name: string, longest: number, bytes: number): void {
  const refuse = (what: string, max: number) => {
    throw new InputError(
      'columns_invalid',
      `Column ${JSON.stringify(name)} holds ${what} of more than ${max / 1e6} MB. Shorten its values, or exclude it with columns.exclude.`,
      'table.uri',
    );
  };
  if (longest > CELL_BYTES_MAX) refuse('a value', CELL_BYTES_MAX);
  if (bytes > TEXT_BYTES_MAX) refuse('values', TEXT_BYTES_MAX);
}

/** As an ENUM, whose numbers are then given anew in order of first appearance. */
async function readNumberedText(source: ColumnSource, { name, expression }: PlannedColumn): Promise<TextColumn> {
  const { connection, relation } = source;
  const type = identifier(`texts of ${name}`);
  await connection.run(
    `CREATE TYPE ${type} AS ENUM (SELECT DISTINCT ${expression} FROM ${relation} WHERE ${expression} IS NOT NULL)`,
  );
  const result = await connection.runAndReadAll(`SELECT unnest(enum_range(NULL::${type}))::VARCHAR`);
  const texts = result.getRows().map(([text]) => withoutNul(text as string));
  const places = new Map<string, number>();
  const placeOfNumber = new Int32Array(texts.length).fill(-1);
  const indices = new Int32Array(source.rows);
  await eachValue(source, `enum_code((${expression})::${type})`, (number: number | null, row) => {
    if (number === null) {
      indices[row] = -1;
      return;
    }
    if (placeOfNumber[number]! < 0) {
      const text = texts[number]!;
      if (!places.has(text)) places.set(text, places.size);
      placeOfNumber[number] = places.get(text)!;
    }
    indices[row] = placeOfNumber[number]!;
  });
  return { name, type: 'text', rows: source.rows, dictionary: [...places.keys()], indices };
}

/** @param size bytes of all texts together */
async function readTextRows(
  source: ColumnSource,
  { name, expression }: PlannedColumn,
  size: number,
): Promise<TextRows> {
  const bytes = Buffer.allocUnsafeSlow(size);
  const ends = new Uint32Array(source.rows);
  const isNull = new Uint8Array(source.rows);
  let end = 0;
  await eachValue(source, expression, (text: string | null, row) => {
    if (text === null) isNull[row] = 1;
    else end += bytes.write(withoutNul(text), end);
    ends[row] = end;
  });
  return { name, type: 'text rows', rows: source.rows, bytes, ends, isNull };
}

/** U+0000 is removed: the wire loses it anyway, and the SDK counts texts up to it only (departure BUG-28). */
function withoutNul(text: string): string {
  return text.includes('\u0000') ? text.replaceAll('\u0000', '') : text;
}

/** Goes through one expression's values, row by row; between chunks the event loop has its turn. */
async function eachValue<Value extends DuckDBValue | { micros: bigint }>(
  { connection, relation }: ColumnSource,
  expression: string,
  use: (value: Value, row: number) => void,
): Promise<void> {
  const result = await connection.stream(`SELECT ${expression} FROM ${relation}`);
  let firstRow = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const vector = chunk.getColumnVector(0);
    for (let i = 0; i < vector.itemCount; i += 1) use(vector.getItem(i) as Value, firstRow + i);
    firstRow += vector.itemCount;
  }
}

async function oneRow({ connection }: ColumnSource, query: string): Promise<DuckDBValue[]> {
  const result = await connection.runAndReadAll(query);
  return result.getRows()[0]!;
}
