/**
 * Columns of ours as DuckDB's: the type each gets in the file, and its values a slice at a time.
 */
import {
  BIGINT,
  BOOLEAN,
  DATE,
  DOUBLE,
  DuckDBDateValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  HUGEINT,
  TIMESTAMP,
  UBIGINT,
  VARCHAR,
} from '@duckdb/node-api';
import { type IntegerColumn, type PlainColumn, textOfRow } from '../column.js';
import { US_PER_DAY } from '../date-parts.js';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

export function duckTypeOf(column: PlainColumn): DuckDBType {
  switch (column.type) {
    case 'integer':
      return integerTypeOf(column);
    case 'float':
      return DOUBLE;
    case 'boolean':
      return BOOLEAN;
    case 'timestamp':
      return column.isDate ? DATE : TIMESTAMP;
    case 'text':
    case 'text rows':
      return VARCHAR;
  }
}

/** Rows [firstRow, firstRow + rows) as DuckDB takes them. */
export function duckValuesOf(column: PlainColumn, firstRow: number, rows: number): DuckDBValue[] {
  return Array.from({ length: rows }, (_, i) => duckValueAt(column, firstRow + i));
}

function duckValueAt(column: PlainColumn, row: number): DuckDBValue {
  if (column.type === 'text') return column.indices[row]! < 0 ? null : column.dictionary[column.indices[row]!]!;
  if (column.type === 'text rows') return textOfRow(column, row);
  if (column.isNull[row] === 1) return null;
  switch (column.type) {
    case 'integer':
      return column.exact?.get(row) ?? BigInt(column.values[row]!);
    case 'float':
      return column.values[row]!;
    case 'boolean':
      return column.values[row] === 1;
    case 'timestamp':
      return column.isDate
        ? new DuckDBDateValue(Number(floorDays(column.values[row]!)))
        : new DuckDBTimestampValue(column.values[row]!);
  }
}

/** 64 bits where they hold every value; Parquet knows no wider integer, and holds HUGEINT as a float. */
function integerTypeOf({ exact }: IntegerColumn): DuckDBType {
  let min = 0n;
  let max = 0n;
  for (const value of exact?.values() ?? []) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (min >= INT64_MIN && max <= INT64_MAX) return BIGINT;
  return min >= 0n && max < 2n ** 64n ? UBIGINT : HUGEINT;
}

function floorDays(instantUs: bigint): bigint {
  const rest = instantUs % US_PER_DAY;
  return (rest < 0n ? instantUs - rest - US_PER_DAY : instantUs - rest) / US_PER_DAY;
}
