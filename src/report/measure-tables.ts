/** Two table files, measured against each other: every number of a report (measurements.ts). */
import { InputError } from '../contract/input-error.js';
import { type ComparableTables, loadComparable, type TablePaths } from './comparable-tables.js';
import { countCopies } from './count-copies.js';
import { type MeasuredColumn, measureColumn } from './measure-column.js';
import { measureDistances } from './measure-distances.js';
import { measurePairs } from './measure-pairs.js';
import { type Accuracy, type Measurements, meanOf } from './measurements.js';
import { withScratchDatabase } from './scratch-database.js';
import { splitReal } from './split-real.js';

export interface MeasureOptions extends TablePaths {
  /** Of the draws: the split of the real table where no holdout is given, and samples. An integer in [0, 2^31). */
  seed: number;
  /** Columns that the generation was given, by conditions or as a table to impute: their values are no work of the model. */
  given?: readonly string[];
}

/** @throws InputError as readTable does; columns_invalid if the tables share no column, or one of `given` is none of the real table's */
export function measureTables({ seed, given = [], ...paths }: MeasureOptions): Promise<Measurements> {
  return withScratchDatabase(async (connection) => {
    const tables = await loadComparable(connection, paths);
    checkGiven(given, tables);
    const measured: MeasuredColumn[] = [];
    const judged = tables.columns.filter(({ name }) => !given.includes(name));
    for (const column of judged) measured.push(await measureColumn(connection, column, tables.rows));
    const { pairedColumns, byPair } = await measurePairs(connection, measured, tables.rows);
    await splitReal(connection, paths.holdout !== undefined, seed);
    return {
      ...summarize(tables, measured, byPair),
      pairedColumns,
      given: tables.columns.flatMap(({ name }) => (given.includes(name) ? [name] : [])),
      copies: await countCopies(connection, tables.columns),
      distances: await measureDistances(
        connection,
        tables.columns,
        paths.holdout === undefined ? 'split' : 'file',
        seed,
      ),
    };
  });
}

/** A misspelt name would leave its column among the scores. */
function checkGiven(given: readonly string[], { columns, onlyReal }: ComparableTables): void {
  const names = new Set([...columns.map(({ name }) => name), ...onlyReal]);
  const unknown = given.find((name) => !names.has(name));
  if (unknown === undefined) return;
  throw new InputError(
    'columns_invalid',
    `${JSON.stringify(unknown)} is said to be given and is no column of the real table. Name one as its header does.`,
    '--given',
  );
}

function summarize(
  { rows, onlyReal, onlySynthetic }: ComparableTables,
  measured: readonly MeasuredColumn[],
  byPair: Measurements['byPair'],
): Omit<Measurements, 'pairedColumns' | 'given' | 'copies' | 'distances'> {
  const byColumn = measured.map(({ measures }) => measures);
  const columns = meanOf(byColumn.map(({ score }) => score));
  const pairs = meanOf(byPair.map(({ score }) => score));
  return {
    rows,
    overall: meanOf([columns, pairs]),
    columns,
    pairs,
    accuracy: {
      univariate: meanAccuracy(byColumn.map(({ accuracy }) => accuracy)),
      bivariate: meanAccuracy(byPair.map(({ accuracy }) => accuracy)),
    },
    byColumn,
    byPair,
    onlyReal,
    onlySynthetic,
  };
}

function meanAccuracy(accuracies: readonly (Accuracy | null)[]): Accuracy | null {
  const value = meanOf(accuracies.map((accuracy) => accuracy?.value));
  const expected = meanOf(accuracies.map((accuracy) => accuracy?.expected));
  return value === null || expected === null ? null : { value, expected };
}
