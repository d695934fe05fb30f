/**
 * The distance from each synthetic row to the closest real record, and to the closest record of a holdout, after SDMetrics'
 * DCROverfittingProtection: the mean over the columns of 0 or 1 for categories and of the difference as a share of the
 * training rows' range, at most 1, for numbers and dates; null is at distance 0 from null and 1 from all else. Texts take no
 * part. One ruler, the training rows' ranges, measures all distances. Needs every row against every other, so it looks at samples.
 */
import { setImmediate } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ComparedColumn } from './comparable-tables.js';
import type { DistanceMeasures } from './measurements.js';
import { randomNumberOf } from './random-number-of.js';
import { rowsOf } from './scratch-database.js';

/** Rows drawn of each table; fewer where there are many columns. */
export const DISTANCE_ROWS_MAX = 4_000;
/** Comparisons of two cells for all rows of one sample against another: a second or two. */
const COMPARISONS_MAX = 1_000_000_000;
/** A turn of the event loop after so many comparisons of two cells: some milliseconds. */
const CELLS_PER_TURN = 2_000_000;
const QUANTILES = 100;

/** Rows of cells, one after another. A category is its code, null is NaN. */
interface Sample {
  rows: number;
  cells: Float64Array;
}

/** One over the range of each column; infinite where cells are only equal or not: categories, and a column of one number. */
type Ruler = Float64Array;

/** @returns null where there is nothing to compare: only texts, or no row in one of the halves */
export async function measureDistances(
  connection: DuckDBConnection,
  columns: readonly ComparedColumn[],
  holdout: DistanceMeasures['holdout'],
  seed: number,
): Promise<DistanceMeasures | null> {
  const measured = columns.filter(({ kind }) => kind !== 'text');
  const counts = await rowsOf<[bigint]>(
    connection,
    'SELECT count(*) FROM training UNION ALL SELECT count(*) FROM holdout',
  );
  const rowsMax = Math.min(DISTANCE_ROWS_MAX, Math.floor(Math.sqrt(COMPARISONS_MAX / Math.max(1, measured.length))));
  // As many of each, or the larger one would be closer for its size alone.
  const realRows = Math.min(rowsMax, ...counts.map(([count]) => Number(count)));
  if (measured.length === 0 || realRows === 0) return null;
  const ruler = await rulerOf(connection, measured);
  const codes = new Map<string, number>();
  const training = await sampleOf(connection, 'training', measured, { rows: realRows, seed, codes });
  const unseen = await sampleOf(connection, 'holdout', measured, { rows: realRows, seed, codes });
  const synthetic = await sampleOf(connection, 'synthetic', measured, { rows: rowsMax, seed, codes });
  const toTraining = await closestDistances(synthetic, training, ruler);
  const toHoldout = await closestDistances(synthetic, unseen, ruler);
  const holdoutToTraining = await closestDistances(unseen, training, ruler);
  let nearerTraining = 0;
  for (let row = 0; row < synthetic.rows; row += 1) {
    nearerTraining += (1 + Math.sign(toHoldout[row]! - toTraining[row]!)) / 2;
  }
  return {
    holdout,
    sampled: { training: training.rows, holdout: unseen.rows, synthetic: synthetic.rows },
    trainingShare: nearerTraining / synthetic.rows,
    syntheticToTraining: quantilesOf(toTraining),
    syntheticToHoldout: quantilesOf(toHoldout),
    holdoutToTraining: quantilesOf(holdoutToTraining),
  };
}

async function rulerOf(connection: DuckDBConnection, columns: readonly ComparedColumn[]): Promise<Ruler> {
  const ranges = columns.map(({ kind, sql }) => (kind === 'category' ? 'NULL' : `max(${sql}) / 2 - min(${sql}) / 2`));
  const [found] = await rowsOf<(number | null)[]>(connection, `SELECT ${ranges.join(', ')} FROM training`);
  return Float64Array.from(found!, (half) => 0.5 / (half ?? 0));
}

async function sampleOf(
  connection: DuckDBConnection,
  table: string,
  columns: readonly ComparedColumn[],
  { rows, seed, codes }: { rows: number; seed: number; codes: Map<string, number> },
): Promise<Sample> {
  const drawn = await rowsOf<(number | string | null)[]>(
    connection,
    `SELECT ${columns.map(({ sql }) => sql).join(', ')} FROM ${table} ORDER BY ${randomNumberOf(seed + 1)}, row LIMIT ${rows}`,
  );
  const sample = { rows: drawn.length, cells: new Float64Array(drawn.length * columns.length) };
  drawn.forEach((row, i) => {
    row.forEach((cell, j) => {
      sample.cells[i * columns.length + j] = typeof cell === 'string' ? codeOf(cell, codes) : (cell ?? Number.NaN);
    });
  });
  return sample;
}

/** The same text, the same number. */
function codeOf(text: string, codes: Map<string, number>): number {
  const known = codes.get(text) ?? codes.size;
  codes.set(text, known);
  return known;
}

/** For each row of `from` the distance to the closest one of `to`, 0..1. */
async function closestDistances(from: Sample, to: Sample, ruler: Ruler): Promise<Float64Array> {
  const closest = new Float64Array(from.rows);
  const rowsPerTurn = Math.max(1, Math.floor(CELLS_PER_TURN / (to.rows * ruler.length)));
  const width = ruler.length;
  for (let row = 0; row < from.rows; row += 1) {
    closest[row] = closestDistance(from.cells.subarray(row * width, (row + 1) * width), to, ruler);
    if (row % rowsPerTurn === rowsPerTurn - 1) await setImmediate();
  }
  return closest;
}

function closestDistance(cells: Float64Array, to: Sample, ruler: Ruler): number {
  const width = cells.length;
  let least = Number.POSITIVE_INFINITY;
  for (let start = 0; start < to.cells.length; start += width) {
    let sum = 0;
    for (let column = 0; column < width && sum < least; column += 1) {
      sum += distance(cells[column]!, to.cells[start + column]!, ruler[column]!);
    }
    if (sum < least) least = sum;
  }
  return least / width;
}

function distance(a: number, b: number, inverse: number): number {
  if (a === b) return 0;
  const difference = Math.abs(a - b) * inverse;
  if (difference < 1) return difference;
  // Not a number where a null is: 0 if both are.
  return Number.isNaN(a) && Number.isNaN(b) ? 0 : 1;
}

function quantilesOf(distances: Float64Array): Float64Array {
  const sorted = distances.toSorted();
  return Float64Array.from(
    { length: QUANTILES + 1 },
    (_, i) => sorted[Math.round(((sorted.length - 1) * i) / QUANTILES)]!,
  );
}
