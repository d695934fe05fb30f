/**
 * One column out of several that were drawn for the same rows (data-plane 8.9): for each row the value that came most often
 * (of those that tie the smallest), the mean or the median, nulls aside. Texts and booleans have no mean and take the mode.
 */
import type { ImputePick } from '../contract/requests.js';
import { compareCodePoints } from './code-points.js';
import type { Column, PlainColumn, TimestampColumn } from './column.js';
import { integerAt, textOf } from './column-text.js';
import { type DecodedNumber, numberColumn } from './decode/number-column.js';
import { textColumn } from './decode/text-column.js';
import { asColumn } from './packed-texts.js';
import { roundHalfEven } from './round-half-even.js';

/** @param drawn the same column of the same rows, of one type; at least one */
export function pickOverTrials(drawn: readonly PlainColumn[], pick: ImputePick): Column {
  const trials = drawn.map(asColumn);
  const [{ name, rows, type }] = trials as [Column];
  switch (type) {
    case 'text':
      return pickText(trials);
    case 'timestamp':
      return pickInstants(trials as readonly TimestampColumn[], pick);
    case 'boolean':
      return numberColumn(name, type, rows, (row) => modeOf(numbersAt(trials, row), ascending) ?? null);
    default: {
      const isWhole = type === 'integer';
      return numberColumn(name, type, rows, (row) => pickNumber(numbersAt(trials, row), pick, isWhole));
    }
  }
}

function pickText(trials: readonly Column[]): Column {
  const { name, rows } = trials[0]!;
  const texts = trials.map((trial) => textOf(trial));
  const dictionary = [...new Set(texts.flatMap((text) => text.dictionary))].sort(compareCodePoints);
  const places = new Map(dictionary.map((text, place) => [text, place]));
  const placesOf = texts.map((text) => text.dictionary.map((entry) => places.get(entry)!));
  return textColumn(name, rows, dictionary, (row) => {
    const drawn = texts.flatMap(({ indices }, trial) => (indices[row]! < 0 ? [] : placesOf[trial]![indices[row]!]!));
    return modeOf(drawn, ascending) ?? -1;
  });
}

function pickInstants(trials: readonly TimestampColumn[], pick: ImputePick): Column {
  const [first] = trials as [TimestampColumn];
  const values = new BigInt64Array(first.rows);
  const isNull = new Uint8Array(first.rows);
  for (let row = 0; row < first.rows; row += 1) {
    const drawn = trials.flatMap((trial) => (trial.isNull[row] === 1 ? [] : trial.values[row]!)).sort(ascending);
    if (drawn.length === 0) isNull[row] = 1;
    else if (pick === 'mode') values[row] = modeOf(drawn, ascending)!;
    else {
      const taken = pick === 'mean' ? drawn : middleOf(drawn);
      values[row] = taken.reduce((sum, instant) => sum + instant, 0n) / BigInt(taken.length);
    }
  }
  return { ...first, values, isNull };
}

function pickNumber(drawn: (number | bigint)[], pick: ImputePick, isWhole: boolean): DecodedNumber {
  if (pick === 'mode' || drawn.length === 0) return modeOf(drawn, ascending) ?? null;
  const taken = pick === 'mean' ? drawn : middleOf(drawn.sort(ascending));
  if (taken.length === 1) return taken[0]!;
  const mean = taken.reduce<number>((sum, number) => sum + Number(number), 0) / taken.length;
  return isWhole ? roundHalfEven(mean) : mean;
}

/** What the trials drew for a row, nulls left out. */
function numbersAt(trials: readonly Column[], row: number): (number | bigint)[] {
  return trials.flatMap((trial) => {
    if (trial.type === 'text' || trial.isNull[row] === 1) return [];
    return trial.type === 'integer' ? integerAt(trial, row) : (trial.values[row] as number);
  });
}

/** Most frequent, the first in order of those that tie; undefined of nothing. */
function modeOf<T>(drawn: T[], compare: (a: T, b: T) => number): T | undefined {
  drawn.sort(compare);
  let mode: T | undefined;
  let most = 0;
  let start = 0;
  for (let i = 1; i <= drawn.length; i += 1) {
    if (i < drawn.length && compare(drawn[i]!, drawn[start]!) === 0) continue;
    if (i - start > most) [mode, most] = [drawn[start], i - start];
    start = i;
  }
  return mode;
}

/** The one in the middle, or the two of an even number. */
function middleOf<T>(sorted: readonly T[]): T[] {
  const half = sorted.length >> 1;
  return sorted.slice(sorted.length % 2 === 1 ? half : half - 1, half + 1);
}

function ascending(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
