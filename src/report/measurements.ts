/**
 * What a report says, as data: every number of the page, before any of it is drawn. Shares and scores are 0..1; a score is null
 * where its definition gives none (a constant column has no correlation). Definitions: docs/report.md.
 * Nothing here quotes a real value that fewer than `ROWS_TOLD_MIN` rows hold.
 */

/** Of fewer real rows nothing is told: the largest threshold that a job's protection draws (data-plane 3.1). @unit rows */
export const ROWS_TOLD_MIN = 7;

/** How a column is compared: by order, by value, or, where nearly every text is another one, by length. */
export type ColumnKind = 'number' | 'date' | 'category' | 'text';

export interface Measurements {
  rows: { real: number; synthetic: number };
  /** Mean of `columns` and `pairs`; null if nothing could be scored. */
  overall: number | null;
  /** Mean score of the columns. */
  columns: number | null;
  /** Mean score of the pairs. */
  pairs: number | null;
  accuracy: { univariate: Accuracy | null; bivariate: Accuracy | null };
  /** In the real table's order, without the given ones. */
  byColumn: ColumnMeasures[];
  /** Of the first `PAIR_COLUMNS_MAX` columns that are no text. */
  byPair: PairMeasures[];
  pairedColumns: string[];
  /** Columns that only one of the two tables has. */
  onlyReal: string[];
  onlySynthetic: string[];
  /** Columns whose synthetic values somebody gave: in no score and no pair. */
  given: string[];
  /** Copies and distances are of whole rows, given values and all. */
  copies: CopyMeasures;
  distances: DistanceMeasures | null;
}

export interface Accuracy {
  value: number;
  /** What another sample of the real distribution, of the synthetic table's size, would be expected to reach. */
  expected: number;
}

export interface ColumnMeasures {
  name: string;
  kind: ColumnKind;
  score: number | null;
  /** RangeCoverage, or CategoryCoverage. */
  coverage: number | null;
  /** Shares of null rows, and MissingValueSimilarity. */
  nulls: { real: number; synthetic: number; similarity: number };
  accuracy: Accuracy | null;
  /** Round bounds of the values that are ordered; undefined of categories and of too few values. */
  ranges: { real: Range | undefined; synthetic: Range | undefined };
  /** Undefined where too few real rows hold a value to show anything of them. */
  picture: Histogram | Bars | undefined;
}

export type Range = [low: number, high: number];

/** Shares of non-null rows between round bounds. The outer bins may be open. */
export interface Histogram {
  shape: 'histogram';
  bins: { from: number | undefined; to: number | undefined; real: ToldShare; synthetic: number }[];
}

/** Shares of all rows by value: the most frequent real ones, then the rest together, then null. */
export interface Bars {
  shape: 'bars';
  bars: { value: BarValue; real: number; synthetic: number }[];
}
export type BarValue = { is: 'value'; text: string } | { is: 'others'; distinct: number } | { is: 'null' };

/** Null: fewer than `ROWS_TOLD_MIN` real rows, possibly none. */
export type ToldShare = number | null;

export interface PairMeasures {
  /** Places in `pairedColumns`, the first one smaller. */
  places: [number, number];
  metric: 'CorrelationSimilarity' | 'ContingencySimilarity';
  score: number | null;
  /** Pearson's r of two columns of numbers or dates, else Cramér's V. */
  association: { real: number | null; synthetic: number | null };
  accuracy: Accuracy;
}

export interface CopyMeasures {
  /** Share of synthetic rows that equal a real one in every column. */
  syntheticShare: number;
  /** The same of the holdout's rows against the other real ones: what is usual for this table. */
  holdoutShare: number | null;
}

export interface DistanceMeasures {
  /** Where the holdout is from. */
  holdout: 'file' | 'split';
  /** Rows compared with each other, drawn at random where a table has more. */
  sampled: { training: number; holdout: number; synthetic: number };
  /** Share of synthetic rows nearer to a training row than to a holdout row; a tie counts half. */
  trainingShare: number;
  /** 0, 1, ..., 100 % quantiles of the distance to the closest record. */
  syntheticToTraining: Float64Array;
  syntheticToHoldout: Float64Array;
  holdoutToTraining: Float64Array;
}

/** The mean of what is there. */
export function meanOf(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
