import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  dayAndTimeOf,
  formatInstant,
  formOf,
  InstantReader,
  microsecondsOf,
  parseInstant,
  writeDateParts,
  writeInstant,
} from '../../src/table/date-parts.js';
import { isDate, parseDates } from '../../src/table/parse-dates.js';

const SEEDED = { seed: 5, numRuns: 2_000 };

function parsed(...texts: string[]): (string | null)[] {
  const { values, isDate: found } = parseDates(texts);
  return Array.from(values, (instant, place) =>
    found[place] === 0 ? null : formatInstant(instant, formOf(BigInt64Array.of(instant))),
  );
}

describe('parseDates', () => {
  test.each<[string[], string[]]>([
    [
      ['01/02/2020', '02/03/2020'],
      ['2020-01-02', '2020-02-03'],
    ],
    [
      ['01/02/2020', '13/02/2020'],
      ['2020-02-01', '2020-02-13'],
    ],
    [
      ['13/02/2020', '01/02/2020'],
      ['2020-02-13', '2020-02-01'],
    ],
    [
      ['2020-01-01', '2020-01-02 10:00:00', '01/02/2020'],
      ['2020-01-01', '2020-01-02 10:00:00', '2020-02-01'],
    ],
    [
      ['5.1.2020', '6.2.2020'],
      ['2020-05-01', '2020-06-02'],
    ],
    [
      ['5.1.2020', '13.1.2020'],
      ['2020-01-05', '2020-01-13'],
    ],
    [
      ['12/31/99', '01/02/2020'],
      ['1999-12-31', '2020-01-02'],
    ],
  ])('one column has one order of day and month: %j', (texts, dates) => {
    expect(parsed(...texts)).toEqual(dates);
  });

  test('a text that is no date changes nothing for the others', () => {
    expect(parsed('unknown', '01/02/2020', 'n.a.', '12/31/2020')).toEqual([null, '2020-01-02', null, '2020-12-31']);
  });

  test.each([
    ['2020', '2020-01-01'],
    ['2020-01', '2020-01-01'],
    ['2020/01/05', '2020-01-05'],
    ['2021.12.31', '2021-12-31'],
    ['20200105', '2020-01-05'],
    ['Jan 5, 2020', '2020-01-05'],
    ['6 Feb 2021', '2021-02-06'],
    ['5 January 2021', '2021-01-05'],
    ['Fri, 05 Jan 2018', '2018-01-05'],
    ['Jan 2021', '2021-01-01'],
    ['2021Q2', '2021-04-01'],
    ['12/31/99', '1999-12-31'],
    ['2/26/68', '2068-02-26'],
    ['  2021-01-05 ', '2021-01-05'],
    ['2021-13-01', '2021-01-13'],
    ['01/05/2021 8:05 PM', '2021-01-05 20:05:00'],
    ['01/05/2021 12:05 AM', '2021-01-05 00:05:00'],
    ['2021-01-05 08', '2021-01-05 08:00:00'],
    ['202101050830', '2021-01-05 08:30:00'],
    ['20210105083059', '2021-01-05 08:30:59'],
    ['20210105T080000Z', '2021-01-05 08:00:00'],
    ['2021-01-05 08:00:00,250', '2021-01-05 08:00:00'],
    ['2021-01-05T08:00:00.1234567', '2021-01-05 08:00:00.123456'],
    ['2021-01-05 08:00 EST', '2021-01-05 08:00:00'],
    ['2020-01-01T10:00:00+03:00', '2020-01-01 07:00:00'],
    ['2020-01-01T10:00:00-0330', '2020-01-01 13:30:00'],
    ['2020-01-01T01:00:00+03', '2019-12-31 22:00:00'],
  ])('%s is %s', (text, date) => {
    expect(parsed(text)).toEqual([date]);
  });

  test.each([
    [
      '2021-W05-1',
      '2021-060',
      '2021-01-05T24:00:00',
      '2021-01-05T08:00:60',
      '-2021-01-05',
      '5 Ocak 2021',
      '1.5',
      '12345',
    ],
    ['NaT', 'nan', 'None', '', ' ', '2020-02-30', '1577836800', '2020-W01', '0999-01-01', '2021-01-05 08:00 13 PM'],
    // These the SDK reads by its clock; the same table must not change with the day.
    ['now', 'today', '10:30'],
  ])('are no dates: %s, %s, %s, …', (...texts) => {
    expect(texts.map(isDate)).toEqual(texts.map(() => false));
  });

  test('never throws, whatever the texts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.stringMatching(/^[0-9/:. TZ+-]{1,20}$/)), { maxLength: 5 }),
        (texts) => {
          expect(parsed(...texts)).toHaveLength(texts.length);
        },
      ),
      SEEDED,
    );
  });
});

describe('date parts', () => {
  const anyDate = fc.date({
    min: new Date('1000-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  });

  test('are those of the calendar that JavaScript has', () => {
    fc.assert(
      fc.property(anyDate, (date) => {
        const parts = new Int32Array(9);
        writeDateParts(BigInt(date.getTime()) * 1000n + 999n, parts);
        const ms = date.getUTCMilliseconds();
        expect(Array.from(parts)).toEqual([
          date.getUTCFullYear(),
          date.getUTCMonth() + 1,
          date.getUTCDate(),
          date.getUTCHours(),
          date.getUTCMinutes(),
          date.getUTCSeconds(),
          Math.floor(ms / 100),
          Math.floor(ms / 10) % 10,
          ms % 10,
        ]);
        const midnight = microsecondsOf(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
        expect(midnight).toBe(BigInt(Math.floor(date.getTime() / 86_400_000)) * 86_400_000_000n);
      }),
      SEEDED,
    );
  });

  test('a written instant reads back, and parses as text to the same', () => {
    fc.assert(
      fc.property(anyDate, fc.constantFrom(0n, 1n, 999n), (date, more) => {
        const instant = BigInt(date.getTime()) * 1000n + more;
        const text = formatInstant(instant, formOf(BigInt64Array.of(instant)));
        expect(parseInstant(text)).toBe(instant);
        expect([...parseDates([text]).values]).toEqual([instant]);
      }),
      SEEDED,
    );
  });
});

describe('an array of instants', () => {
  const instant = fc.bigInt({ min: microsecondsOf(1000, 1, 1), max: microsecondsOf(10_000, 1, 1) - 1n });
  const parts = () => new Int32Array(9);

  test('is read to the same parts as its bigints, and written back', () => {
    fc.assert(
      fc.property(instant, (given) => {
        const [read, expected] = [parts(), parts()];
        new InstantReader(BigInt64Array.of(0n, given)).writeParts(1, read);
        writeDateParts(given, expected);
        expect(read).toEqual(expected);
        const written = new BigInt64Array(2);
        writeInstant(new Int32Array(written.buffer), 1, dayAndTimeOf(given));
        expect([...written]).toEqual([0n, given]);
      }),
      SEEDED,
    );
  });

  test('is read within its bounds', () => {
    fc.assert(
      fc.property(instant, instant, instant, (given, one, other) => {
        const [min, max] = one < other ? [one, other] : [other, one];
        const [read, expected] = [parts(), parts()];
        new InstantReader(BigInt64Array.of(given), min, max).writeParts(0, read);
        writeDateParts(given < min ? min : given > max ? max : given, expected);
        expect(read).toEqual(expected);
      }),
      SEEDED,
    );
  });
});
