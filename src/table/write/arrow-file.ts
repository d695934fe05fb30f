/**
 * The rows of a query as an Arrow IPC file, a record batch at a time: nothing but one batch is held. Integers of 64 bits, dates,
 * times of microseconds and nulls are Arrow's own.
 */
import { open } from 'node:fs/promises';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import {
  AsyncByteQueue,
  Bool,
  type Data,
  type DataType,
  DateDay,
  Field,
  Float64,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  TimestampMicrosecond,
  Uint64,
  Utf8,
} from 'apache-arrow';
import { identifier, sqlColumnsOf } from '../read/sql.js';

const ROWS_PER_BATCH = 16_384;

/** By DuckDB's type: Arrow's, and what is asked of DuckDB for it. */
interface ArrowColumn {
  type: DataType;
  expression: string;
}

/** Writes what `query` selects. */
export async function writeArrow(connection: DuckDBConnection, query: string, path: string): Promise<void> {
  const { sqlNames, sqlTypes } = await sqlColumnsOf(connection, `(${query})`);
  const columns = sqlTypes.map((sqlType, i) => arrowColumnOf(identifier(sqlNames[i]!), sqlType));
  const schema = new Schema(columns.map(({ type }, i) => new Field(sqlNames[i]!, type, true)));
  const pieces = new Pieces();
  const writer = new RecordBatchFileWriter().reset(pieces, schema) as RecordBatchFileWriter;
  const file = await open(path, 'wx');
  try {
    const expressions = columns.map(({ expression }) => expression).join(', ');
    const result = await connection.stream(`SELECT ${expressions} FROM (${query})`);
    let held: DuckDBValue[][] = columns.map(() => []);
    const flush = async () => {
      writer.write(batchOf(schema, held));
      held = columns.map(() => []);
      for (const piece of pieces.take()) await file.writeFile(piece);
    };
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      for (const [i, values] of chunk.getColumns().entries()) for (const value of values) held[i]!.push(value);
      if (held[0]!.length >= ROWS_PER_BATCH) await flush();
    }
    if (held[0]!.length > 0) await flush();
    writer.finish();
    for (const piece of pieces.take()) await file.writeFile(piece);
  } finally {
    await file.close();
  }
}

/** Where the writer puts its bytes, to be taken from there before it goes on. */
class Pieces extends AsyncByteQueue {
  #pieces: Uint8Array[] = [];
  override write(piece: Uint8Array): void {
    this.#pieces.push(piece.slice());
  }
  take(): Uint8Array[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }
}

/** Wider integers become float64, as in Parquet. */
function arrowColumnOf(column: string, sqlType: string): ArrowColumn {
  switch (sqlType) {
    case 'BIGINT':
      return { type: new Int64(), expression: column };
    case 'UBIGINT':
      return { type: new Uint64(), expression: column };
    case 'BOOLEAN':
      return { type: new Bool(), expression: column };
    case 'DATE':
      return { type: new DateDay(), expression: `(${column} - DATE '1970-01-01')::INTEGER` };
    case 'TIMESTAMP':
      return { type: new TimestampMicrosecond(), expression: `epoch_us(${column})` };
    case 'VARCHAR':
      return { type: new Utf8(), expression: column };
    default:
      return { type: new Float64(), expression: `${column}::DOUBLE` };
  }
}

function batchOf(schema: Schema, columns: readonly DuckDBValue[][]): RecordBatch {
  const children = columns.map((values, i) => dataOf(schema.fields[i]!.type, values));
  const length = columns[0]!.length;
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }));
}

function dataOf(type: DataType, values: readonly DuckDBValue[]): Data {
  const length = values.length;
  const nullBitmap = bitmapOf(values, (value) => value !== null);
  const nullCount = values.filter((value) => value === null).length;
  const common = { length, nullBitmap, nullCount };
  if (type instanceof Utf8) {
    const texts = values.map((value) => Buffer.from((value as string | null) ?? ''));
    const valueOffsets = new Int32Array(length + 1);
    texts.forEach((text, i) => {
      valueOffsets[i + 1] = valueOffsets[i]! + text.length;
    });
    return makeData({ type, ...common, valueOffsets, data: new Uint8Array(Buffer.concat(texts)) });
  }
  if (type instanceof Bool) return makeData({ type, ...common, data: bitmapOf(values, (value) => value === true) });
  if (type instanceof Float64)
    return makeData({ type, ...common, data: Float64Array.from(values, (v) => Number(v ?? 0)) });
  if (type instanceof DateDay)
    return makeData({ type, ...common, data: Int32Array.from(values, (v) => Number(v ?? 0)) });
  const whole = values.map((value) => BigInt((value as bigint | null) ?? 0n));
  if (type instanceof Uint64) return makeData({ type, ...common, data: BigUint64Array.from(whole) });
  const data = BigInt64Array.from(whole);
  return type instanceof Int64
    ? makeData({ type, ...common, data })
    : makeData({ type: new TimestampMicrosecond(), ...common, data });
}

function bitmapOf(values: readonly DuckDBValue[], isSet: (value: DuckDBValue) => boolean): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, i) => {
    if (isSet(value)) bits[i >> 3]! |= 1 << (i & 7);
  });
  return bits;
}
