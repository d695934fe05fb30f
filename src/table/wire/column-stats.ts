/**
 * A feature's statistics as `column_stats` sends them: keys and their order as the SDK's (data-plane 3.3 to 3.6).
 */
import { HIGHEST_EXPONENT } from '../decimal-digits.js';
import { type ColumnStats, DATE_PARTS, type Feature } from '../stats.js';
import { subColumnsOfFeature } from '../sub-columns.js';
import { float, list, object, type WireObject, type WireValue } from './wire-json.js';

export function columnStatsOf({ name, stats }: Feature): WireObject {
  const cardinalities = object(
    subColumnsOfFeature(name, stats).map(({ sub, cardinality }) => [sub, cardinality] as const),
  );
  const encodingType = ['encoding_type', stats.encoding] as const;
  switch (stats.encoding) {
    case 'TABULAR_CATEGORICAL':
      return object([
        ['no_of_rare_categories', stats.rareCategories],
        ['codes', codesOf(stats.vocabulary)],
        ['cardinalities', cardinalities],
        encodingType,
      ]);
    case 'TABULAR_NUMERIC_DISCRETE':
      return object([
        encodingType,
        ['cardinalities', cardinalities],
        ['codes', codesOf(stats.vocabulary)],
        ['min_decimal', stats.minDecimal],
      ]);
    case 'TABULAR_NUMERIC_BINNED':
      return object([
        encodingType,
        ['cardinalities', cardinalities],
        ['codes', codesOf(stats.specials)],
        ['min_decimal', stats.minDecimal],
        ['bins', list(stats.bins.map(float))],
      ]);
    case 'TABULAR_NUMERIC_DIGIT':
      return object([
        encodingType,
        ['cardinalities', cardinalities],
        ['has_nan', stats.hasNull],
        ['has_neg', stats.hasNegative],
        ['min_digits', digitsByDecimal(stats.minDigits)],
        ['max_digits', digitsByDecimal(stats.maxDigits)],
        ['max_decimal', stats.maxDecimal],
        ['min_decimal', stats.minDecimal],
        ['min', stats.min === null ? null : float(stats.min)],
        ['max', stats.max === null ? null : float(stats.max)],
      ]);
    case 'TABULAR_DATETIME':
      return object([
        ['cardinalities', cardinalities],
        ['has_nan', stats.hasNull],
        ['has_time', stats.hasTime],
        ['has_ms', stats.hasMilliseconds],
        ['min_values', valuesByPart(stats.minValues)],
        ['max_values', valuesByPart(stats.maxValues)],
        ['min', stats.min],
        ['max', stats.max],
        encodingType,
      ]);
    case 'TABULAR_CHARACTER':
      return object([
        ['has_nan', stats.hasNull],
        ['max_string_length', stats.alphabets.length],
        ['codes', codesByPosition(stats.alphabets)],
        ['cardinalities', cardinalities],
        encodingType,
      ]);
  }
}

/** A feature's entry in `value_mappings`: its codes, or nothing where there are none to map. */
export function valueMappingOf(stats: ColumnStats): WireObject | undefined {
  switch (stats.encoding) {
    case 'TABULAR_CATEGORICAL':
    case 'TABULAR_NUMERIC_DISCRETE':
      return codesOf(stats.vocabulary);
    case 'TABULAR_NUMERIC_BINNED':
      return codesOf(stats.specials);
    case 'TABULAR_CHARACTER':
      return stats.alphabets.length === 0 ? undefined : codesByPosition(stats.alphabets);
    default:
      return undefined;
  }
}

function codesOf(vocabulary: readonly string[]): WireObject {
  return object(vocabulary.map((token, code) => [token, code] as const));
}

function codesByPosition(alphabets: readonly (readonly string[])[]): WireObject {
  return object(alphabets.map((alphabet, position) => [`P${position}`, codesOf(alphabet)] as const));
}

function digitsByDecimal(digits: readonly number[]): WireObject {
  return object(digits.map((digit, place): [string, WireValue] => [`E${HIGHEST_EXPONENT - place}`, digit]));
}

function valuesByPart(values: readonly number[]): WireObject {
  return object(DATE_PARTS.map((part, place): [string, WireValue] => [part, values[place]!]));
}
