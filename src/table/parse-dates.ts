/**
 * Texts of one column as instants (data-plane 3.5.1). The SDK parses a column three times and combines the results;
 * what comes of it is one order of day and month for the whole column:
 * - every date fits the format of the first one: the order of that first one (month first, unless it cannot be);
 * - the formats are mixed: day first;
 * - the first has no format the SDK can infer (a two-digit year): month first.
 */
import type { Texts } from './column.js';
import { type DateReading, type DayOrder, instantOf, readDate } from './parse-date.js';

export interface ParsedDates {
  /** Microseconds since 1970 UTC; 0 where the text is no date. */
  readonly values: BigInt64Array;
  readonly isDate: Uint8Array;
}

/** Each text is read twice, once for the order and once for its value: millions of readings would not fit in memory. */
export function parseDates(textsInOrderOfAppearance: Texts): ParsedDates {
  const order = orderOf(textsInOrderOfAppearance);
  const values = new BigInt64Array(textsInOrderOfAppearance.length);
  const isDate = new Uint8Array(textsInOrderOfAppearance.length);
  let place = 0;
  for (const text of textsInOrderOfAppearance) {
    const reading = readDate(text);
    const instantUs = reading && instantOf(reading, order);
    if (instantUs !== undefined) {
      values[place] = instantUs;
      isDate[place] = 1;
    }
    place += 1;
  }
  return { values, isDate };
}

/** Whether a text on its own is a date. */
export function isDate(text: string): boolean {
  const reading = readDate(text);
  return reading !== undefined && instantOf(reading, 'month-first') !== undefined;
}

function orderOf(texts: Texts): DayOrder {
  let first: DateReading | undefined;
  let order: DayOrder = 'month-first';
  for (const text of texts) {
    const date = readDate(text);
    if (date === undefined || instantOf(date, 'month-first') === undefined) continue;
    if (first === undefined) {
      first = date;
      if (first.shape === undefined) return 'month-first';
      order = first.isAmbiguous && first.first > 12 ? 'day-first' : 'month-first';
    }
    if (date.shape !== first.shape || instantOf(date, order, true) === undefined) return 'day-first';
  }
  return order;
}
