/** CSV files: one dialect, found out from the first, and the same names in each; types are guesses over every row. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { InputError } from '../../contract/input-error.js';
import type { TableSource } from '../../contract/requests.js';
import { checkSameColumns } from './check-columns.js';
import { type CsvDialect, csvDialectOf } from './csv-dialect.js';
import { type Description, fileList, limitMemory } from './open-file.js';
import { type ReadableFile, textStartOf } from './readable-file.js';
import { literal, sqlColumnsOf } from './sql.js';

type Source = Omit<TableSource, 'uri'>;

/** Of a zstd file, which DuckDB alone unpacks, the header is looked for in so many lines. */
const ZSTD_START_LINES = 1_000;

/** The dialect is fixed by the header, so that no line is dropped to make another one fit. */
export async function describeCsv(
  connection: DuckDBConnection,
  files: readonly ReadableFile[],
  source: Source,
): Promise<Description> {
  const dialect = await commonDialect(connection, files, source);
  await limitMemory(connection, dialect.names.length);
  const sqlNames = dialect.names.map((_, i) => `c${i}`);
  const list = fileList(files);
  const columnsAs = (typeOf: (place: number) => string) =>
    `columns = {${sqlNames.map((name, i) => `${literal(name)}: ${literal(typeOf(i))}`).join(', ')}}`;
  const quote = literal(dialect.quote);
  const how = [
    `${list}, header = ${dialect.header}, skip = 0, delim = ${literal(dialect.delimiter)}`,
    `quote = ${quote}, escape = ${quote}, comment = '', compression = '${files[0]!.isZstd ? 'zstd' : 'none'}'`,
  ].join(', ');
  const nullTexts = `nullstr = [${(source.nulls ?? ['']).map(literal).join(', ')}]`;
  const names = `names = [${sqlNames.map(literal).join(', ')}]`;
  try {
    const looking = `read_csv(${how}, ${nullTexts}, ${names}, sample_size = -1, files_to_sniff = -1)`;
    const { sqlTypes } = await sqlColumnsOf(connection, looking);
    // With the types that were found, so that they are not looked for again.
    const relation = (asText: readonly number[] = []) => {
      const isText = new Set(asText);
      const columns = columnsAs((i) => (isText.has(i) ? 'VARCHAR' : sqlTypes[i]!));
      return `read_csv(${how}, ${nullTexts}, auto_detect = false, ${columns})`;
    };
    return { relation, names: dialect.names, sqlNames, sqlTypes, hasText: true };
  } catch (error) {
    // Finding types fails without saying where: reading all as text fails at the line.
    await connection.run(`SELECT count(*) FROM read_csv(${how}, auto_detect = false, ${columnsAs(() => 'VARCHAR')})`);
    throw error;
  }
}

async function commonDialect(
  connection: DuckDBConnection,
  files: readonly ReadableFile[],
  source: Source,
): Promise<CsvDialect> {
  const [first] = files;
  if (files.some(({ isZstd }) => isZstd !== first!.isZstd)) {
    throw new InputError('not_a_table', 'Some files are zstd and some are not. Pack all or none of them.', 'table.uri');
  }
  const dialect = csvDialectOf(await startOf(connection, first!), first!.path, source);
  for (const file of files.slice(1)) {
    const { names } = csvDialectOf(await startOf(connection, file), file.path, { ...source, ...dialect });
    checkSameColumns({ path: first!.path, names: dialect.names }, { path: file.path, names });
  }
  return dialect;
}

async function startOf(connection: DuckDBConnection, file: ReadableFile): Promise<string> {
  if (!file.isZstd) return await textStartOf(file.readPath);
  // Whole lines: text has no such separators.
  const how =
    "header = false, delim = '\u001f', quote = '', escape = '', comment = '', nullstr = ['\u001e'], strict_mode = false";
  const lines = `read_csv(${fileList([file])}, ${how}, compression = 'zstd', auto_detect = false, columns = {'line': 'VARCHAR'})`;
  const result = await connection.runAndReadAll(`SELECT line FROM ${lines} LIMIT ${ZSTD_START_LINES}`);
  return result
    .getRows()
    .map(([line]) => `${(line as string | null) ?? ''}\n`)
    .join('');
}
