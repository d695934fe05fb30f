/**
 * A file ready to be read column by column, in any order and as often as needed. A file whose rows must be parsed is parsed
 * once, into a table of DuckDB's that moves to disk where memory ends; a Parquet file has columns already and stays.
 */
import { InputError } from '../../contract/input-error.js';
import type { PlainColumn } from '../column.js';
import type { ReadOptions } from '../read.js';
import { selectColumns } from './check-columns.js';
import { type PlannedColumn, planColumns, planReading } from './column-types.js';
import { type OpenFile, withFile } from './open-file.js';
import { readColumn } from './read-column.js';
import { identifier } from './sql.js';

export interface StagedTable {
  readonly rows: number;
  /** The selected ones, in file order. */
  readonly columns: readonly PlannedColumn[];
  read(column: PlannedColumn): Promise<PlainColumn>;
}

const STAGED = 'staged';

/**
 * Stages the file, gives it to `use`, and takes it away.
 * @throws InputError file_not_found, file_unreadable, not_a_table, table_empty, columns_invalid, column_unknown
 */
export async function withStagedTable<T>(
  path: string,
  options: ReadOptions,
  use: (table: StagedTable) => Promise<T>,
): Promise<T> {
  return await withFile(path, options, async (file) => {
    const selected = selectColumns(file.names, options.columns, options.types);
    const plan = planReading(file, selected, options.types);
    const relation = file.format === 'parquet' ? plan.relation : await stage(file, selected, plan.relation);
    const columns = await planColumns(file, selected, plan, relation, options.types);
    const counted = await file.connection.runAndReadAll(`SELECT count(*) FROM ${relation}`);
    const rows = Number(counted.getRows()[0]![0]);
    if (rows === 0)
      throw new InputError('table_empty', `${path} has a header and no rows. Give it at least one row.`, 'table.uri');
    const source = { connection: file.connection, relation, rows };
    return await use({ rows, columns, read: (column) => readColumn(source, column) });
  });
}

async function stage(file: OpenFile, selected: readonly number[], relation: string): Promise<string> {
  const names = selected.map((i) => identifier(file.sqlNames[i]!)).join(', ');
  await file.connection.run(`CREATE TABLE ${STAGED} AS SELECT ${names} FROM ${relation}`);
  return STAGED;
}
