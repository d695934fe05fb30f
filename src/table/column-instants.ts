/**
 * A column as instants, for the datetime encoding: timestamps as they are, text as parsed, numbers as nanoseconds since
 * 1970 (only reached by an override). What is no instant of the years 1000 to 9999 is null and counted.
 */
import type { EncodableColumn } from './column.js';
import { numbersOf } from './column-numbers.js';
import { END_INSTANT_US, FIRST_INSTANT_US, haveFourDigitYears } from './date-parts.js';
import { parseDates } from './parse-dates.js';

const NS_PER_US = 1_000n;

export interface ColumnInstants {
  readonly rows: number;
  /** Microseconds since 1970-01-01 UTC. */
  readonly values: BigInt64Array;
  readonly isNull: Uint8Array;
  /** Cells with a value that is no usable instant. */
  readonly unreadable: number;
}

export function instantsOf(column: EncodableColumn): ColumnInstants {
  switch (column.type) {
    case 'timestamp':
      return fourDigitYears(column.rows, column.values, column.isNull);
    case 'text': {
      const { values, isDate } = parseDates(column.dictionary);
      return collect(column.rows, (row) => {
        const index = column.indices[row]!;
        if (index < 0) return null;
        return isDate[index] === 1 ? values[index] : undefined;
      });
    }
    default: {
      const { rows, values, isNull } = numbersOf(column);
      return collect(rows, (row) => {
        if (isNull[row] === 1) return null;
        const instantUs = BigInt(Math.trunc(values[row]!)) / NS_PER_US;
        return hasFourDigitYear(instantUs) ? instantUs : undefined;
      });
    }
  }
}

function fourDigitYears(rows: number, values: BigInt64Array, isNull: Uint8Array): ColumnInstants {
  if (haveFourDigitYears(values)) return { rows, values, isNull, unreadable: 0 };
  return collect(rows, (row) => {
    if (isNull[row] === 1) return null;
    return hasFourDigitYear(values[row]!) ? values[row] : undefined;
  });
}

function hasFourDigitYear(instantUs: bigint): boolean {
  return instantUs >= FIRST_INSTANT_US && instantUs < END_INSTANT_US;
}

function collect(rows: number, instantAt: (row: number) => bigint | null | undefined): ColumnInstants {
  const values = new BigInt64Array(rows);
  const isNull = new Uint8Array(rows);
  let unreadable = 0;
  for (let row = 0; row < rows; row += 1) {
    const instantUs = instantAt(row);
    if (instantUs === undefined) unreadable += 1;
    if (instantUs === undefined || instantUs === null) isNull[row] = 1;
    else values[row] = instantUs;
  }
  return { rows, values, isNull, unreadable };
}
