/**
 * Column names before anything is read: each has one, no two share one, and the request names none that is not there.
 */
import { InputError } from '../../contract/input-error.js';
import { COLUMN_NAME_CHARS_MAX, COLUMNS_MAX } from '../../contract/limits.js';
import type { ColumnsRequest, TableSource } from '../../contract/requests.js';

/** A name this many edits away is worth a hint. */
const HINT_EDITS_MAX = 3;

/** @throws InputError columns_invalid */
function checkNames(names: readonly string[]): void {
  const refuse = (message: string) => {
    throw new InputError('columns_invalid', message, 'table.uri');
  };
  if (names.length === 0) refuse('The table has no columns.');
  if (names.length > COLUMNS_MAX)
    refuse(`The table has ${names.length} columns; at most ${COLUMNS_MAX} columns are taken.`);
  const seen = new Set<string>();
  names.forEach((name, index) => {
    if (name.trim() === '') refuse(`Column ${index + 1} has no name. Give every column a name in the header.`);
    if (name.length > COLUMN_NAME_CHARS_MAX) {
      refuse(`The name of column ${index + 1} has more than ${COLUMN_NAME_CHARS_MAX} characters. Shorten it.`);
    }
    if (seen.has(name)) refuse(`Two columns are named ${JSON.stringify(name)}. Rename or remove one of them.`);
    seen.add(name);
  });
}

interface NamesOfFile {
  path: string;
  names: readonly string[];
}

/** The files of one table have the same columns in the same order. @throws InputError columns_invalid */
export function checkSameColumns(first: NamesOfFile, other: NamesOfFile): void {
  const place = first.names.findIndex((name, i) => name !== other.names[i]);
  if (place < 0 && first.names.length === other.names.length) return;
  const count = `${other.names.length} columns, not ${first.names.length}`;
  const what = first.names.length === other.names.length ? `another name for column ${place + 1}` : count;
  throw new InputError(
    'columns_invalid',
    `${other.path} has ${what}; compared with ${first.path}. Files of one table have the same columns in the same order.`,
    'table.uri',
  );
}

/**
 * Places of the columns that the request selects, in file order.
 * @throws InputError column_unknown for a name that the table lacks, columns_invalid if none is left, or one has no usable name
 */
export function selectColumns(
  names: readonly string[],
  columns: ColumnsRequest | undefined,
  types: TableSource['types'],
): number[] {
  checkNames(names);
  const known = new Set(names);
  for (const [i, name] of columns?.include?.entries() ?? []) checkKnown(name, known, `columns.include[${i}]`);
  for (const [i, name] of columns?.exclude?.entries() ?? []) checkKnown(name, known, `columns.exclude[${i}]`);
  for (const name of Object.keys(columns?.encoding ?? {})) checkKnown(name, known, `columns.encoding.${name}`);
  for (const name of Object.keys(types ?? {})) checkKnown(name, known, `table.types.${name}`);
  const included = columns?.include && new Set(columns.include);
  const excluded = new Set(columns?.exclude);
  const selected = names.flatMap((name, i) => ((included?.has(name) ?? true) && !excluded.has(name) ? [i] : []));
  if (selected.length === 0) {
    throw new InputError('columns_invalid', 'The selection leaves no column. Exclude fewer columns.', 'columns');
  }
  return selected;
}

function checkKnown(name: string, known: ReadonlySet<string>, param: string): void {
  if (known.has(name)) return;
  const nearest = nearestOf(name, known);
  const hint = nearest === undefined ? '' : ` Did you mean ${JSON.stringify(nearest)}?`;
  throw new InputError('column_unknown', `The table has no column ${JSON.stringify(name)}.${hint}`, param);
}

function nearestOf(name: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let fewest = Math.min(HINT_EDITS_MAX, Math.ceil(name.length / 2)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) >= fewest) continue;
    const edits = editsBetween(name.toLowerCase(), candidate.toLowerCase());
    if (edits < fewest) [nearest, fewest] = [candidate, edits];
  }
  return nearest;
}

/** Levenshtein distance. */
function editsBetween(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
