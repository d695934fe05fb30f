/**
 * A table becomes integer codes, by the statistics of an analysis: of this table, or of another one whose model it is
 * shown to (data-plane 5). Every code lies within its sub-column's cardinality, whatever the cells hold.
 */
import { finish } from './by-column.js';
import type { EncodableColumn, Table } from './column.js';
import { instantsOf } from './column-instants.js';
import { numbersOf } from './column-numbers.js';
import { encodeBinned } from './encode/binned.js';
import { encodeCategorical, encodeDiscrete } from './encode/categories.js';
import { encodeCharacters } from './encode/characters.js';
import { encodeDates } from './encode/dates.js';
import { encodeDigits } from './encode/digits.js';
import type { Random } from './random.js';
import type { Analysis, CodeArray, Codes, ColumnStats } from './stats.js';
import { wireKey } from './sub-columns.js';

/**
 * @param table features that it lacks are skipped, columns that are no feature are ignored
 * @param random what nulls are filled with, where an encoding has no code for null
 */
export function encode(table: Table, analysis: Analysis, random: Random): Codes {
  return finish(encodeByColumn(table, analysis, random));
}

/** The same, resting after each column (by-column.ts). */
export function* encodeByColumn(table: Table, analysis: Analysis, random: Random): Generator<void, Codes> {
  const columns = new Map(table.columns.map((column) => [column.name, column]));
  const codes: Codes = new Map();
  for (const { name, stats } of analysis.features) {
    const column = columns.get(name);
    if (column === undefined) continue;
    for (const [sub, values] of encodeColumn(column, stats, random)) codes.set(wireKey(name, sub), values);
    yield;
  }
  return codes;
}

/** Sub-columns in wire order, each with the codes of all rows. */
export function* encodeColumn(
  column: EncodableColumn,
  stats: ColumnStats,
  random: Random,
): Generator<readonly [sub: string, codes: CodeArray]> {
  switch (stats.encoding) {
    case 'TABULAR_CATEGORICAL':
      return yield ['cat', encodeCategorical(column, stats)];
    case 'TABULAR_NUMERIC_DISCRETE':
      return yield ['cat', encodeDiscrete(column, stats)];
    case 'TABULAR_NUMERIC_BINNED':
      return yield ['bin', encodeBinned(numbersOf(column), stats)];
    case 'TABULAR_NUMERIC_DIGIT':
      return yield* encodeDigits(numbersOf(column), stats, random);
    case 'TABULAR_DATETIME':
      return yield* encodeDates(instantsOf(column), stats, random);
    case 'TABULAR_CHARACTER':
      return yield* encodeCharacters(column, stats, random);
  }
}
