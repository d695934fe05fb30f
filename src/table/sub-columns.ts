/**
 * The integer channels of each feature, with their names on the wire and their number of codes (data-plane 1.2).
 */
import { HIGHEST_EXPONENT } from './decimal-digits.js';
import {
  type Analysis,
  type ColumnStats,
  DATE_PARTS,
  type DatetimeStats,
  type DigitStats,
  type SubColumn,
} from './stats.js';

/** All sub-columns: features in table order, each with its own in wire order. */
export function subColumnsOf(analysis: Analysis): SubColumn[] {
  return analysis.features.flatMap(({ name, stats }) => subColumnsOfFeature(name, stats));
}

export function subColumnsOfFeature(feature: string, stats: ColumnStats): SubColumn[] {
  return cardinalitiesOf(stats).map(([sub, cardinality]) => ({
    key: wireKey(feature, sub),
    feature,
    sub,
    cardinality,
  }));
}

/** `feat:/<feature>__<sub>`; nothing in a feature's name is escaped. */
export function wireKey(feature: string, sub: string): string {
  return `feat:/${feature}__${sub}`;
}

/** Places in `DATE_PARTS` of the parts that a datetime feature sends. */
export function datePartsOf(stats: DatetimeStats): number[] {
  const count = stats.hasMilliseconds ? 9 : stats.hasTime ? 6 : 3;
  return Array.from({ length: count }, (_, part) => part);
}

/** Exponents of the digits that a digit feature sends, highest first. */
export function exponentsOf({ maxDecimal, minDecimal }: DigitStats): number[] {
  return Array.from({ length: maxDecimal - minDecimal + 1 }, (_, i) => maxDecimal - i);
}

function cardinalitiesOf(stats: ColumnStats): [sub: string, cardinality: number][] {
  switch (stats.encoding) {
    case 'TABULAR_CATEGORICAL':
    case 'TABULAR_NUMERIC_DISCRETE':
      return [['cat', stats.vocabulary.length]];
    case 'TABULAR_NUMERIC_BINNED':
      return [['bin', stats.specials.length + stats.bins.length - 1]];
    case 'TABULAR_NUMERIC_DIGIT':
      return [
        ...flag('nan', stats.hasNull),
        ...flag('neg', stats.hasNegative),
        ...exponentsOf(stats).map((exponent): [string, number] => {
          const place = HIGHEST_EXPONENT - exponent;
          return [`E${exponent}`, stats.maxDigits[place]! + 1 - stats.minDigits[place]!];
        }),
      ];
    case 'TABULAR_DATETIME':
      return [
        ...flag('nan', stats.hasNull),
        ...datePartsOf(stats).map((part): [string, number] => [
          DATE_PARTS[part]!,
          stats.maxValues[part]! - stats.minValues[part]! + 1,
        ]),
      ];
    case 'TABULAR_CHARACTER':
      return [
        ...flag('nan', stats.hasNull),
        ...stats.alphabets.map((alphabet, position): [string, number] => [`P${position}`, alphabet.length]),
      ];
  }
}

function flag(sub: string, isPresent: boolean): [string, number][] {
  return isPresent ? [[sub, 2]] : [];
}
