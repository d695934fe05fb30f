/**
 * The table `codes`, from which pairs are counted: each row of both tables, with two small integers for each paired column. `b0`,
 * `b1`, … is the cell's bin of accuracy; `g0`, `g1`, … its category, or its tenth of the real range, of a contingency table.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../table/read/sql.js';
import type { Binning, MeasuredColumn } from './measure-column.js';

/** Bins of a column of numbers in a contingency table, of equal width, as SDMetrics has them. */
const CONTINGENCY_BINS = 10;
/** `b` and `g` of null, `b` of the empty text and of categories without a bin, `g` of a value that is not in the real table. */
const NULL_CODE = 0;
const EMPTY_CODE = 254;
const OTHERS_CODE = 255;
const NEW_CODE = 65_535;

/**
 * Makes the table, with `is_synthetic` beside the codes.
 * @param paired at least one; each has a binning
 */
export async function createCodes(connection: DuckDBConnection, paired: readonly MeasuredColumn[]): Promise<void> {
  for (const [place, { column, binning }] of paired.entries()) {
    if (binning!.by === 'edges') continue;
    const values = `SELECT DISTINCT ${column.sql} AS value FROM real WHERE value IS NOT NULL`;
    // A type without a value would be refused.
    await connection.run(
      `CREATE TYPE category${place} AS ENUM (SELECT * FROM (${values} UNION SELECT '') ORDER BY value)`,
    );
  }
  const codes = paired.flatMap(({ column, binning }, place) => [
    `${binCode(column.sql, binning!)}::UTINYINT AS b${place}`,
    `${contingencyCode(column.sql, place, binning!)}::USMALLINT AS g${place}`,
  ]);
  const select = (table: string, isSynthetic: boolean) =>
    `SELECT ${isSynthetic} AS is_synthetic, ${codes.join(', ')} FROM ${table}`;
  await connection.run(`CREATE TABLE codes AS ${select('real', false)} UNION ALL ${select('synthetic', true)}`);
}

function binCode(sql: string, binning: Binning): string {
  if (binning.by === 'edges') return stepCode(sql, binning.edges);
  const values = binning.values.map((text, i) => `WHEN ${literal(text)} THEN ${i + 1}`).join(' ');
  return `CASE WHEN ${sql} IS NULL THEN ${NULL_CODE} ELSE CASE ${sql} ${values} WHEN '' THEN ${EMPTY_CODE} ELSE ${OTHERS_CODE} END END`;
}

/** Values that only the synthetic table has are one category: none has a real row, so their shares add up to the same. */
function contingencyCode(sql: string, place: number, binning: Binning): string {
  if (binning.by === 'value') {
    const code = `enum_code(TRY_CAST(${sql} AS category${place})) + 1`;
    return `CASE WHEN ${sql} IS NULL THEN ${NULL_CODE} ELSE coalesce(${code}, ${NEW_CODE}) END`;
  }
  const { low, high } = binning;
  // A constant has the width 1 around it, as NumPy gives it.
  const [first, last] = low === high ? [low - 0.5, high + 0.5] : [low, high];
  const width = last / CONTINGENCY_BINS - first / CONTINGENCY_BINS;
  return stepCode(
    sql,
    Array.from({ length: CONTINGENCY_BINS - 1 }, (_, i) => first + (i + 1) * width),
  );
}

/** 1 below the first edge, 2 from it on, and so forth. */
function stepCode(sql: string, edges: readonly number[]): string {
  const steps = edges.map((edge, i) => `WHEN ${sql} < ${numberLiteral(edge)} THEN ${i + 1}`).join(' ');
  return `CASE WHEN ${sql} IS NULL THEN ${NULL_CODE} ${steps} ELSE ${edges.length + 1} END`;
}

/** A number inside an SQL statement, as a text that is cast: DuckDB would read 0.1 as a decimal. */
export function numberLiteral(value: number): string {
  return `'${value}'::DOUBLE`;
}
