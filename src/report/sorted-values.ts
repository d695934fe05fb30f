/**
 * The values of a column in ascending order, nulls left out, sorted by DuckDB: what distributions of numbers are measured on.
 * Eight bytes a value, one column at a time.
 */
import { type DuckDBConnection, DuckDBDoubleVector } from '@duckdb/node-api';

/** @param expression of type DOUBLE */
export async function sortedValues(
  connection: DuckDBConnection,
  table: string,
  expression: string,
): Promise<Float64Array> {
  const counted = await connection.runAndReadAll(`SELECT count(${expression}) FROM ${table}`);
  const values = new Float64Array(Number(counted.getRows()[0]![0]));
  const result = await connection.stream(
    `SELECT value FROM (SELECT ${expression} AS value FROM ${table}) WHERE value IS NOT NULL ORDER BY value`,
  );
  let filled = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const vector = chunk.getColumnVector(0);
    if (!(vector instanceof DuckDBDoubleVector)) throw new Error(`${expression} came as ${vector.type.toString()}`);
    for (let i = 0; i < vector.itemCount; i += 1) values[filled + i] = vector.getItem(i)!;
    filled += chunk.rowCount;
  }
  return values;
}

/** How many of the values are below `bound`. */
export function countBelow(sorted: Float64Array, bound: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
