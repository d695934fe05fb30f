/**
 * Loads a folder of test/vectors: the table with its declared types, what was asked for, what the SDK made of it.
 * A CSV is read as text and converted here to the declared types, so that a fault of reading and one of analysing show
 * apart. The types are those of test/vectors/README.md.
 */
import { readFile } from 'node:fs/promises';
import type { EncodingType } from '../../src/contract/encoding.js';
import type { Column, Table } from '../../src/table/column.js';
import { readTable } from '../../src/table/read.js';

const ROOT = new URL('../vectors/', import.meta.url);

export const FLAT_VECTORS = [
  'penguins',
  'seattle-weather',
  'cars',
  'forced-types',
  'number-edges',
  'text-edges',
  'date-edges',
  'odd-names',
  'encoder-weights',
  'one-row',
  'two-rows',
] as const;

export interface VectorOptions {
  read: { null_text?: string[]; types?: Record<string, string> };
  config?: { encoding_types?: Record<string, EncodingType> } & Record<string, unknown>;
  generate?: unknown[];
}

export interface RecordedCodes {
  first: (number | null)[];
  sha256: string;
  random_rows: number;
  min: number | null;
  max: number | null;
}

export interface Recording {
  seed: number;
  detected: Record<string, string>;
  draws: Record<string, (5 | 6 | 7)[]>;
  create: { metadata: RecordedMetadata; config: unknown };
  codes: Record<string, RecordedCodes>;
  other_values?: Record<string, OtherValues>;
  [more: string]: unknown;
}

export interface OtherValues {
  dtype: string;
  values: unknown[];
  fixed_values: Record<string, (number | null)[]>;
}

export interface RecordedMetadata {
  cardinalities: Record<string, number>;
  features: string[];
  column_stats: Record<string, Record<string, unknown>>;
  value_mappings: Record<string, Record<string, unknown>>;
  empirical_probs: Record<string, unknown>;
}

export interface Vector {
  folder: string;
  options: VectorOptions;
  expected: { table: { rows: number }; unprotected: Recording; protected: Recording };
  table: Table;
}

export async function loadVector(folder: string): Promise<Vector> {
  const options = (await readJson(folder, 'options.json')) as VectorOptions;
  const expected = (await readJson(folder, 'expected.json')) as Vector['expected'];
  return { folder, options, expected, table: await loadTable(folder, options.read) };
}

async function loadTable(folder: string, { null_text: nulls, types }: VectorOptions['read']): Promise<Table> {
  if (types === undefined) return await readTable(new URL(`${folder}/table.parquet`, ROOT).pathname);
  const asText = Object.fromEntries(Object.keys(types).map((name) => [name, 'text' as const]));
  // Object.fromEntries defines "__proto__" as a column's name; a literal or an assignment would not.
  const { rows, columns } = await readTable(new URL(`${folder}/table.csv`, ROOT).pathname, { nulls, types: asText });
  const convert = (column: Column) => {
    if (column.type !== 'text') throw new Error(`${column.name} was not read as text`);
    const texts = Array.from(column.indices, (index) => (index < 0 ? null : column.dictionary[index]!));
    return columnOf(column.name, types[column.name]!, texts);
  };
  return { rows, columns: columns.map(convert) };
}

/** A column of one of the declared types, from the texts of its cells. */
export function columnOf(name: string, dtype: string, texts: readonly (string | null)[]): Column {
  const rows = texts.length;
  const isNull = Uint8Array.from(texts, (text) => (text === null ? 1 : 0));
  switch (dtype) {
    case 'int64':
    case 'Int64': {
      const integers = texts.map((text) => (text === null ? null : BigInt(text)));
      const exact = new Map<number, bigint>();
      integers.forEach((integer, row) => {
        if (integer !== null && !Number.isSafeInteger(Number(integer))) exact.set(row, integer);
      });
      return {
        name,
        type: 'integer',
        rows,
        isNull,
        values: Float64Array.from(integers, (n) => Number(n ?? 0n)),
        exact,
      };
    }
    case 'float64':
      return { name, type: 'float', rows, isNull, values: Float64Array.from(texts, (text) => Number(text ?? 0)) };
    case 'bool':
    case 'boolean':
      return {
        name,
        type: 'boolean',
        rows,
        isNull,
        values: Uint8Array.from(texts, (text) => (/^true$/i.test(text ?? '') ? 1 : 0)),
      };
    case 'timestamp':
    case 'timestamptz': {
      const values = BigInt64Array.from(texts, (text) => (text === null ? 0n : microsecondsOf(text)));
      return {
        name,
        type: 'timestamp',
        rows,
        isNull,
        values,
        isDate: texts.every((text) => text === null || text.length === 10),
      };
    }
    case 'text': {
      const dictionary = [...new Set(texts.filter((text) => text !== null))];
      const places = new Map(dictionary.map((text, place) => [text, place]));
      return {
        name,
        type: 'text',
        rows,
        dictionary,
        indices: Int32Array.from(texts, (text) => (text === null ? -1 : places.get(text)!)),
      };
    }
    default:
      throw new Error(`test/vectors/README.md does not name the type ${dtype}`);
  }
}

/** By JavaScript's own Date, so that our calendar is not tested with itself. */
function microsecondsOf(text: string): bigint {
  const [, date, time = '00:00:00', fraction = '', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?)?$/.exec(text)!;
  return BigInt(Date.parse(`${date}T${time}${zone}`)) * 1000n + BigInt(fraction.slice(0, 6).padEnd(6, '0') || 0);
}

async function readJson(folder: string, file: string): Promise<unknown> {
  return JSON.parse(await readFile(new URL(`${folder}/${file}`, ROOT), 'utf8'));
}
