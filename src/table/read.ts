/**
 * A file becomes a table: CSV, TSV, JSONL or Parquet, read by DuckDB column by column. Everything that can be wrong with
 * a file or with what the request says of its columns is found here, before a request is spent, and told without
 * quoting a cell.
 */
import { InputError } from '../contract/input-error.js';
import type { ColumnsRequest, ColumnType, TableSource } from '../contract/requests.js';
import type { Table } from './column.js';
import { checkNames, selectColumns } from './read/check-columns.js';
import { columnBuilder } from './read/column-builder.js';
import { type ColumnPlan, planColumns } from './read/column-types.js';
import { type OpenFile, withFile } from './read/open-file.js';

export interface ReadOptions extends Pick<TableSource, 'format' | 'delimiter' | 'nulls' | 'types'> {
  /** Which columns; default: all. */
  columns?: ColumnsRequest;
}

/**
 * The selected columns, in file order.
 * @throws InputError file_not_found, file_unreadable, not_a_table, table_empty, columns_invalid, column_unknown
 */
export async function readTable(path: string, options: ReadOptions = {}): Promise<Table> {
  return await withFile(path, options, async (file) => {
    const { relation, columns } = await planOf(file, options);
    const builders = columns.map(columnBuilder);
    const expressions = columns.map(({ expression }) => expression).join(', ');
    const result = await file.connection.stream(`SELECT ${expressions} FROM ${relation}`);
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      for (let i = 0; i < builders.length; i += 1) builders[i]!.append(chunk.getColumnVector(i));
    }
    const built = builders.map((builder) => builder.build());
    const rows = built[0]!.rows;
    if (rows === 0)
      throw new InputError('table_empty', `${path} has a header and no rows. Give it at least one row.`, 'table.uri');
    return { rows, columns: built };
  });
}

/**
 * Names and types of the selected columns, without their values.
 * @throws InputError as `readTable`, but for table_empty of a file with a header
 */
export async function inspectTable(
  path: string,
  options: ReadOptions = {},
): Promise<{ columns: { name: string; type: ColumnType }[] }> {
  return await withFile(path, options, async (file) => {
    const { columns } = await planOf(file, options);
    return { columns: columns.map(({ name, type }) => ({ name, type })) };
  });
}

async function planOf(file: OpenFile, { columns, types }: ReadOptions): Promise<ColumnPlan> {
  checkNames(file.names);
  return await planColumns(file, selectColumns(file.names, columns, types), types);
}
