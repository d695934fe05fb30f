/**
 * One file as a relation of DuckDB: an instance in memory that may touch this file and nothing else, no network, no
 * extensions fetched. What does not fit its share of memory goes to a scratch folder that ends with it.
 * Not here: names (check-columns.ts), types (column-types.ts), values (read-column.ts).
 */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { InputError } from '../../contract/input-error.js';
import type { TableFormat } from '../../contract/requests.js';
import { formatOf } from '../format-of.js';
import type { ReadOptions } from '../read.js';
import { withScratchFolder } from '../scratch-folder.js';
import { readCsvHeader } from './csv-header.js';
import { notATable } from './not-a-table.js';
import { literal } from './sql.js';

export interface OpenFile {
  readonly connection: DuckDBConnection;
  /** FROM clause; with the null texts of a CSV applied, and its columns named below as text where asked for. */
  relation(asText?: readonly number[]): string;
  /** As written in the file. */
  readonly names: readonly string[];
  /** As DuckDB calls them: it does not tell names apart by case. */
  readonly sqlNames: readonly string[];
  /** Types as DuckDB finds them. */
  readonly sqlTypes: readonly string[];
  readonly format: TableFormat;
}

type Source = Pick<ReadOptions, 'format' | 'delimiter' | 'nulls' | 'signal'>;

/** Each thread takes buffers of its own. */
const THREADS = Math.min(Math.max(availableParallelism(), 2), 4);
/** What DuckDB may hold in memory, whatever the number of rows; twice as much made no file quicker to read. */
const MEMORY_MIB = 64 * THREADS;
/** In wider tables DuckDB takes what it needs, a block of 256 KiB a column and thread to begin with. */
const BOUNDED_COLUMNS_MAX = 200;
/** Freed memory over this goes back to the system, instead of waiting for DuckDB's next need. */
const FREED_MIB_MAX = 8;

/** Opens the file, gives it to `use`, and closes it. */
export async function withFile<T>(path: string, source: Source, use: (file: OpenFile) => Promise<T>): Promise<T> {
  const absolute = resolve(path);
  await checkReadable(absolute);
  const format = source.format ?? formatOf(absolute, 'table.uri');
  return await withScratchFolder(async (scratch) => {
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
      return await use(await openIn(connection, absolute, format, source));
    } catch (error) {
      throw notATable(error, path, format);
    } finally {
      source.signal?.removeEventListener('abort', interrupt);
      connection.closeSync();
      instance.closeSync();
    }
  });
}

async function openIn(
  connection: DuckDBConnection,
  path: string,
  format: TableFormat,
  source: Source,
): Promise<OpenFile> {
  const pattern = patternOf(path);
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`SET allowed_paths = [${literal(path)}, ${literal(pattern)}]`);
  await connection.run('SET enable_external_access = false');
  const description =
    format === 'csv' || format === 'tsv'
      ? await describeCsv(connection, path, pattern, format, source)
      : await describeOther(connection, pattern, format);
  await limitMemory(connection, description.names.length);
  await connection.run('SET lock_configuration = true');
  return { connection, format, ...description };
}

async function checkReadable(path: string): Promise<void> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') {
      throw new InputError('file_not_found', `There is no file ${path}. Check the path.`, 'table.uri', { cause });
    }
    throw unreadable(path, cause);
  });
  if (!found.isFile()) throw new InputError('not_a_table', `${path} is not a file. Name one table file.`, 'table.uri');
  if (found.size === 0) throw new InputError('table_empty', `${path} is empty (0 bytes).`, 'table.uri');
  await access(path, constants.R_OK).catch((cause: Error) => {
    throw unreadable(path, cause);
  });
}

function unreadable(path: string, cause: Error): InputError {
  return new InputError(
    'file_unreadable',
    `${path} cannot be read by this process. Check its permissions.`,
    'table.uri',
    { cause },
  );
}

/** DuckDB takes a path for a pattern: in this one each sign stands for itself. */
function patternOf(path: string): string {
  return path.replace(/[[*?]/g, '[$&]');
}

async function limitMemory(connection: DuckDBConnection, columns: number): Promise<void> {
  if (columns <= BOUNDED_COLUMNS_MAX) await connection.run(`SET memory_limit = '${MEMORY_MIB}MiB'`);
}

type Description = Omit<OpenFile, 'connection' | 'format'>;

/** The dialect is fixed by the header, so that no line is dropped to make another one fit. */
async function describeCsv(
  connection: DuckDBConnection,
  path: string,
  pattern: string,
  format: TableFormat,
  { delimiter, nulls = [''] }: Source,
): Promise<Description> {
  const header = await readCsvHeader(path, delimiter ?? (format === 'tsv' ? '\t' : undefined));
  await limitMemory(connection, header.names.length);
  const sqlNames = header.names.map((_, i) => `c${i}`);
  const typesOf = (places: readonly number[]) => places.map((i) => `${literal(sqlNames[i]!)}: 'VARCHAR'`).join(', ');
  const dialect = `${literal(pattern)}, header = true, skip = 0, delim = ${literal(header.delimiter)}, quote = '"', escape = '"', comment = ''`;
  const nullTexts = `nullstr = [${nulls.map(literal).join(', ')}]`;
  const options = [`${dialect}, sample_size = -1`, nullTexts, `names = [${sqlNames.map(literal).join(', ')}]`].join(
    ', ',
  );
  try {
    const { sqlTypes } = await sqlColumnsOf(connection, `read_csv(${options})`);
    // With the types that were found, so that they are not looked for again.
    const relation = (asText: readonly number[] = []) => {
      const columns = sqlNames.map(
        (name, i) => `${literal(name)}: ${literal(asText.includes(i) ? 'VARCHAR' : sqlTypes[i]!)}`,
      );
      return `read_csv(${dialect}, ${nullTexts}, auto_detect = false, columns = {${columns.join(', ')}})`;
    };
    return { relation, names: header.names, sqlNames, sqlTypes };
  } catch (error) {
    // Finding types fails without saying where: reading all as text fails at the line.
    const columns = typesOf(sqlNames.map((_, i) => i));
    await connection.run(`SELECT count(*) FROM read_csv(${dialect}, auto_detect = false, columns = {${columns}})`);
    throw error;
  }
}

async function describeOther(connection: DuckDBConnection, pattern: string, format: TableFormat): Promise<Description> {
  const file = literal(pattern);
  const source =
    format === 'parquet'
      ? `read_parquet(${file})`
      : `read_json(${file}, format = 'newline_delimited', sample_size = -1, map_inference_threshold = -1)`;
  const { sqlNames, sqlTypes } = await sqlColumnsOf(connection, source);
  const names = format === 'parquet' ? await parquetNames(connection, file) : sqlNames;
  return { relation: () => source, names, sqlNames, sqlTypes };
}

async function sqlColumnsOf(
  connection: DuckDBConnection,
  relation: string,
): Promise<Pick<OpenFile, 'sqlNames' | 'sqlTypes'>> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${relation}`);
  const [sqlNames, sqlTypes] = described.getColumns() as [string[], string[]];
  return { sqlNames, sqlTypes };
}

/** The names in the file's schema, which lists the root, then each column followed by what is nested in it. */
async function parquetNames(connection: DuckDBConnection, file: string): Promise<string[]> {
  const schema = await connection.runAndReadAll(
    `SELECT name, coalesce(num_children, 0)::INTEGER FROM parquet_schema(${file})`,
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
