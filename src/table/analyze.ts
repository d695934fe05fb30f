/**
 * A table becomes statistics: for each column the encoding, its vocabulary or ranges, and why (data-plane 2 and 3).
 * Columns in table order, so that a seed draws the same rare thresholds as the SDK's.
 * Not here: which rule picks an encoding (detect.ts), what each encoding counts (analyze/), codes (encode.ts).
 */
import type { EncodingType } from '../contract/encoding.js';
import { analyzeCategorical } from './analyze/categorical.js';
import { analyzeCharacter } from './analyze/character.js';
import { analyzeDatetime } from './analyze/datetime.js';
import { analyzeNumeric } from './analyze/numeric.js';
import { type DrawThreshold, drawThresholdFrom, PROTECTED_ROWS_MIN, type RareThreshold } from './analyze/protection.js';
import { finish } from './by-column.js';
import type { EncodableColumn, Table } from './column.js';
import { instantsOf } from './column-instants.js';
import { numbersOf } from './column-numbers.js';
import { type Detection, detectEncoding } from './detect.js';
import { countNulls } from './encode/fill.js';
import type { Random } from './random.js';
import type { Analysis, ColumnStats, Feature } from './stats.js';

export interface AnalyzeOptions {
  /** Column -> encoding, instead of the detected one. `AUTO` means detect (departure BUG-1). */
  encodings?: Readonly<Record<string, EncodingType>>;
  /** Withhold what few rows hold. */
  protectRare: boolean;
  random: Random;
  /** Rare thresholds of a recording, instead of drawn ones. */
  draw?: (feature: string) => RareThreshold;
}

export function analyze(table: Table, options: AnalyzeOptions): Analysis {
  return finish(analyzeByColumn(table, options));
}

/** The same, resting after each column (by-column.ts). */
export function* analyzeByColumn(
  table: Table,
  { encodings = {}, protectRare, random, draw }: AnalyzeOptions,
): Generator<void, Analysis> {
  const warnings = warningsOfSize(table.rows, protectRare);
  const drawThreshold = draw ?? (() => drawThresholdFrom(random));
  const features: Feature[] = [];
  for (const column of table.columns) {
    const analyzed = analyzeColumn(column, {
      override: Object.hasOwn(encodings, column.name) ? encodings[column.name] : undefined,
      draw: protectRare ? () => drawThreshold(column.name) : undefined,
    });
    features.push(analyzed.feature);
    warnings.push(...analyzed.warnings);
    yield;
  }
  return { version: 1, rows: table.rows, features, warnings };
}

/** What is to be said of a table by its number of rows alone. */
export function warningsOfSize(rows: number, protectRare: boolean): string[] {
  if (!protectRare || rows >= PROTECTED_ROWS_MIN) return [];
  return [
    `The table has ${rows} rows. Below ${PROTECTED_ROWS_MIN} rows, protection of rare values withholds nearly everything.`,
  ];
}

export interface ColumnOptions {
  override: EncodingType | undefined;
  /** Columns draw in table order: the thresholds of one follow those of the column before. */
  draw: DrawThreshold;
}

export function analyzeColumn(
  column: EncodableColumn,
  { override, draw }: ColumnOptions,
): { feature: Feature; warnings: string[] } {
  const { encoding, reason } = choose(column, override);
  const warnings: string[] = [];
  const stats = statsOf(column, encoding, draw, (text) => {
    warnings.push(`Column ${JSON.stringify(column.name)}: ${text}`);
  });
  const feature = {
    name: column.name,
    sourceType: column.type,
    isDate: column.type === 'timestamp' && column.isDate,
    stats,
    reason: encoding === stats.encoding ? reason : `${reason}, which comes to ${stats.encoding}`,
  };
  return { feature, warnings };
}

function choose(column: EncodableColumn, override: EncodingType | undefined): Detection {
  if (override === undefined || override === 'AUTO') return detectEncoding(column);
  return { encoding: override, reason: `asked for as ${override}` };
}

function statsOf(
  column: EncodableColumn,
  encoding: EncodingType,
  draw: DrawThreshold,
  warn: (text: string) => void,
): ColumnStats {
  switch (encoding) {
    case 'TABULAR_NUMERIC_AUTO':
    case 'TABULAR_NUMERIC_DISCRETE':
    case 'TABULAR_NUMERIC_BINNED':
    case 'TABULAR_NUMERIC_DIGIT': {
      const numbers = numbersOf(column);
      const lost = countNulls(numbers.isNull) - nullsOf(column);
      if (lost > 0) warn(`${lost} cells are no finite number and count as null.`);
      return analyzeNumeric(numbers, encoding, draw);
    }
    case 'TABULAR_DATETIME': {
      const instants = instantsOf(column);
      if (instants.unreadable > 0)
        warn(`${instants.unreadable} cells are no date of the years 1000 to 9999 and count as null.`);
      return analyzeDatetime(instants, draw);
    }
    case 'TABULAR_CHARACTER':
      return analyzeCharacter(column, draw);
    // Two names without an encoding of their own: the SDK falls back to categories, and so do we.
    case 'TABULAR_DATETIME_RELATIVE':
    case 'TABULAR_LAT_LONG':
    case 'TABULAR_CATEGORICAL':
    case 'AUTO':
      return analyzeCategorical(column, draw);
  }
}

function nullsOf(column: EncodableColumn): number {
  return column.type === 'text' ? column.indices.filter((index) => index < 0).length : countNulls(column.isNull);
}
