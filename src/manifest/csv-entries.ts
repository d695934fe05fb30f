/** CSV rows as nested objects: the column `output.uri` is `uri` in `output`. An empty cell says nothing. */
import { csvRecords } from './csv-records.js';
import type { Document, Entries } from './entries.js';

export function entriesOfCsv(text: string): Entries {
  const result: Entries = { entries: [], faults: [] };
  let columns: string[][] | undefined;
  try {
    for (const { line, cells } of csvRecords(text)) {
      if (columns === undefined) {
        columns = cells.map((name) => name.trim().split('.'));
        const fault = faultOfHeader(columns);
        if (fault !== undefined) return { entries: [], faults: [{ line, message: fault }] };
      } else if (cells.length === columns.length) {
        result.entries.push({ line, document: nested(columns, cells), isCells: true });
      } else {
        result.faults.push({ line, message: `${cells.length} cells, and the header has ${columns.length}` });
      }
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    result.faults.push({ line: Number(/line (\d+)/.exec(error.message)?.[1] ?? 1), message: error.message });
  }
  return result;
}

function faultOfHeader(columns: readonly string[][]): string | undefined {
  const names = columns.map((path) => path.join('.'));
  if (!names.includes('name')) return 'the header has no column `name`';
  const empty = columns.find((path) => path.includes(''));
  if (empty !== undefined) return `the header has a column without a name (${JSON.stringify(empty.join('.'))})`;
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `the column ${twice} is there twice`;
  const inside = names.find((name) => names.some((other) => name.startsWith(`${other}.`)));
  return inside === undefined ? undefined : `the column ${inside} lies inside another column`;
}

/** Built by Object.fromEntries, to which `__proto__` is a name like any other. */
function nested(columns: readonly string[][], cells: readonly string[]): Document {
  const said = columns
    .map((path, index): [readonly string[], string] => [path, cells[index] ?? ''])
    .filter(([, cell]) => cell !== '');
  return objectOf(said);
}

function objectOf(members: readonly [readonly string[], string][]): Document {
  const byName = new Map<string, [readonly string[], string][]>();
  for (const [[name = '', ...rest], cell] of members) {
    byName.set(name, [...(byName.get(name) ?? []), [rest, cell]]);
  }
  return Object.fromEntries(
    [...byName].map(([name, inner]) => {
      const [first] = inner;
      return [name, first !== undefined && first[0].length === 0 ? first[1] : objectOf(inner)];
    }),
  );
}
