/**
 * How close each synthetic column is to the real one, alone: a first look, not a judgement of quality or privacy.
 * Categories, booleans and texts of few values: 1 - total variation distance. Numbers and instants: 1 - the Kolmogorov-Smirnov
 * statistic. Texts of many values: the same over their lengths. Definitions: SDMetrics, TVComplement and KSComplement
 * (https://docs.sdv.dev/sdmetrics), but nulls count as a value: a category of its own, or less than every number.
 */
import type { Column, Table } from './column.js';
import { instantsOf } from './column-instants.js';
import { numbersOf } from './column-numbers.js';
import { textOf } from './column-text.js';

/** A text column of more distinct values than this, real and synthetic together, is compared by length. */
const TEXT_VALUES_MAX = 1000;

export interface ColumnCloseness {
  column: string;
  /** The real column's type. */
  kind: string;
  /** 0 (nothing in common) to 1 (the same distribution). */
  closeness: number;
  /** What was compared, for people. */
  measure: string;
  /** Shares of null rows, 0..1. */
  realNullShare: number;
  syntheticNullShare: number;
}

/** One line for every column that both tables have, in the real table's order. */
export function compareTables(real: Table, synthetic: Table): ColumnCloseness[] {
  const syntheticByName = new Map(synthetic.columns.map((column) => [column.name, column]));
  return real.columns.flatMap((column) => {
    const other = syntheticByName.get(column.name);
    return other ? [compareColumns(column, other)] : [];
  });
}

function compareColumns(real: Column, synthetic: Column): ColumnCloseness {
  return {
    column: real.name,
    kind: real.type,
    ...closenessOf(real, synthetic),
    realNullShare: nullShareOf(real),
    syntheticNullShare: nullShareOf(synthetic),
  };
}

function closenessOf(real: Column, synthetic: Column): Pick<ColumnCloseness, 'closeness' | 'measure'> {
  const types = new Set([real.type, synthetic.type]);
  // Texts that were decoded as instants or numbers are compared as such: their spelling is not what was learned.
  if (types.has('timestamp')) {
    return {
      closeness: 1 - largestGap(instantNumbers(real), instantNumbers(synthetic)),
      measure: 'distribution of instants',
    };
  }
  if (types.has('integer') || types.has('float')) {
    return {
      closeness: 1 - largestGap(numbersWithNull(real), numbersWithNull(synthetic)),
      measure: 'distribution of numbers',
    };
  }
  const texts = [textOf(real), textOf(synthetic)] as const;
  if (new Set([...texts[0].dictionary, ...texts[1].dictionary]).size > TEXT_VALUES_MAX) {
    return {
      closeness: 1 - largestGap(lengthsOf(real), lengthsOf(synthetic)),
      measure: 'distribution of text lengths',
    };
  }
  return { closeness: 1 - totalVariation(real, synthetic), measure: 'shares of values' };
}

/** Half the sum of the differences between the shares of each value, null among them. */
function totalVariation(real: Column, synthetic: Column): number {
  const realShares = sharesOf(real);
  const syntheticShares = sharesOf(synthetic);
  const values = new Set([...realShares.keys(), ...syntheticShares.keys()]);
  let sum = 0;
  for (const value of values) sum += Math.abs((realShares.get(value) ?? 0) - (syntheticShares.get(value) ?? 0));
  return sum / 2;
}

function sharesOf(column: Column): Map<string | null, number> {
  const { dictionary, indices } = textOf(column);
  const shares = new Map<string | null, number>();
  for (const index of indices) {
    const value = index < 0 ? null : dictionary[index]!;
    shares.set(value, (shares.get(value) ?? 0) + 1 / indices.length);
  }
  return shares;
}

/** The Kolmogorov-Smirnov statistic: the largest gap between the two cumulative distributions. Sorts both in place. */
function largestGap(real: Float64Array, synthetic: Float64Array): number {
  if (real.length === 0 || synthetic.length === 0) return real.length === synthetic.length ? 0 : 1;
  real.sort();
  synthetic.sort();
  let gap = 0;
  let i = 0;
  let j = 0;
  while (i < real.length && j < synthetic.length) {
    const value = Math.min(real[i]!, synthetic[j]!);
    while (i < real.length && real[i]! <= value) i += 1;
    while (j < synthetic.length && synthetic[j]! <= value) j += 1;
    gap = Math.max(gap, Math.abs(i / real.length - j / synthetic.length));
  }
  return gap;
}

function numbersWithNull(column: Column): Float64Array {
  const { values, isNull } = numbersOf(column);
  return Float64Array.from(values, (value, row) => (isNull[row] === 1 ? Number.NEGATIVE_INFINITY : value));
}

function instantNumbers(column: Column): Float64Array {
  const { values, isNull } = instantsOf(column);
  return Float64Array.from(isNull, (flag, row) => (flag === 1 ? Number.NEGATIVE_INFINITY : Number(values[row]!)));
}

function lengthsOf(column: Column): Float64Array {
  const { dictionary, indices } = textOf(column);
  return Float64Array.from(indices, (index) => (index < 0 ? Number.NEGATIVE_INFINITY : [...dictionary[index]!].length));
}

function nullShareOf(column: Column): number {
  if (column.rows === 0) return 0;
  let nulls = 0;
  if (column.type === 'text') for (const index of column.indices) nulls += index < 0 ? 1 : 0;
  else for (const flag of column.isNull) nulls += flag;
  return nulls / column.rows;
}
