/** Parquet files, by their own schemas: the same names in each, and types of one kind; an integer may be wider in another. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { InputError } from '../../contract/input-error.js';
import { checkSameColumns } from './check-columns.js';
import { kindOfSqlType } from './column-types.js';
import { type Description, fileList } from './open-file.js';
import type { ReadableFile } from './readable-file.js';
import { sqlColumnsOf } from './sql.js';

export async function describeParquet(
  connection: DuckDBConnection,
  files: readonly ReadableFile[],
): Promise<Description> {
  const [first] = files;
  const names = await namesIn(connection, first!);
  const one = await sqlColumnsOf(connection, `read_parquet(${fileList([first!])})`);
  for (const file of files.slice(1)) {
    checkSameColumns({ path: first!.path, names }, { path: file.path, names: await namesIn(connection, file) });
    const { sqlTypes } = await sqlColumnsOf(connection, `read_parquet(${fileList([file])})`);
    const differs = sqlTypes.findIndex((type, i) => kindOfSqlType(type) !== kindOfSqlType(one.sqlTypes[i]!));
    if (differs >= 0) {
      throw new InputError(
        'columns_invalid',
        `Column ${JSON.stringify(names[differs])} has another type in ${file.path} than in ${first!.path}. Give it one type.`,
        'table.uri',
      );
    }
  }
  const source = `read_parquet(${fileList(files)}${files.length > 1 ? ', union_by_name = true' : ''})`;
  const { sqlNames, sqlTypes } = files.length > 1 ? await sqlColumnsOf(connection, source) : one;
  return { relation: () => source, names, sqlNames, sqlTypes, hasText: false };
}

/** The names in the file's schema, which lists the root, then each column followed by what is nested in it. */
async function namesIn(connection: DuckDBConnection, file: ReadableFile): Promise<readonly string[]> {
  if (file.names !== undefined) return file.names;
  const schema = await connection.runAndReadAll(
    `SELECT name, coalesce(num_children, 0)::INTEGER FROM parquet_schema(${fileList([file])})`,
  );
  const names: string[] = [];
  let nested = 0;
  for (const [name, children] of schema.getRows().slice(1) as [string, number][]) {
    if (nested === 0) names.push(name);
    else nested -= 1;
    nested += children;
  }
  return names;
}
