/**
 * An Analysis from the `column_stats` of a recording, so that encoding, bodies and decoding are tested apart from analysing.
 * Codes are put in order by value, since JSON.parse moves integer-like keys to the front.
 */
import { type Analysis, type ColumnStats, DATE_PARTS, type Feature } from '../../src/table/stats.js';
import type { Recording, Vector } from './vectors.js';

// biome-ignore lint/suspicious/noExplicitAny: a recording's statistics have six shapes, told apart by encoding_type
type Recorded = Record<string, any>;

export function analysisOfStats({ table }: Vector, { create }: Recording): Analysis {
  const columnOf = new Map(table.columns.map((column) => [column.name, column]));
  const features = create.metadata.features.map((name): Feature => {
    const column = columnOf.get(name)!;
    return {
      name,
      sourceType: column.type,
      isDate: column.type === 'timestamp' && column.isDate,
      stats: statsOf(create.metadata.column_stats[name]!),
      reason: 'recorded',
    };
  });
  return { version: 1, rows: table.rows, features, warnings: [] };
}

function statsOf(recorded: Recorded): ColumnStats {
  const encoding = recorded.encoding_type as ColumnStats['encoding'];
  const minDecimal: number = recorded.min_decimal;
  switch (encoding) {
    case 'TABULAR_CATEGORICAL':
      return { encoding, rareCategories: recorded.no_of_rare_categories, vocabulary: inOrder(recorded.codes) };
    case 'TABULAR_NUMERIC_DISCRETE':
      return { encoding, vocabulary: inOrder(recorded.codes), minDecimal };
    case 'TABULAR_NUMERIC_BINNED':
      return { encoding, specials: inOrder(recorded.codes), bins: recorded.bins, minDecimal };
    case 'TABULAR_NUMERIC_DIGIT':
      return {
        encoding,
        hasNull: recorded.has_nan,
        hasNegative: recorded.has_neg,
        minDigits: Array.from({ length: 27 }, (_, place) => recorded.min_digits[`E${18 - place}`]),
        maxDigits: Array.from({ length: 27 }, (_, place) => recorded.max_digits[`E${18 - place}`]),
        maxDecimal: recorded.max_decimal,
        minDecimal,
        min: recorded.min,
        max: recorded.max,
      };
    case 'TABULAR_DATETIME':
      return {
        encoding,
        hasNull: recorded.has_nan,
        hasTime: recorded.has_time,
        hasMilliseconds: recorded.has_ms,
        minValues: DATE_PARTS.map((part) => recorded.min_values[part]),
        maxValues: DATE_PARTS.map((part) => recorded.max_values[part]),
        min: recorded.min,
        max: recorded.max,
      };
    case 'TABULAR_CHARACTER':
      return {
        encoding,
        hasNull: recorded.has_nan,
        alphabets: Array.from({ length: recorded.max_string_length }, (_, position) =>
          inOrder(recorded.codes[`P${position}`]).map((character) => (character === '' ? '\u0000' : character)),
        ),
      };
  }
}

function inOrder(codes: Record<string, number>): string[] {
  return Object.entries(codes)
    .sort(([, a], [, b]) => a - b)
    .map(([token]) => token);
}
