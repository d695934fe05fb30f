/**
 * What type each column of a file has for us, and the SQL that gives its cells in that type (data-plane 2.5).
 * The types of a CSV and of JSON lines are guesses of DuckDB over the whole file. Two of them are checked again: boolean,
 * which it also sees in `yes` and `1`, and dates, where it settles the order of day and month by itself.
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
/** A guessed column of one of these types is read as text and looked at again; JSON is values of several types. */
const TO_BE_CHECKED = /^(?:BOOLEAN|DATE|TIMESTAMP.*)$/;
const MIXED = 'JSON';
/** Rows in which the first value of a column is looked for. */
const START_ROWS = 2_048;
/** A message about nested columns names so many. */
const NESTED_NAMED_MAX = 5;

/** Beside the file's own columns, so by a name that no file has. */
const ROW_NUMBER = identifier('dataxid row number');

/** How the file is to be read for `planColumns`. */
export function planReading(file: OpenFile, selected: readonly number[], types: TableSource['types'] = {}): ColumnPlan {
  const isAsText = (i: number) => {
    const sqlType = file.sqlTypes[i]!;
    return Object.hasOwn(types, file.names[i]!) || TO_BE_CHECKED.test(sqlType) || sqlType === MIXED;
  };
  const asText = selected.filter((i) => file.hasText && isAsText(i));
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
  checkFlat(file, selected);
  const guesses = [
    ...asText.filter((i) => declared(i) === undefined && file.sqlTypes[i] !== MIXED),
    ...(await begunByInfinity(
      file,
      relation,
      selected.filter((i) => declared(i) === undefined),
    )),
  ];
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
      const type = guessedType(guess);
      return { name, type, isDate: guess === 'DATE', expression: castFrom(column, type, 'VARCHAR') };
    }
    return { name, ...plannedAs(column, file.sqlTypes[i]!) };
  });
  await checkDeclared(file, relation, columns, selected, types);
  return columns;
}

type Kind = 'small integer' | 'large integer' | 'float' | 'boolean' | 'date' | 'timestamp' | 'text' | 'nested';

function kindOf(sqlType: string): Kind {
  if (SMALL_INTEGER.test(sqlType)) return 'small integer';
  if (LARGE_INTEGER.test(sqlType)) return 'large integer';
  if (FLOAT.test(sqlType)) return 'float';
  if (sqlType === 'BOOLEAN') return 'boolean';
  if (sqlType === 'DATE') return 'date';
  if (TIMESTAMP.test(sqlType) || ZONED.test(sqlType)) return 'timestamp';
  return TEXT.test(sqlType) ? 'text' : 'nested';
}

/** What a column of this type is for us; `nested` has no type of ours. */
export function kindOfSqlType(sqlType: string): ColumnType | 'nested' {
  const kind = kindOf(sqlType);
  if (kind === 'small integer' || kind === 'large integer') return 'integer';
  return kind === 'date' ? 'timestamp' : kind;
}

/** @throws InputError columns_invalid that names the nested columns */
function checkFlat(file: OpenFile, selected: readonly number[]): void {
  const nested = selected
    .filter((i) => kindOf(file.sqlTypes[i]!) === 'nested')
    .map((i) => JSON.stringify(file.names[i]));
  if (nested.length === 0) return;
  const more = nested.length > NESTED_NAMED_MAX ? ` and ${nested.length - NESTED_NAMED_MAX} more` : '';
  const names = nested.slice(0, NESTED_NAMED_MAX).join(', ');
  throw new InputError(
    'columns_invalid',
    nested.length === 1
      ? `Column ${names} holds nested values. Flatten it, or exclude it with columns.exclude.`
      : `Columns ${names}${more} hold nested values. Flatten them, or exclude them with columns.exclude.`,
    'table.uri',
  );
}

function plannedAs(column: string, sqlType: string): Omit<PlannedColumn, 'name'> {
  const planned = (type: ColumnType, expression: string, isDate = false) => ({ type, isDate, expression });
  const kind = kindOf(sqlType);
  switch (kind) {
    case 'small integer':
      return planned('integer', `${column}::BIGINT`);
    case 'large integer':
      return planned('integer', `${column}::HUGEINT`);
    case 'float':
      return planned('float', `${column}::DOUBLE`);
    case 'boolean':
      return planned('boolean', column);
    case 'date':
    case 'timestamp':
      return planned('timestamp', castFrom(column, 'timestamp', sqlType), kind === 'date');
    case 'text':
    case 'nested':
      return planned('text', `${column}::VARCHAR`);
  }
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

function guessedType(sqlType: string): 'boolean' | 'float' | 'timestamp' {
  if (sqlType === 'BOOLEAN') return 'boolean';
  return sqlType === 'VARCHAR' ? 'float' : 'timestamp';
}

/** DuckDB takes `inf` for a date, and the numbers behind it then for text: the order of rows would decide. */
async function begunByInfinity(file: OpenFile, relation: string, places: readonly number[]): Promise<number[]> {
  const texts = places.filter((i) => file.format !== 'jsonl' && file.hasText && file.sqlTypes[i] === 'VARCHAR');
  if (texts.length === 0) return [];
  const tests = texts.map(
    (i) => `coalesce(bool_or(isinf(TRY_CAST(${identifier(file.sqlNames[i]!)} AS DOUBLE))), false)`,
  );
  const start = `(SELECT * FROM ${relation} LIMIT ${START_ROWS})`;
  const result = await file.connection.runAndReadAll(`SELECT ${tests.join(', ')} FROM ${start}`);
  const [answers] = result.getRows();
  return texts.filter((_, place) => answers![place] === true);
}

async function confirmGuesses(file: OpenFile, relation: string, guesses: readonly number[]): Promise<Set<number>> {
  if (guesses.length === 0) return new Set();
  const tests = guesses.map((i) => {
    const column = identifier(file.sqlNames[i]!);
    const cast = castFrom(column, guessedType(file.sqlTypes[i]!), 'VARCHAR');
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
