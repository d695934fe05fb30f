/**
 * The files of one table as a relation of DuckDB: an instance in memory that may touch these files and nothing else, no
 * network, no extensions fetched. What does not fit its share of memory goes to a scratch folder that ends with it.
 * Not here: what a file must become to be read (readable-file.ts), how each format is described (describe-*.ts), names
 * (check-columns.ts), types (column-types.ts), values (read-column.ts).
 */
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { TableFormat } from '../../contract/requests.js';
import { fileKindOf } from '../file-kind.js';
import type { ReadOptions } from '../read.js';
import { withScratchFolder } from '../scratch-folder.js';
import { describeCsv } from './describe-csv.js';
import { describeJsonl } from './describe-jsonl.js';
import { describeParquet } from './describe-parquet.js';
import { notATable } from './not-a-table.js';
import { checkReadable, makeReadable, type ReadableFile } from './readable-file.js';
import { literal } from './sql.js';

/** A table's path, or those of its files in order. */
export type TablePath = string | readonly string[];

/** What a format's files hold. */
export interface Description {
  /** FROM clause; with the null texts of a CSV applied, and the columns at the places below as text, where the format has text. */
  relation(asText?: readonly number[]): string;
  /** As written in the file. */
  readonly names: readonly string[];
  /** As DuckDB calls them: it does not tell names apart by case. */
  readonly sqlNames: readonly string[];
  /** Types as DuckDB finds them. */
  readonly sqlTypes: readonly string[];
  /** Whether a column can come as text: its type is then a guess, which may be looked at again. */
  readonly hasText: boolean;
}

export interface OpenFile extends Description {
  readonly connection: DuckDBConnection;
  readonly format: TableFormat;
}

type Source = Omit<ReadOptions, 'columns' | 'types'>;

/** Each thread takes buffers of its own. */
const THREADS = Math.min(Math.max(availableParallelism(), 2), 4);
/** What DuckDB may hold in memory, whatever the number of rows; twice as much made no file quicker to read. */
const MEMORY_MIB = 64 * THREADS;
/** In wider tables one thread reads, since each holds a block of 2 048 rows of all columns. */
const NARROW_COLUMNS_MAX = 200;
const WIDE_MEMORY_MIB = 256;
const WIDE_MEMORY_PER_COLUMN_MIB = 0.06;
/** Freed memory over this goes back to the system, instead of waiting for DuckDB's next need. */
const FREED_MIB_MAX = 8;

/** Opens the files, gives them to `use` as one, and closes them. @throws InputError as readTable does */
export async function withFile<T>(path: TablePath, source: Source, use: (file: OpenFile) => Promise<T>): Promise<T> {
  const paths = (typeof path === 'string' ? [path] : path).map((one) => resolve(one));
  for (const one of paths) await checkReadable(one);
  const { format } = fileKindOf(paths[0]!, source.format, 'table.uri');
  return await withScratchFolder(async (scratch) => {
    const files: ReadableFile[] = [];
    for (const [i, one] of paths.entries()) {
      files.push(await makeReadable(one, format, source, join(scratch, `file-${i}`)));
    }
    const instance = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      threads: String(THREADS),
      allocator_bulk_deallocation_flush_threshold: `${FREED_MIB_MAX}MiB`,
      temp_directory: scratch,
    });
    const connection = await instance.connect();
    const interrupt = () => connection.interrupt();
    source.signal?.addEventListener('abort', interrupt, { once: true });
    try {
      return await use(await openIn(connection, files, format, source));
    } catch (error) {
      throw await notATable(error, files, format);
    } finally {
      source.signal?.removeEventListener('abort', interrupt);
      connection.closeSync();
      instance.closeSync();
    }
  });
}

async function openIn(
  connection: DuckDBConnection,
  files: readonly ReadableFile[],
  format: TableFormat,
  source: Source,
): Promise<OpenFile> {
  const allowed = files.flatMap(({ readPath }) => [literal(readPath), literal(patternOf(readPath))]);
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`SET allowed_paths = [${allowed.join(', ')}]`);
  await connection.run('SET enable_external_access = false');
  const description = await describe(connection, files, format, source);
  await limitMemory(connection, description.names.length);
  await connection.run('SET lock_configuration = true');
  return { connection, format, ...description };
}

async function describe(
  connection: DuckDBConnection,
  files: readonly ReadableFile[],
  format: TableFormat,
  source: Source,
): Promise<Description> {
  switch (format) {
    case 'csv':
    case 'tsv':
      return await describeCsv(connection, files, format === 'tsv' ? { delimiter: '\t', ...source } : source);
    case 'jsonl':
      return await describeJsonl(connection, files);
    case 'parquet':
    case 'arrow':
      return await describeParquet(connection, files);
  }
}

/** DuckDB takes a path for a pattern: in this one each sign stands for itself. */
function patternOf(path: string): string {
  return path.replace(/[[*?]/g, '[$&]');
}

/** The argument of a reading function. */
export function fileList(files: readonly ReadableFile[]): string {
  return `[${files.map(({ readPath }) => literal(patternOf(readPath))).join(', ')}]`;
}

/** Before the columns are described, and again when there turn out to be many. */
export async function limitMemory(connection: DuckDBConnection, columns: number): Promise<void> {
  const isWide = columns > NARROW_COLUMNS_MAX;
  if (isWide) await connection.run('SET threads = 1');
  const mib = isWide ? WIDE_MEMORY_MIB + Math.ceil(columns * WIDE_MEMORY_PER_COLUMN_MIB) : MEMORY_MIB;
  await connection.run(`SET memory_limit = '${mib}MiB'`);
}
