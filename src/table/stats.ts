/**
 * What the analysis finds in each column, and encoding and decoding need: the `column_stats` of the wire, with
 * vocabularies as arrays (index = code), since JavaScript objects reorder integer-like keys.
 * Sub-columns and their order: data-plane section 1.2.
 */
import type { ColumnType } from '../contract/requests.js';

export const PROTECTED = '<protected>';
export const NULL_TOKEN = '<<NULL>>';
export const UNKNOWN = '<<UNK>>';
export const MIN_TOKEN = '<<MIN>>';
export const MAX_TOKEN = '<<MAX>>';

export interface CategoricalStats {
  encoding: 'TABULAR_CATEGORICAL';
  rareCategories: number;
  /** code -> category as stored (escaped); begins with `<protected>`, then `<<NULL>>` if training had nulls. */
  vocabulary: string[];
}
export interface DiscreteStats {
  encoding: 'TABULAR_NUMERIC_DISCRETE';
  vocabulary: string[];
  minDecimal: number;
}
export interface BinnedStats {
  encoding: 'TABULAR_NUMERIC_BINNED';
  /** code -> special token, in order: `<<UNK>>`, [`<<NULL>>`], [`<<MIN>>`, `<<MAX>>`]. */
  specials: string[];
  bins: number[];
  minDecimal: number;
}
export interface DigitStats {
  encoding: 'TABULAR_NUMERIC_DIGIT';
  hasNull: boolean;
  hasNegative: boolean;
  /** 27 entries: 10^18 first, 10^-8 last. */
  minDigits: number[];
  maxDigits: number[];
  maxDecimal: number;
  minDecimal: number;
  min: number | null;
  max: number | null;
}
/** year month day hour minute second ms_E2 ms_E1 ms_E0, in this order everywhere. */
export const DATE_PARTS = ['year', 'month', 'day', 'hour', 'minute', 'second', 'ms_E2', 'ms_E1', 'ms_E0'] as const;
export interface DatetimeStats {
  encoding: 'TABULAR_DATETIME';
  hasNull: boolean;
  hasTime: boolean;
  hasMilliseconds: boolean;
  minValues: number[];
  maxValues: number[];
  /** Bounds in the four string forms of data-plane 3.5.4. */
  min: string | null;
  max: string | null;
}
export interface CharacterStats {
  encoding: 'TABULAR_CHARACTER';
  hasNull: boolean;
  /** position -> code -> character; code 0 is U+0000, the padding. */
  alphabets: string[][];
}
export type ColumnStats = CategoricalStats | DiscreteStats | BinnedStats | DigitStats | DatetimeStats | CharacterStats;

export interface SubColumn {
  /** `feat:/<feature>__<sub>` */
  key: string;
  feature: string;
  sub: string;
  cardinality: number;
}

/** One trained column: its statistics, its source type (decoded values are given it back), why it is encoded so. */
export interface Feature {
  name: string;
  sourceType: ColumnType;
  /** Timestamps only: the source held dates without a time of day. */
  isDate: boolean;
  stats: ColumnStats;
  /** A sentence for `dxo plan`. */
  reason: string;
}

/** Everything decoding needs, as JSON: stored as the `metadata` artifact of a trained model. */
export interface Analysis {
  version: 1;
  rows: number;
  features: Feature[];
  warnings: string[];
}

/** Codes in as few bytes as the cardinality needs; whoever reads them does not care. */
export type CodeArray = Uint8Array | Uint16Array | Int32Array;
/** wire key -> code -> rows that have it. */
export type CodeCounts = ReadonlyMap<string, Uint32Array>;
/** wire key -> codes in row order. */
export type Codes = Map<string, CodeArray>;
