/** One column of both tables, alone: score, coverage, nulls, accuracy and the picture. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { accuracyOf, binnedCategories, numberEdges } from './accuracy.js';
import type { ComparedColumn } from './comparable-tables.js';
import {
  type Counts,
  categoryCoverage,
  ksComplement,
  rangeCoverage,
  sumOf,
  totalOf,
  tvComplement,
} from './distribution-scores.js';
import { histogramOf, rangeOf } from './histogram.js';
import { type Bars, type BarValue, type ColumnMeasures, ROWS_TOLD_MIN } from './measurements.js';
import { rowsOf } from './scratch-database.js';
import { countBelow, sortedValues } from './sorted-values.js';

/** How a pair of columns is binned, found on the way. */
export interface MeasuredColumn {
  column: ComparedColumn;
  measures: ColumnMeasures;
  binning: Binning | undefined;
}
export type Binning =
  /** Edges of accuracy's bins, and the real range that contingency tables divide. */
  | { by: 'edges'; edges: number[]; low: number; high: number }
  /** Values with a bin of their own. */
  | { by: 'value'; values: string[] };

type CategoryCounts = Counts & { is: 'value' | 'new' | 'null'; text: string; distinct: number };

/** Values that the picture shows one by one. */
const BARS_MAX = 10;

export async function measureColumn(
  connection: DuckDBConnection,
  column: ComparedColumn,
  rows: Counts,
): Promise<MeasuredColumn> {
  return column.kind === 'category'
    ? measureCategories(column, await countCategories(connection, column))
    : await measureNumbers(connection, column, rows);
}

async function measureNumbers(
  connection: DuckDBConnection,
  column: ComparedColumn,
  rows: Counts,
): Promise<MeasuredColumn> {
  const { name, kind } = column;
  const expression = kind === 'text' ? `length(${column.sql})::DOUBLE` : column.sql;
  const real = await sortedValues(connection, 'real', expression);
  const synthetic = await sortedValues(connection, 'synthetic', expression);
  const nulls = { real: rows.real - real.length, synthetic: rows.synthetic - synthetic.length };
  const binned = kind === 'date' ? 'date' : 'number';
  const edges = numberEdges(real, binned);
  const bins = [...edges, Number.POSITIVE_INFINITY].map((to, i) => {
    const from = edges[i - 1] ?? Number.NEGATIVE_INFINITY;
    return {
      real: countBelow(real, to) - countBelow(real, from),
      synthetic: countBelow(synthetic, to) - countBelow(synthetic, from),
    };
  });
  return {
    column,
    measures: {
      name,
      kind,
      score: ksComplement(real, synthetic),
      coverage: rangeCoverage(real, synthetic),
      nulls: nullsOf(nulls, rows),
      accuracy: kind === 'text' ? null : accuracyOf([...bins, nulls]),
      ranges: { real: rangeOf(real, binned), synthetic: rangeOf(synthetic, binned) },
      picture: histogramOf(real, synthetic, binned),
    },
    binning: kind === 'text' ? undefined : { by: 'edges', edges, low: real[0] ?? 0, high: real.at(-1) ?? 0 },
  };
}

/** The real values, most frequent first; then, without their texts, the synthetic ones that are none of them; and null. */
async function countCategories(connection: DuckDBConnection, { sql }: ComparedColumn): Promise<CategoryCounts[]> {
  const rows = await rowsOf<[CategoryCounts['is'], string | null, bigint, bigint, bigint]>(
    connection,
    `SELECT holds, CASE WHEN holds = 'value' THEN value END, sum(real)::BIGINT, sum(synthetic)::BIGINT, count(*) FROM (
       SELECT value, real, synthetic, CASE WHEN value IS NULL THEN 'null' WHEN real = 0 THEN 'new' ELSE 'value' END AS holds
       FROM (
         SELECT value, count(*) FILTER (NOT is_synthetic) AS real, count(*) FILTER (is_synthetic) AS synthetic
         FROM (SELECT ${sql} AS value, false AS is_synthetic FROM real UNION ALL SELECT ${sql}, true FROM synthetic)
         GROUP BY value
       )
     ) GROUP BY 1, 2 ORDER BY 3 DESC, 2`,
  );
  return rows.map(([is, text, real, synthetic, distinct]) => {
    return { is, text: text ?? '', real: Number(real), synthetic: Number(synthetic), distinct: Number(distinct) };
  });
}

function measureCategories(column: ComparedColumn, counts: CategoryCounts[]): MeasuredColumn {
  const rows = totalOf(counts);
  const nulls = totalOf(counts.filter(({ is }) => is === 'null'));
  const notNull = counts.filter(({ is }) => is !== 'null');
  const binned = binnedCategories(counts);
  const isApart = (count: CategoryCounts) => count.is === 'null' || (count.is === 'value' && hasBin(count, binned));
  const others = counts.filter((count) => !isApart(count));
  return {
    column,
    measures: {
      name: column.name,
      kind: 'category',
      score: tvComplement(notNull),
      coverage: categoryCoverage(notNull),
      nulls: nullsOf(nulls, rows),
      accuracy: accuracyOf([...counts.filter(isApart), totalOf(others)]),
      ranges: { real: undefined, synthetic: undefined },
      picture: barsOf(notNull, nulls, rows),
    },
    binning: { by: 'value', values: binned },
  };
}

function hasBin({ text }: CategoryCounts, binned: readonly string[]): boolean {
  return text === '' || binned.includes(text);
}

/** A real value is shown if a job would send it under any threshold it may draw; a synthetic one only if it is such a real one. */
function barsOf(notNull: readonly CategoryCounts[], nulls: Counts, rows: Counts): Bars {
  const shown = notNull.filter(({ real }) => real >= ROWS_TOLD_MIN).slice(0, BARS_MAX);
  const others = notNull.filter((count) => !shown.includes(count));
  const distinct = sumOf(others, (count) => count.distinct);
  const bar = (value: BarValue, count: Counts) => {
    return { value, real: count.real / rows.real, synthetic: count.synthetic / rows.synthetic };
  };
  return {
    shape: 'bars',
    bars: [
      ...shown.map((count) => bar({ is: 'value', text: count.text }, count)),
      ...(distinct === 0 ? [] : [bar({ is: 'others', distinct }, totalOf(others))]),
      ...(nulls.real + nulls.synthetic === 0 ? [] : [bar({ is: 'null' }, nulls)]),
    ],
  };
}

function nullsOf(nulls: Counts, rows: Counts): ColumnMeasures['nulls'] {
  const [real, synthetic] = [nulls.real / rows.real, nulls.synthetic / rows.synthetic];
  return { real, synthetic, similarity: 1 - Math.abs(real - synthetic) };
}
