/**
 * What type each column of a file has for us, and the SQL that gives its cells in that type (data-plane 2.5).
 * A CSV's types are guesses of DuckDB over the whole file. Two of them are checked again: boolean, which it also sees
 * in `yes` and `1`, and dates, where it settles the order of day and month by itself.
 */
import { InputError } from '../../contract/input-error.js';
import type { ColumnType, TableSource } from '../../contract/requests.js';
import type { OpenFile } from './open-file.js';
import { identifier } from './sql.js';

export interface PlannedColumn {
  name: string;
  type: ColumnType;
  isDate: boolean;
  /** SQL expression of DuckDB type BIGINT, HUGEINT, DOUBLE, BOOLEAN, TIMESTAMP or VARCHAR. */
  expression: string;
}

/** Columns whose cells are looked at before their type is known. */
export interface ColumnPlan {
  /** FROM clause of the file's columns, those below as text. */
  relation: string;
  /** Places of columns that come as text although they may be something else. */
  asText: readonly number[];
}

const SMALL_INTEGER = /^(?:TINYINT|SMALLINT|INTEGER|BIGINT|UTINYINT|USMALLINT|UINTEGER)$/;
const LARGE_INTEGER = /^(?:UBIGINT|HUGEINT)$/;
const FLOAT = /^(?:FLOAT|DOUBLE|DECIMAL\(.*\)|UHUGEINT|BIGNUM)$/;
const TIMESTAMP = /^(?:TIMESTAMP|TIMESTAMP_S|TIMESTAMP_MS|TIMESTAMP_NS)$/;
const ZONED = /^(?:TIMESTAMP WITH TIME ZONE|TIMESTAMPTZ)$/;
const TEXT = /^(?:VARCHAR|JSON|UUID|ENUM\(.*\)|TIME|TIME_NS|TIME WITH TIME ZONE|INTERVAL|BLOB|BIT|"?NULL"?)$/s;
/** A CSV's column of one of these types is read as text and looked at again. */
const TO_BE_CHECKED = /^(?:BOOLEAN|DATE|TIMESTAMP.*)$/;

/** Beside the file's own columns, so by a name that no file has. */
const ROW_NUMBER = identifier('dataxid row number');

/** How the file is to be read for `planColumns`. */
export function planReading(file: OpenFile, selected: readonly number[], types: TableSource['types'] = {}): ColumnPlan {
  const isCsv = file.format === 'csv' || file.format === 'tsv';
  const isAsText = (i: number) => Object.hasOwn(types, file.names[i]!) || TO_BE_CHECKED.test(file.sqlTypes[i]!);
  const asText = selected.filter((i) => isCsv && isAsText(i));
  return { relation: file.relation(asText), asText };
}

/**
 * @param relation what the plan's relation holds: itself, or a copy that is quicker to go through
 * @throws InputError columns_invalid for a nested column, or one that is not what `types` says
 */
export async function planColumns(
  file: OpenFile,
  selected: readonly number[],
  { asText }: ColumnPlan,
  relation: string,
  types: TableSource['types'] = {},
): Promise<PlannedColumn[]> {
  const declared = (i: number) => (Object.hasOwn(types, file.names[i]!) ? types[file.names[i]!] : undefined);
  const guesses = asText.filter((i) => declared(i) === undefined);
  const confirmed = await confirmGuesses(file, relation, guesses);
  const columns = selected.map((i): PlannedColumn => {
    const name = file.names[i]!;
    const column = identifier(file.sqlNames[i]!);
    const type = declared(i);
    if (type !== undefined)
      return {
        name,
        type,
        isDate: false,
        expression: castFrom(column, type, asText.includes(i) ? 'VARCHAR' : file.sqlTypes[i]!),
      };
    if (guesses.includes(i)) {
      if (!confirmed.has(i)) return { name, type: 'text', isDate: false, expression: column };
      const guess = file.sqlTypes[i]!;
      const guessed = guess === 'BOOLEAN' ? 'boolean' : 'timestamp';
      return { name, type: guessed, isDate: guess === 'DATE', expression: castFrom(column, guessed, 'VARCHAR') };
    }
    return { name, ...typeOf(name, column, file.sqlTypes[i]!) };
  });
  await checkDeclared(file, relation, columns, selected, types);
  return columns;
}

