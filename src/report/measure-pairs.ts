/**
 * Two columns together, for every pair of the first columns that are no text: SDMetrics' CorrelationSimilarity of two columns of
 * numbers or dates, ContingencySimilarity of any other two, mostlyai-qa's accuracy, and how strongly the two hang together.
 * Counted on small integers instead of cells (pair-codes.ts).
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { accuracyOf } from './accuracy.js';
import { type Counts, complementOf } from './distribution-scores.js';
import type { MeasuredColumn } from './measure-column.js';
import type { PairMeasures } from './measurements.js';
import { createCodes, numberLiteral } from './pair-codes.js';
import { rowsOf } from './scratch-database.js';

/** Columns taken in pairs: 40 make 780 pairs. */
export const PAIR_COLUMNS_MAX = 40;

interface PairedColumn {
  /** `b0`, `g0`, … */
  place: number;
  isNumeric: boolean;
  sql: string;
}

export async function measurePairs(
  connection: DuckDBConnection,
  measured: readonly MeasuredColumn[],
  rows: Counts,
): Promise<{ pairedColumns: string[]; byPair: PairMeasures[] }> {
  const paired = measured.filter(({ binning }) => binning !== undefined).slice(0, PAIR_COLUMNS_MAX);
  const columns = paired.map(({ column }, place) => ({
    place,
    isNumeric: column.kind !== 'category',
    sql: column.sql,
  }));
  const pairedColumns = paired.map(({ column }) => column.name);
  if (paired.length < 2) return { pairedColumns, byPair: [] };
  await createCodes(connection, paired);
  const correlations = await correlationsOf(connection, columns);
  const byPair: PairMeasures[] = [];
  for (const a of columns) {
    for (const b of columns.slice(a.place + 1)) {
      byPair.push(await measurePair(connection, a, b, correlations.get(keyOf(a, b)), rows));
    }
  }
  await connection.run('DROP TABLE codes');
  return { pairedColumns, byPair };
}

async function measurePair(
  connection: DuckDBConnection,
  a: PairedColumn,
  b: PairedColumn,
  correlation: PairMeasures['association'] | undefined,
  rows: Counts,
): Promise<PairMeasures> {
  const cells = await cellsOf(connection, a, b);
  const accuracy = accuracyOf(cells);
  const places: [number, number] = [a.place, b.place];
  if (correlation !== undefined) {
    const { real, synthetic } = correlation;
    const score = real === null || synthetic === null ? null : complementOf(Math.abs(real - synthetic) / 2);
    return { places, metric: 'CorrelationSimilarity', score, association: correlation, accuracy };
  }
  return {
    places,
    metric: 'ContingencySimilarity',
    score: await contingencySimilarity(connection, a, b, rows),
    association: {
      real: cramersV(cells, ({ real }) => real),
      synthetic: cramersV(cells, ({ synthetic }) => synthetic),
    },
    accuracy,
  };
}

type Cell = Counts & { a: number; b: number };

async function cellsOf(connection: DuckDBConnection, a: PairedColumn, b: PairedColumn): Promise<Cell[]> {
  const cells = await rowsOf<[number, number, bigint, bigint]>(
    connection,
    `SELECT b${a.place}, b${b.place}, count(*) FILTER (NOT is_synthetic), count(*) FILTER (is_synthetic)
     FROM codes GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  return cells.map(([first, second, real, synthetic]) => {
    return { a: first, b: second, real: Number(real), synthetic: Number(synthetic) };
  });
}

async function contingencySimilarity(
  connection: DuckDBConnection,
  a: PairedColumn,
  b: PairedColumn,
  rows: Counts,
): Promise<number> {
  const [[difference]] = (await rowsOf<[number]>(
    connection,
    // In whole numbers, so that the order of groups cannot change the sum.
    `SELECT sum(abs(real * ${rows.synthetic} - synthetic * ${rows.real}))::DOUBLE FROM (
       SELECT count(*) FILTER (NOT is_synthetic) AS real, count(*) FILTER (is_synthetic) AS synthetic
       FROM codes GROUP BY g${a.place}, g${b.place})`,
  )) as [[number]];
  return complementOf(difference / rows.real / rows.synthetic / 2);
}

/** Null where one of the two has a single bin. */
function cramersV(cells: readonly Cell[], rowsIn: (cell: Cell) => number): number | null {
  const ofA = new Map<number, number>();
  const ofB = new Map<number, number>();
  for (const cell of cells.filter((candidate) => rowsIn(candidate) > 0)) {
    ofA.set(cell.a, (ofA.get(cell.a) ?? 0) + rowsIn(cell));
    ofB.set(cell.b, (ofB.get(cell.b) ?? 0) + rowsIn(cell));
  }
  const freedom = Math.min(ofA.size, ofB.size) - 1;
  if (freedom < 1) return null;
  // chi-squared / rows = sum of observed^2 / (row total * column total) - 1: empty cells add nothing.
  let sum = 0;
  for (const cell of cells) {
    const observed = rowsIn(cell);
    if (observed > 0) sum += (observed / ofA.get(cell.a)!) * (observed / ofB.get(cell.b)!);
  }
  return Math.sqrt(Math.min(1, Math.max(0, sum - 1) / freedom));
}

/** Pearson's r of every two columns of numbers or dates, over the rows that have both. */
async function correlationsOf(
  connection: DuckDBConnection,
  columns: readonly PairedColumn[],
): Promise<Map<string, PairMeasures['association']>> {
  const numeric = columns.filter(({ isNumeric }) => isNumeric);
  const pairs = numeric.flatMap((a, i) => numeric.slice(i + 1).map((b) => [a, b] as const));
  if (pairs.length === 0) return new Map();
  const scales = await scalesOf(connection, numeric);
  const scaled = (column: PairedColumn) => `${column.sql} / ${numberLiteral(scales.get(column.place)!)}`;
  const coefficients = pairs.map(([a, b]) => `corr(${scaled(a)}, ${scaled(b)})`).join(', ');
  const of = async (table: string) =>
    (await rowsOf<(number | null)[]>(connection, `SELECT ${coefficients} FROM ${table}`))[0]!;
  const [real, synthetic] = [await of('real'), await of('synthetic')];
  return new Map(
    pairs.map(([a, b], i) => [keyOf(a, b), { real: known(real[i]), synthetic: known(synthetic[i]) }] as const),
  );
}

/** The largest magnitude of each column, so that no square overflows. */
async function scalesOf(connection: DuckDBConnection, columns: readonly PairedColumn[]): Promise<Map<number, number>> {
  const largest = columns.map(({ sql }) => `max(abs(${sql}))`).join(', ');
  const both = 'SELECT * EXCLUDE row FROM real UNION ALL SELECT * EXCLUDE row FROM synthetic';
  const [found] = await rowsOf<(number | null)[]>(connection, `SELECT ${largest} FROM (${both})`);
  return new Map(columns.map(({ place }, i) => [place, found![i] || 1]));
}

function known(coefficient: number | null | undefined): number | null {
  return coefficient === null || coefficient === undefined || Number.isNaN(coefficient) ? null : coefficient;
}

function keyOf(a: PairedColumn, b: PairedColumn): string {
  return `${a.place},${b.place}`;
}
