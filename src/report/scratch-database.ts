/**
 * A database of DuckDB for the time of one report: in a scratch folder, which only this user may read and which is removed
 * after, since it holds the tables; its memory is bounded, so that a large table costs disk.
 */
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { withScratchFolder } from '../table/scratch-folder.js';

const MEMORY_MAX = '1GiB';

export function withScratchDatabase<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  return withScratchFolder(async (folder) => {
    const instance = await DuckDBInstance.create(join(folder, 'tables.duckdb'), {
      memory_limit: MEMORY_MAX,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    try {
      // Text without a zone is taken as UTC, as in a job.
      await connection.run("SET TimeZone = 'UTC'");
      return await use(connection);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });
}

/** The rows of a small result. */
export async function rowsOf<Row extends readonly unknown[]>(
  connection: DuckDBConnection,
  sql: string,
): Promise<Row[]> {
  const result = await connection.runAndReadAll(sql);
  return result.getRows() as unknown as Row[];
}
