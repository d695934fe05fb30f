/**
 * Files become a table: CSV, TSV, JSONL, Parquet or Arrow, read by DuckDB column by column. Everything that can be wrong
 * with a file or with what the request says of its columns is found here, before a request is spent, and told without
 * quoting a cell.
 */
import type { ColumnsRequest, ColumnType, TableSource } from '../contract/requests.js';
import type { Column, Table } from './column.js';
import { asColumn } from './packed-texts.js';
import { selectColumns } from './read/check-columns.js';
import { planColumns, planReading } from './read/column-types.js';
import { type TablePath, withFile } from './read/open-file.js';
import { withStagedTable } from './read/staged-table.js';

export type { TablePath };

export interface ReadOptions extends Omit<TableSource, 'uri'> {
  /** Which columns; default: all. */
  columns?: ColumnsRequest;
  /** Ends the reading. */
  signal?: AbortSignal;
}

/**
 * The selected columns, in file order.
 * @param path one file, or several with the same columns, whose rows follow each other
 * @throws InputError file_not_found, file_unreadable, not_a_table, table_empty, columns_invalid, column_unknown
 */
export async function readTable(path: TablePath, options: ReadOptions = {}): Promise<Table> {
  return await withStagedTable(path, options, async (staged) => {
    const columns: Column[] = [];
    for (const planned of staged.columns) {
      columns.push(asColumn(await staged.read(planned)));
    }
    return { rows: staged.rows, columns };
  });
}

/**
 * Names and types of the selected columns, without their values.
 * @throws InputError as `readTable`, but for table_empty of a file with a header
 */
export async function inspectTable(
  path: TablePath,
  options: ReadOptions = {},
): Promise<{ columns: { name: string; type: ColumnType }[] }> {
  return await withFile(path, options, async (file) => {
    const selected = selectColumns(file.names, options.columns, options.types);
    const plan = planReading(file, selected, options.types);
    const columns = await planColumns(file, selected, plan, plan.relation, options.types);
    return { columns: columns.map(({ name, type }) => ({ name, type })) };
  });
}
