/** Files of one table into a table of the scratch database, by DuckDB alone: columns typed and refused as a job types and refuses them. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ColumnType } from '../contract/requests.js';
import { selectColumns } from '../table/read/check-columns.js';
import { planColumns, planReading } from '../table/read/column-types.js';
import { withFile } from '../table/read/open-file.js';
import { withoutRows } from '../table/read/staged-table.js';
import type { ReadOptions, TablePath } from '../table/read.js';
import { rowsOf } from './scratch-database.js';

export interface LoadedColumn {
  name: string;
  type: ColumnType;
  /** The table's column, `c0`, `c1`, … */
  sql: string;
  /** As DuckDB calls it; of a timestamp it is TIMESTAMP, or BIGINT for microseconds. */
  sqlType: string;
}

/** @throws InputError as readTable does */
export function loadFile(
  connection: DuckDBConnection,
  table: string,
  path: TablePath,
  { types, ...source }: Omit<ReadOptions, 'columns'> = {},
): Promise<LoadedColumn[]> {
  return withFile(path, source, async (file) => {
    const selected = selectColumns(file.names, undefined, types);
    const plan = planReading(file, selected, types);
    const columns = await planColumns(file, selected, plan, plan.relation, types);
    const expressions = columns.map(({ expression }, i) => `${expression} AS c${i}`).join(', ');
    await connection.run(`CREATE TABLE ${table} AS SELECT ${expressions} FROM ${plan.relation}`);
    const [found] = await rowsOf(connection, `SELECT 1 FROM ${table} LIMIT 1`);
    if (found === undefined) throw withoutRows(path);
    const described = await rowsOf<[string, string]>(connection, `DESCRIBE ${table}`);
    return columns.map(({ name, type }, i) => ({ name, type, sql: `c${i}`, sqlType: described[i]![1] }));
  });
}
