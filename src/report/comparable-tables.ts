/**
 * The tables of a report side by side in the scratch database: `real`, `synthetic` and, where one is given, `holdout`, each with
 * the columns that real and synthetic share, as `v0`, `v1`, …, in one type for all of them, and `row`, a number from 0.
 *
 *   number     DOUBLE; what is not finite is null, as in a job
 *   date       DOUBLE, microseconds since 1970 UTC; what is not in the years 1000 to 9999 is null, as in a job
 *   category   VARCHAR, as text
 *
 * A column may be text in one table and dates or numbers in the other: then the text is read as a job reads it.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { InputError } from '../contract/input-error.js';
import type { TextColumn } from '../table/column.js';
import { instantsOf } from '../table/column-instants.js';
import { numbersOf } from '../table/column-numbers.js';
import { END_INSTANT_US, FIRST_INSTANT_US } from '../table/date-parts.js';
import { isDate } from '../table/parse-dates.js';
import type { ReadOptions, TablePath } from '../table/read.js';
import { type LoadedColumn, loadFile } from './load-file.js';
import type { ColumnKind } from './measurements.js';
import { rowsOf } from './scratch-database.js';

export interface TablePaths {
  real: TablePath;
  synthetic: TablePath;
  /** Real rows that the model never saw. */
  holdout?: TablePath;
  /** How they are read; default: as their endings and beginnings say. The holdout is read as the real table is. */
  readAs?: { real?: TableReading; synthetic?: TableReading };
}
/** Format, delimiter, types and so on. */
type TableReading = Omit<ReadOptions, 'columns' | 'signal'>;

export interface ComparedColumn {
  name: string;
  kind: ColumnKind;
  /** `v0`, `v1`, … */
  sql: string;
}

export interface ComparableTables {
  columns: ComparedColumn[];
  rows: { real: number; synthetic: number };
  onlyReal: string[];
  onlySynthetic: string[];
}

const NAMES = ['real', 'synthetic', 'holdout'] as const;
type Name = (typeof NAMES)[number];
/** One column in each table that has it. */
interface Shared {
  name: string;
  in: { name: Name; column: LoadedColumn }[];
}

/** A text column with more distinct real values than this is compared by length. */
const CATEGORIES_MAX = 1000;
/** Texts looked at, and the share of them that are dates, for a text column to be compared as dates: as a job finds dates. */
const DATE_SAMPLE_VALUES = 200;
const DATE_SHARE_MIN = 0.8;

/**
 * Reads the files into the scratch database.
 * @throws InputError as readTable does, and columns_invalid if the tables share no column, or a holdout lacks one that they share
 */
export async function loadComparable(connection: DuckDBConnection, paths: TablePaths): Promise<ComparableTables> {
  const loaded = new Map<Name, LoadedColumn[]>();
  for (const name of NAMES) {
    const reading = paths.readAs?.[name === 'synthetic' ? name : 'real'];
    const path = paths[name];
    if (path !== undefined) loaded.set(name, await loadFile(connection, `${name}_as_read`, path, reading));
  }
  const [real, synthetic] = [loaded.get('real')!, loaded.get('synthetic')!];
  const namesOf = (columns: readonly LoadedColumn[]) => new Set(columns.map(({ name }) => name));
  const shared = sharedColumns(loaded);
  if (shared.length === 0) {
    throw new InputError(
      'columns_invalid',
      `${nameOf(paths.real)} and ${nameOf(paths.synthetic)} share no column name. Give two tables with the same columns.`,
    );
  }
  const lacking = shared.find(({ in: places }) => places.length < loaded.size);
  if (lacking !== undefined) {
    throw new InputError(
      'columns_invalid',
      `${nameOf(paths.holdout!)} has no column ${JSON.stringify(lacking.name)}, which the other two tables have. Give a holdout with their columns.`,
    );
  }
  const expressions = new Map<Name, string[]>([...loaded.keys()].map((name) => [name, []]));
  const columns: ComparedColumn[] = [];
  for (const [i, column] of shared.entries()) {
    const kind = await kindOf(connection, column);
    for (const { name, column: source } of column.in) {
      expressions.get(name)!.push(`${await expressionOf(connection, name, source, kind)} AS v${i}`);
    }
    columns.push({ name: column.name, kind, sql: `v${i}` });
  }
  for (const [name, parts] of expressions) {
    await connection.run(`CREATE TABLE ${name} AS SELECT rowid AS row, ${parts.join(', ')} FROM ${name}_as_read`);
    await connection.run(`DROP TABLE ${name}_as_read`);
  }
  const [counts] = await rowsOf<[bigint, bigint]>(
    connection,
    'SELECT (SELECT count(*) FROM real), (SELECT count(*) FROM synthetic)',
  );
  return {
    columns,
    rows: { real: Number(counts![0]), synthetic: Number(counts![1]) },
    onlyReal: real.map(({ name }) => name).filter((name) => !namesOf(synthetic).has(name)),
    onlySynthetic: synthetic.map(({ name }) => name).filter((name) => !namesOf(real).has(name)),
  };
}

