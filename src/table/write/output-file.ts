/**
 * How a table becomes a file: DuckDB writes beside the target under a name of its own, and a finished file is renamed into
 * place, so that the target is never half a table. One thread, in order: the same rows give the same bytes.
 */
import { randomUUID } from 'node:crypto';
import { rename, rm, stat } from 'node:fs/promises';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { InputError } from '../../contract/input-error.js';
import type { FileKind } from '../file-kind.js';
import { literal } from '../read/sql.js';

const COPY_OPTIONS: Record<Exclude<FileKind['format'], 'arrow'>, string> = {
  parquet: 'FORMAT parquet, COMPRESSION zstd',
  csv: 'FORMAT csv, HEADER true',
  tsv: "FORMAT csv, HEADER true, DELIMITER '\t'",
  jsonl: 'FORMAT json',
};
const DISK_FULL = /no space left|disk quota exceeded|file too large|ENOSPC|EDQUOT|EFBIG/i;

/** Opens an in-memory database for the time of `use`. */
export async function withDatabase<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    return await use(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/**
 * Writes what `query` selects.
 * @returns the file's size
 * @throws InputError output_unwritable or disk_full, naming the path
 */
export async function copyTo(
  connection: DuckDBConnection,
  query: string,
  path: string,
  { format, compression }: FileKind,
): Promise<{ bytes: number }> {
  const partial = `${path}.${randomUUID().slice(0, 8)}.partial`;
  try {
    if (format === 'arrow') {
      const { writeArrow } = await import('./arrow-file.js');
      await writeArrow(connection, query, partial);
    } else {
      const packed = compression === 'none' ? '' : `, COMPRESSION ${compression}`;
      const options = `${COPY_OPTIONS[format]}${packed}, USE_TMP_FILE false`;
      await connection.run(`COPY (${query}) TO ${literal(partial)} (${options})`);
    }
    const { size } = await stat(partial);
    await rename(partial, path);
    return { bytes: size };
  } catch (error) {
    await rm(partial, { force: true });
    throw outputError(error, path);
  }
}

function outputError(error: unknown, path: string): InputError {
  const isDiskFull = DISK_FULL.test(String(error));
  return new InputError(
    isDiskFull ? 'disk_full' : 'output_unwritable',
    isDiskFull
      ? `The disk is full: ${path} could not be written. Free some space, or write somewhere else.`
      : `${path} could not be written. Check that its folder exists, that it is no folder itself, and that this user may write there.`,
    'output.uri',
    { cause: error },
  );
}