function typeOf(name: string, column: string, sqlType: string): Omit<PlannedColumn, 'name'> {
  const planned = (type: ColumnType, expression: string, isDate = false) => ({ type, isDate, expression });
  if (SMALL_INTEGER.test(sqlType)) return planned('integer', `${column}::BIGINT`);
  if (LARGE_INTEGER.test(sqlType)) return planned('integer', `${column}::HUGEINT`);
  if (FLOAT.test(sqlType)) return planned('float', `${column}::DOUBLE`);
  if (sqlType === 'BOOLEAN') return planned('boolean', column);
  if (sqlType === 'DATE') return planned('timestamp', castFrom(column, 'timestamp', sqlType), true);
  if (TIMESTAMP.test(sqlType) || ZONED.test(sqlType))
    return planned('timestamp', castFrom(column, 'timestamp', sqlType));
  if (TEXT.test(sqlType)) return planned('text', `${column}::VARCHAR`);
  throw new InputError(
    'columns_invalid',
    `Column ${JSON.stringify(name)} holds nested values. Flatten it, or exclude it with columns.exclude.`,
    'table.uri',
  );
}

/** Null where a cell cannot be cast. */
function castFrom(column: string, type: ColumnType, sqlType: string): string {
  switch (type) {
    case 'integer':
      // A cast alone would round 1.5 to 2.
      return sqlType === 'VARCHAR'
        ? `CASE WHEN regexp_full_match(${column}, '\\s*[+-]?[0-9]+(\\.0*)?\\s*') THEN TRY_CAST(${column} AS HUGEINT) END`
        : `TRY_CAST(${column} AS HUGEINT)`;
    case 'float':
      return `TRY_CAST(${column} AS DOUBLE)`;
    case 'boolean':
      return sqlType === 'VARCHAR'
        ? `CASE lower(${column}) WHEN 'true' THEN true WHEN 'false' THEN false END`
        : `TRY_CAST(${column} AS BOOLEAN)`;
    case 'timestamp':
      // Text without a zone is taken as UTC, which is the session's.
      return sqlType === 'VARCHAR' || ZONED.test(sqlType)
        ? `epoch_us(TRY_CAST(${column} AS TIMESTAMPTZ))`
        : `TRY_CAST(${column} AS TIMESTAMP)`;
    case 'text':
      return `${column}::VARCHAR`;
  }
}

async function confirmGuesses(file: OpenFile, relation: string, guesses: readonly number[]): Promise<Set<number>> {
  if (guesses.length === 0) return new Set();
  const tests = guesses.map((i) => {
    const column = identifier(file.sqlNames[i]!);
    const cast = castFrom(column, file.sqlTypes[i] === 'BOOLEAN' ? 'boolean' : 'timestamp', 'VARCHAR');
    return `count(${column}) = count(${cast})`;
  });
  const result = await file.connection.runAndReadAll(`SELECT ${tests.join(', ')} FROM ${relation}`);
  const [answers] = result.getRows();
  return new Set(guesses.filter((_, place) => answers![place] === true));
}

async function checkDeclared(
  file: OpenFile,
  relation: string,
  columns: readonly PlannedColumn[],
  selected: readonly number[],
  types: NonNullable<TableSource['types']>,
): Promise<void> {
  const declared = columns.flatMap((column, place) =>
    Object.hasOwn(types, column.name) ? [{ column, i: selected[place]! }] : [],
  );
  if (declared.length === 0) return;
  const firstFaults = declared.map(({ column, i }) => {
    return `min(CASE WHEN ${identifier(file.sqlNames[i]!)} IS NOT NULL AND (${column.expression}) IS NULL THEN ${ROW_NUMBER} END)`;
  });
  const numbered = `(SELECT *, row_number() OVER () AS ${ROW_NUMBER} FROM ${relation})`;
  const result = await file.connection.runAndReadAll(`SELECT ${firstFaults.join(', ')} FROM ${numbered}`);
  const [faults] = result.getRows();
  declared.forEach(({ column }, place) => {
    const row = faults![place];
    if (row === null || row === undefined) return;
    throw new InputError(
      'columns_invalid',
      `Column ${JSON.stringify(column.name)} is declared ${column.type}, but its value in row ${row} is not. Correct table.types, the value, or table.nulls.`,
      `table.types.${column.name}`,
    );
  });
}