function nameOf(path: TablePath): string {
  return typeof path === 'string' ? path : path.join(', ');
}

/** In the real table's order. */
function sharedColumns(loaded: ReadonlyMap<Name, readonly LoadedColumn[]>): Shared[] {
  const byName = new Map(
    [...loaded].map(([name, columns]) => [name, new Map(columns.map((column) => [column.name, column]))]),
  );
  return loaded.get('real')!.flatMap(({ name }) => {
    const found = [...byName].flatMap(([table, columns]) => {
      const column = columns.get(name);
      return column === undefined ? [] : [{ name: table, column }];
    });
    return found.some((place) => place.name === 'synthetic') ? [{ name, in: found }] : [];
  });
}

/** By the types in the real and the synthetic table. */
async function kindOf(connection: DuckDBConnection, { in: places }: Shared): Promise<ColumnKind> {
  const both = places.filter(({ name }) => name !== 'holdout');
  const types = new Set(both.map(({ column }) => column.type));
  if (types.has('timestamp')) return 'date';
  if (types.has('integer') || types.has('float')) return 'number';
  if (!types.has('text')) return 'category';
  if (await areDates(connection, both)) return 'date';
  const real = both.find(({ name }) => name === 'real')!;
  const distinct = `SELECT DISTINCT text FROM (${textsOf(real)}) LIMIT ${CATEGORIES_MAX + 1}`;
  return (await rowsOf(connection, distinct)).length <= CATEGORIES_MAX ? 'category' : 'text';
}

async function areDates(connection: DuckDBConnection, places: Shared['in']): Promise<boolean> {
  for (const place of places) {
    const texts = await rowsOf<[string]>(connection, `${textsOf(place)} LIMIT ${DATE_SAMPLE_VALUES}`);
    const dates = texts.filter(([text]) => isDate(text));
    if (texts.length === 0 || dates.length < DATE_SHARE_MIN * texts.length) return false;
  }
  return true;
}

function textsOf({ name, column }: Shared['in'][number]): string {
  return `SELECT ${spelled(column)} AS text FROM ${name}_as_read WHERE ${column.sql} IS NOT NULL`;
}

function spelled({ type, sql }: LoadedColumn): string {
  return type === 'boolean' ? `CASE WHEN ${sql} THEN 'True' WHEN NOT ${sql} THEN 'False' END` : `${sql}::VARCHAR`;
}

async function expressionOf(
  connection: DuckDBConnection,
  table: Name,
  column: LoadedColumn,
  kind: ColumnKind,
): Promise<string> {
  const { type, sql, sqlType } = column;
  if (kind === 'category' || kind === 'text') return spelled(column);
  if (type === 'text') return await readTexts(connection, table, column, kind);
  if (kind === 'date') {
    if (type !== 'timestamp') return 'NULL::DOUBLE';
    const instant = sqlType === 'BIGINT' ? sql : `epoch_us(${sql})`;
    return `CASE WHEN ${instant} >= ${FIRST_INSTANT_US} AND ${instant} < ${END_INSTANT_US} THEN ${instant}::DOUBLE END`;
  }
  const number = type === 'boolean' ? `${sql}::INTEGER::DOUBLE` : `${sql}::DOUBLE`;
  return `CASE WHEN isfinite(${number}) THEN ${number} END`;
}

/** Texts as numbers or instants, each distinct one read once, in a table that the expression looks up. */
async function readTexts(
  connection: DuckDBConnection,
  table: Name,
  { name, sql }: LoadedColumn,
  kind: 'number' | 'date',
): Promise<string> {
  // In order of appearance: the first date decides which of day and month comes first.
  const found = await rowsOf<[string]>(
    connection,
    `SELECT ${sql} FROM ${table}_as_read WHERE ${sql} IS NOT NULL GROUP BY ALL ORDER BY min(rowid)`,
  );
  const dictionary = found.map(([text]) => text);
  const texts: TextColumn = {
    name,
    type: 'text',
    rows: dictionary.length,
    dictionary,
    indices: Int32Array.from(dictionary.keys()),
  };
  const { values, isNull } = kind === 'date' ? instantsOf(texts) : numbersOf(texts);
  const lookup = `${table}_${sql}_texts`;
  await connection.run(`CREATE TABLE ${lookup} (text VARCHAR, value DOUBLE)`);
  const appender = await connection.createAppender(lookup);
  dictionary.forEach((text, i) => {
    if (isNull[i] === 1) return;
    appender.appendVarchar(text);
    appender.appendDouble(Number(values[i]));
    appender.endRow();
  });
  appender.closeSync();
  return `(SELECT value FROM ${lookup} WHERE text = ${sql})`;
}
