/**
 * One file as a relation of DuckDB: an instance in memory that may touch this file and nothing else, no network, no
 * extensions fetched. Not here: names (check-columns.ts), types (column-types.ts), values (column-builder.ts).
 */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { InputError } from '../../contract/input-error.js';
import type { TableFormat, TableSource } from '../../contract/requests.js';
import { formatOf } from '../format-of.js';
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

type Source = Pick<TableSource, 'format' | 'delimiter' | 'nulls'>;

/** Opens the file, gives it to `use`, and closes it. */
export async function withFile<T>(path: string, source: Source, use: (file: OpenFile) => Promise<T>): Promise<T> {
  const absolute = resolve(path);
  await checkReadable(absolute);
  const pattern = patternOf(absolute);
  const format = source.format ?? formatOf(absolute, 'table.uri');
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    await connection.run(`SET allowed_paths = [${literal(absolute)}, ${literal(pattern)}]`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    const description =
      format === 'csv' || format === 'tsv'
        ? await describeCsv(connection, absolute, pattern, format, source)
        : await describeOther(connection, pattern, format);
    return await use({ connection, format, ...description });
  } catch (error) {
    throw notATable(error, path, format);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
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
  const sqlNames = header.names.map((_, i) => `c${i}`);
  const typesOf = (places: readonly number[]) => places.map((i) => `${literal(sqlNames[i]!)}: 'VARCHAR'`).join(', ');
  const dialect = `${literal(pattern)}, header = true, skip = 0, delim = ${literal(header.delimiter)}, quote = '"', escape = '"', comment = ''`;
  const options = [
    `${dialect}, sample_size = -1`,
    `nullstr = [${nulls.map(literal).join(', ')}]`,
    `names = [${sqlNames.map(literal).join(', ')}]`,
  ].join(', ');
  const relation = (asText: readonly number[] = []) => {
    return asText.length === 0 ? `read_csv(${options})` : `read_csv(${options}, types = {${typesOf(asText)}})`;
  };
  try {
    return { relation, names: header.names, ...(await sqlColumnsOf(connection, relation())) };
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
