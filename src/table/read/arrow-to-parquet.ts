/**
 * An Arrow IPC file or stream as a Parquet file, record batch by record batch, since DuckDB reads no Arrow by itself. Types are
 * kept: raw values are taken, where the library's own would lose microseconds. A nested column comes over as one without
 * values, so that it can be excluded, or is refused by its name.
 */
import { open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import {
  ARRAY,
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DOUBLE,
  DuckDBBlobValue,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBInstance,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  type DuckDBValue,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  UBIGINT,
  VARCHAR,
} from '@duckdb/node-api';
import { DataType, DateUnit, RecordBatchReader, type Schema, TimeUnit, type Vector } from 'apache-arrow';
import { InputError } from '../../contract/input-error.js';
import { literal } from './sql.js';

/** What one DuckDB vector holds. */
const ROWS_PER_VECTOR = 2048;
const MEMORY_MIB = 256;
const MS_PER_DAY = 86_400_000;
const UNITS_PER_SECOND: Record<TimeUnit, bigint> = {
  [TimeUnit.SECOND]: 1n,
  [TimeUnit.MILLISECOND]: 1_000n,
  [TimeUnit.MICROSECOND]: 1_000_000n,
  [TimeUnit.NANOSECOND]: 1_000_000_000n,
};

/**
 * @param scratch a folder for what does not fit in memory
 * @returns the columns' names; in the Parquet file they are c0, c1, …
 * @throws InputError not_a_table
 */
export async function arrowToParquet(path: string, target: string, scratch: string): Promise<string[]> {
  const file = await open(path);
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: `${MEMORY_MIB}MiB`,
    temp_directory: scratch,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    const batches = await readingArrow(path, async () => await (await RecordBatchReader.from(file)).open());
    // At the end the reader forgets it.
    const { schema } = batches;
    const types = columnTypesOf(schema);
    await connection.run(`CREATE TABLE rows (${types.map((type, i) => `c${i} ${type}`).join(', ')})`);
    const appender = await connection.createAppender('rows');
    for (;;) {
      const { value: batch, done } = await readingArrow(path, async () => await batches.next());
      if (done) break;
      const columns = types.map((_, i) => valuesOf(batch.getChildAt(i)!));
      for (let firstRow = 0; firstRow < batch.numRows; firstRow += ROWS_PER_VECTOR) {
        const rows = Math.min(ROWS_PER_VECTOR, batch.numRows - firstRow);
        const chunk = DuckDBDataChunk.create(types, rows);
        chunk.setColumns(columns.map((valueAt) => Array.from({ length: rows }, (_, i) => valueAt(firstRow + i))));
        appender.appendDataChunk(chunk);
        await setImmediate();
      }
    }
    appender.closeSync();
    await connection.run(`COPY rows TO ${literal(target)} (FORMAT parquet)`);
    return schema.fields.map(({ name }) => name);
  } finally {
    connection.closeSync();
    instance.closeSync();
    await file.close();
  }
}

async function readingArrow<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const isCompressed = /compressed/.test(String(cause));
    throw new InputError(
      'not_a_table',
      isCompressed
        ? `${path}: its record batches are compressed. Write it without compression, or as Parquet.`
        : `${path}: not a table as ARROW: it is not an Arrow IPC file or stream, or it is damaged.`,
      'table.uri',
      { cause },
    );
  }
}

function columnTypesOf({ fields }: Schema): DuckDBType[] {
  return fields.map(({ type }) => duckTypeOf(DataType.isDictionary(type) ? type.dictionary : type));
}

function duckTypeOf(type: DataType): DuckDBType {
  if (DataType.isInt(type)) return type.bitWidth === 64 && !type.isSigned ? UBIGINT : BIGINT;
  if (DataType.isFloat(type) || DataType.isDecimal(type)) return DOUBLE;
  if (DataType.isBool(type)) return BOOLEAN;
  if (DataType.isDate(type)) return DATE;
  if (DataType.isTimestamp(type)) return type.timezone ? TIMESTAMPTZ : TIMESTAMP;
  if (DataType.isTime(type)) return TIME;
  if (isText(type) || DataType.isNull(type)) return VARCHAR;
  if (isBytes(type)) return BLOB;
  return ARRAY(BIGINT, 1);
}

function isText(type: DataType): boolean {
  return DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type);
}

function isBytes(type: DataType): boolean {
  return (
    DataType.isBinary(type) ||
    DataType.isLargeBinary(type) ||
    DataType.isBinaryView(type) ||
    DataType.isFixedSizeBinary(type)
  );
}

/** A row's value as DuckDB takes it. */
function valuesOf(vector: Vector): (row: number) => DuckDBValue {
  const { type } = vector;
  const inner = DataType.isDictionary(type) ? type.dictionary : type;
  const valueAt = DataType.isDictionary(type) ? dictionaryValues(vector) : plainValues(vector);
  const isNested = duckTypeOf(inner).toString() === ARRAY(BIGINT, 1).toString();
  return (row) => (isNested || !vector.isValid(row) ? null : valueAt(row));
}

function dictionaryValues(vector: Vector): (row: number) => DuckDBValue {
  const [data] = vector.data;
  const dictionary = data!.dictionary!;
  const values = valuesOf(dictionary);
  const places = data!.values as { [place: number]: number | bigint };
  return (row) => values(Number(places[row]!));
}

function plainValues(vector: Vector): (row: number) => DuckDBValue {
  const { type } = vector;
  // A batch has one piece of each column; a dictionary may have more.
  const raw = (row: number) => rawAt(vector, row);
  if (DataType.isInt(type)) return (row) => BigInt(vector.get(row) as number | bigint);
  if (DataType.isDecimal(type)) return (row) => decimalOf(vector.get(row) as Uint32Array, type.scale);
  if (DataType.isDate(type)) {
    const perDay = type.unit === DateUnit.DAY ? 1 : MS_PER_DAY;
    return (row) => new DuckDBDateValue(Math.floor(Number(raw(row)) / perDay));
  }
  if (DataType.isTimestamp(type)) {
    const Value = type.timezone ? DuckDBTimestampTZValue : DuckDBTimestampValue;
    return (row) => new Value(microsOf(BigInt(raw(row)), type.unit));
  }
  if (DataType.isTime(type)) return (row) => new DuckDBTimeValue(microsOf(BigInt(raw(row)), type.unit));
  if (isBytes(type)) return (row) => new DuckDBBlobValue(vector.get(row) as Uint8Array);
  return (row) => vector.get(row) as DuckDBValue;
}

/** The stored number, of a vector that is made of pieces. */
function rawAt(vector: Vector, row: number): number | bigint {
  let rest = row;
  for (const { length, values } of vector.data) {
    if (rest < length) return (values as { [place: number]: number | bigint })[rest]!;
    rest -= length;
  }
  throw new Error(`row ${row} of ${vector.length}`);
}

/** Down to the microsecond before. */
function microsOf(value: bigint, unit: TimeUnit): bigint {
  const scaled = value * 1_000_000n;
  const perSecond = UNITS_PER_SECOND[unit];
  const rest = scaled % perSecond;
  return (scaled - (rest < 0n ? rest + perSecond : rest)) / perSecond;
}

/** Little-endian words of 32 bits, two's complement. */
function decimalOf(words: Uint32Array, scale: number): number {
  const bits = 32 * words.length;
  const unsigned = words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
  return Number(`${BigInt.asIntN(bits, unsigned)}e${-scale}`);
}
