/**
 * Which encoding a column gets when the request names none: the SDK's rules under pandas 2, by type, number of distinct
 * values and, for text, by name (data-plane 2.2).
 * Departures: no rule 2, which makes numbers categorical because `population` contains `lat` (BUG-2); text is looked at
 * whatever pandas' version (BUG-4).
 */
import type { EncodingType } from '../contract/encoding.js';
import { firstCodePoints } from './code-points.js';
import type { EncodableColumn, FloatColumn, IntegerColumn, TextColumn, Texts } from './column.js';
import { isDate } from './parse-dates.js';

export interface Detection {
  encoding: EncodingType;
  /** A sentence for `dxo plan`. */
  reason: string;
}

const DISCRETE_DISTINCT_MAX = 100;
const CATEGORICAL_DISTINCT_MAX = 20;
const CHARACTER_DISTINCT_MIN = 101;
const CHARACTER_MEAN_LENGTH_BELOW = 20;
const LENGTH_SAMPLE_ROWS = 100;
const DATE_SAMPLE_ROWS = 200;
const DATE_SHARE_MIN = 0.8;

const DATE_NAME = /date|time|timestamp|datetime|created|updated|_at$|_dt$|_ts$/i;
const IDENTIFIER_NAME = /^(?:id|code|ref|key)$|_(?:id|code|ref|key)$|^(?:uuid|guid|sku)/i;

export function detectEncoding(column: EncodableColumn): Detection {
  switch (column.type) {
    case 'timestamp':
      return { encoding: 'TABULAR_DATETIME', reason: 'timestamp: year, month, day and so on are codes of their own' };
    case 'boolean':
      return { encoding: 'TABULAR_CATEGORICAL', reason: 'boolean: true and false are codes' };
    case 'integer':
    case 'float':
      return detectNumeric(column);
    case 'text':
      return detectText(column);
  }
}

function detectNumeric(column: IntegerColumn | FloatColumn): Detection {
  const distinct = countDistinct(column, DISCRETE_DISTINCT_MAX + 1);
  if (column.type === 'integer' && distinct <= DISCRETE_DISTINCT_MAX) {
    return {
      encoding: 'TABULAR_NUMERIC_DISCRETE',
      reason: `integer with ${values(distinct)}: each value is its own code`,
    };
  }
  if (distinct <= CATEGORICAL_DISTINCT_MAX) {
    return {
      encoding: 'TABULAR_CATEGORICAL',
      reason: `${column.type} with ${values(distinct)}: each value is its own code`,
    };
  }
  return {
    encoding: 'TABULAR_NUMERIC_BINNED',
    reason: `${column.type} with more than ${column.type === 'integer' ? DISCRETE_DISTINCT_MAX : CATEGORICAL_DISTINCT_MAX} distinct values: intervals between quantiles are codes`,
  };
}

function detectText(column: TextColumn<Texts>): Detection {
  const distinct = column.dictionary.length;
  if (DATE_NAME.test(column.name) && looksLikeDate(column)) {
    return {
      encoding: 'TABULAR_DATETIME',
      reason: 'text that holds dates, under the name of a date: its parts are codes',
    };
  }
  if (distinct > 0 && IDENTIFIER_NAME.test(column.name)) {
    return { encoding: 'TABULAR_CHARACTER', reason: 'text under the name of an identifier: each character is a code' };
  }
  if (distinct >= CHARACTER_DISTINCT_MIN && meanLength(column) < CHARACTER_MEAN_LENGTH_BELOW) {
    return { encoding: 'TABULAR_CHARACTER', reason: `short text with ${values(distinct)}: each character is a code` };
  }
  return { encoding: 'TABULAR_CATEGORICAL', reason: `text with ${values(distinct)}: each value is its own code` };
}

function values(distinct: number): string {
  return distinct === 1 ? '1 distinct value' : `${distinct} distinct values`;
}

/** Distinct non-null values, counted up to `enough`. */
function countDistinct(column: IntegerColumn | FloatColumn, enough: number): number {
  const seen = new Set<number | bigint>();
  for (let row = 0; row < column.rows && seen.size < enough; row += 1) {
    if (column.isNull[row] === 1) continue;
    seen.add((column.type === 'integer' ? column.exact?.get(row) : undefined) ?? column.values[row]!);
  }
  return seen.size;
}

function looksLikeDate(column: TextColumn<Texts>): boolean {
  const sample = firstTexts(column, DATE_SAMPLE_ROWS);
  return sample.length > 0 && sample.filter(isDate).length / sample.length >= DATE_SHARE_MIN;
}

function meanLength(column: TextColumn<Texts>): number {
  const sample = firstTexts(column, LENGTH_SAMPLE_ROWS);
  const codePoints = sample.reduce((sum, text) => sum + firstCodePoints(text, text.length).length, 0);
  return codePoints / sample.length;
}

/** The texts of the first non-null rows. */
function firstTexts({ dictionary, indices }: TextColumn<Texts>, count: number): string[] {
  const texts: string[] = [];
  for (let row = 0; row < indices.length && texts.length < count; row += 1) {
    if (indices[row]! >= 0) texts.push(dictionary.at(indices[row]!)!);
  }
  return texts;
}
