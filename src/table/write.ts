/**
 * Tables to files: one table, or the parts of one in order. Parquet, CSV, TSV, JSON lines and Arrow through DuckDB, types kept.
 * DuckDB's column names ignore case: a name that differs from an earlier one in case alone is written with `_1` behind it.
 * Between vectors the event loop has its turn.
 */
import { setImmediate } from 'node:timers/promises';
import { type DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import type { TableFormat } from '../contract/requests.js';
import type { PlainTable } from './column.js';
import type { FileKind } from './file-kind.js';
import { identifier, literal } from './read/sql.js';
import { duckTypeOf, duckValuesOf } from './write/column-vectors.js';
import { copyTo, withDatabase } from './write/output-file.js';

/** What one DuckDB vector holds. */
const ROWS_PER_VECTOR = 2048;

/**
 * Writes a table, replacing what is at `path`.
 * @throws InputError output_unwritable, disk_full
 */
export function writeTable(
  table: PlainTable,
  path: string,
  format: TableFormat,
  compression: FileKind['compression'] = 'none',
): Promise<{ bytes: number }> {
  return withDatabase(async (connection) => {
    await fillTable(connection, table);
    return copyTo(connection, 'SELECT * FROM rows', path, { format, compression });
  });
}

/**
 * Joins the parts of a table, given in order, into one file; nothing is held in memory but what is being copied.
 * @param parts Parquet files with the same columns
 * @returns the rows of the whole
 * @throws InputError output_unwritable, disk_full
 */
export function concatenateTables(
  parts: readonly string[],
  path: string,
  format: TableFormat,
  compression: FileKind['compression'] = 'none',
): Promise<{ rows: number; bytes: number }> {
  return withDatabase(async (connection) => {
    // By name: a part without nulls or with wider integers may differ in a column's type, never in its columns.
    const source = `read_parquet([${parts.map(literal).join(', ')}], union_by_name = true)`;
    const counted = await connection.runAndReadAll(`SELECT count(*) FROM ${source}`);
    const rows = Number(counted.getRows()[0]![0]);
    return { rows, ...(await copyTo(connection, `SELECT * FROM ${source}`, path, { format, compression })) };
  });
}

async function fillTable(connection: DuckDBConnection, { rows, columns }: PlainTable): Promise<void> {
  const types = columns.map(duckTypeOf);
  const names = distinctIgnoringCase(columns.map(({ name }) => name));
  const declared = names.map((name, i) => `${identifier(name)} ${types[i]}`);
  await connection.run(`CREATE TABLE rows (${declared.join(', ')})`);
  const appender = await connection.createAppender('rows');
  for (let firstRow = 0; firstRow < rows; firstRow += ROWS_PER_VECTOR) {
    const count = Math.min(ROWS_PER_VECTOR, rows - firstRow);
    const chunk = DuckDBDataChunk.create(types, count);
    chunk.setColumns(columns.map((column) => duckValuesOf(column, firstRow, count)));
    appender.appendDataChunk(chunk);
    await setImmediate();
  }
  appender.closeSync();
}

function distinctIgnoringCase(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let distinct = name;
    for (let count = 1; taken.has(distinct.toLowerCase()); count += 1) distinct = `${name}_${count}`;
    taken.add(distinct.toLowerCase());
    return distinct;
  });
}
