/**
 * Texts of one column as instants (data-plane 3.5.1). The SDK parses a column three times and combines the results;
 * what comes of it is one order of day and month for the whole column:
 * - every date fits the format of the first one: the order of that first one (month first, unless it cannot be);
 * - the formats are mixed: day first;
 * - the first has no format the SDK can infer (a two-digit year): month first.
 */
import { type DateReading, type DayOrder, instantOf, readDate } from './parse-date.js';

/** @returns for each text its instant in microseconds since 1970 UTC; undefined where it is not a date */
export function parseDates(textsInOrderOfAppearance: readonly string[]): (bigint | undefined)[] {
  const readings = textsInOrderOfAppearance.map(readDate);
  const order = orderOf(readings);
  return readings.map((reading) => reading && instantOf(reading, order));
}

/** Whether a text on its own is a date. */
export function isDate(text: string): boolean {
  const reading = readDate(text);
  return reading !== undefined && instantOf(reading, 'month-first') !== undefined;
}

function orderOf(readings: readonly (DateReading | undefined)[]): DayOrder {
  const dates = readings.filter((reading): reading is DateReading => {
    return reading !== undefined && instantOf(reading, 'month-first') !== undefined;
  });
  const [first] = dates;
  if (first?.shape === undefined) return 'month-first';
  const order: DayOrder = first.isAmbiguous && first.first > 12 ? 'day-first' : 'month-first';
  const isUniform = dates.every((date) => date.shape === first.shape && instantOf(date, order, true) !== undefined);
  return isUniform ? order : 'day-first';
}
