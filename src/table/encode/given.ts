/**
 * One given column in codes (data-plane 8.5): as training encodes it, but for holes, which are free. Imputing frees every null;
 * as a condition, a null where the model knows nulls is a value like another, and where it never saw one nothing could be
 * asked for, so that the cell is free as well.
 */
import { InputError } from '../../contract/input-error.js';
import type { EncodableColumn } from '../column.js';
import { instantsOf } from '../column-instants.js';
import { numbersOf } from '../column-numbers.js';
import { encodeColumn } from '../encode.js';
import type { Random } from '../random.js';
import { type ColumnStats, NULL_TOKEN } from '../stats.js';
import { countNulls } from './fill.js';

/** Stands for a code that the model is to draw. */
const FREE = -1;

export interface GivenColumn {
  /** Sub-columns in wire order. */
  codes: [sub: string, codes: Int32Array][];
  nulls: number;
  warnings: string[];
}

/** @throws InputError columns_invalid for a cell that holds something of another kind than the encoding */
export function encodeGiven(
  column: EncodableColumn,
  stats: ColumnStats,
  { isToImpute, random }: { isToImpute: boolean; random: Random },
): GivenColumn {
  const isNull = nullsOf(column, stats);
  const nulls = countNulls(isNull);
  const isFree = nulls > 0 && (isToImpute || !knowsNull(stats));
  const codes = [...encodeColumn(column, stats, random)].map(([sub, values]): [string, Int32Array] => {
    const given = Int32Array.from(values);
    if (isFree) for (let row = 0; row < given.length; row += 1) if (isNull[row] === 1) given[row] = FREE;
    return [sub, given];
  });
  const warnings = codes.flatMap(([sub, given]) => (sub === 'cat' ? warningsOfUnknown(given, isNull) : []));
  if (isFree && !isToImpute)
    warnings.push(`it was never null in training, so ${nulls} null cells are left to the model.`);
  return { codes, nulls, warnings: warnings.map((text) => `Column ${JSON.stringify(column.name)}: ${text}`) };
}

/** Rows without a value. A value that the encoding reads none in is a fault. */
function nullsOf(column: EncodableColumn, { encoding }: ColumnStats): Uint8Array {
  const said = column.type === 'text' ? Uint8Array.from(column.indices, (place) => (place < 0 ? 1 : 0)) : column.isNull;
  const { kind, read } = readAs(column, encoding);
  const at = read.findIndex((isNull, row) => isNull === 1 && said[row] === 0);
  if (at < 0) return said;
  throw new InputError(
    'columns_invalid',
    `Column ${JSON.stringify(column.name)} is encoded as ${encoding}, and its value in row ${at + 1} is no ${kind}. ` +
      'Correct the value, or leave the cell empty.',
    'table.uri',
  );
}

function readAs(column: EncodableColumn, encoding: ColumnStats['encoding']): { kind: string; read: Uint8Array } {
  switch (encoding) {
    case 'TABULAR_NUMERIC_DISCRETE':
    case 'TABULAR_NUMERIC_BINNED':
    case 'TABULAR_NUMERIC_DIGIT':
      return { kind: 'finite number', read: numbersOf(column).isNull };
    case 'TABULAR_DATETIME':
      return { kind: 'date of the years 1000 to 9999', read: instantsOf(column).isNull };
    case 'TABULAR_CATEGORICAL':
    case 'TABULAR_CHARACTER':
      return { kind: 'text', read: new Uint8Array() };
  }
}

function knowsNull(stats: ColumnStats): boolean {
  switch (stats.encoding) {
    case 'TABULAR_CATEGORICAL':
    case 'TABULAR_NUMERIC_DISCRETE':
      return stats.vocabulary[1] === NULL_TOKEN;
    case 'TABULAR_NUMERIC_BINNED':
      return stats.specials.includes(NULL_TOKEN);
    default:
      return stats.hasNull;
  }
}

/** Code 0 of `cat` is `<protected>`: what is not in the vocabulary. */
function warningsOfUnknown(codes: Int32Array, isNull: Uint8Array): string[] {
  let unknown = 0;
  for (let row = 0; row < codes.length; row += 1) if (codes[row] === 0 && isNull[row] === 0) unknown += 1;
  if (unknown === 0) return [];
  return [
    `${unknown} of the given values are withheld as rare or new to the model; what goes with them is drawn as for any rare value.`,
  ];
}
