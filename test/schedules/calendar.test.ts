/** Two ways of saying the same times are the same calendar, and what is no time is refused in words. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  CALENDAR_FIELDS,
  type CalendarField,
  calendarOf,
  calendarOfCron,
  cronOf,
  numbersIn,
  rangesOf,
} from '../../src/contract/calendar.js';

test.each([
  ['30 2 * * *', '30 2 * * *'],
  ['@daily', '0 0 * * *'],
  ['@weekly', '0 0 * * sun'],
  ['0 4 * * 7', '0 4 * * sun'],
  ['0 4 * * 5-7', '0 4 * * sun,fri-sat'],
  ['0 4 * * MON-Friday', '0 4 * * mon-fri'],
  ['0,15,30,45 * * * *', '*/15 * * * *'],
  ['5/20 * * * *', '5-45/20 * * * *'],
  ['0 0 1 January,7 *', '0 0 1 jan,jul *'],
  ['1,2,3,9 0 * * *', '1-3,9 0 * * *'],
])('cron %s is %s', (line, same) => {
  expect(cronOf(calendarOfCron(line))).toBe(same);
  expect(calendarOfCron(same)).toEqual(calendarOfCron(line));
});

test('named fields say what cron says, and seconds and years beyond it', () => {
  expect(calendarOf({ hour: 2, minute: 30, dayOfWeek: 'mon-fri' })).toEqual(calendarOfCron('30 2 * * mon-fri'));
  expect(cronOf(calendarOf({ second: 5, year: '2027,2028' }))).toBe('5 0 0 * * * 2027-2028');
});

test.each([
  ['61 * * * *', /"61" is not a minute: 0 to 59/],
  ['* 24 * * *', /"24" is not a hour/],
  ['0 0 0 * *', /day of the month: 1 to 31/],
  ['0 0 * 13 *', /month: 1 to 12 or jan to dec/],
  ['0 0 * * 8', /day of the week: 0 to 6 or sun to sat/],
  ['0 0 * * mond', /"mond" is not a day of the week/],
  ['9-5 * * * *', /"9-5"/],
  ['*/0 * * * *', /"\*\/0"/],
  ['1-2-3 * * * *', /"1-2-3"/],
  ['1/2/3 * * * *', /"1\/2\/3"/],
  ['-5 * * * *', /"-5"/],
  ['1, * * * *', /"" is not a minute/],
  ['* * * *', /has 4 fields/],
  ['@fortnightly', /has 1 fields/],
  ['0 0 1 * mon', /both the day of the month and the day of the week/],
])('cron %s is refused', (line, says) => {
  expect(() => calendarOfCron(line)).toThrow(says);
  expect(() => calendarOfCron(line)).toThrow(SyntaxError);
});

const BOUNDS: Record<CalendarField, [number, number]> = {
  second: [0, 59],
  minute: [0, 59],
  hour: [0, 23],
  dayOfMonth: [1, 31],
  month: [1, 12],
  dayOfWeek: [0, 6],
  year: [2020, 2040],
};
const numbers = ([min, max]: [number, number]) =>
  fc.uniqueArray(fc.integer({ min, max }), { minLength: 1 }).map((list) => list.sort((a, b) => a - b));

test('ranges hold the numbers they were made of, no more and no less', () => {
  fc.assert(
    fc.property(numbers([0, 59]), (list) => {
      expect(numbersIn(rangesOf(list))).toEqual(list);
    }),
    { seed: 4 },
  );
});

test('a calendar written as cron and read again is the same', () => {
  const fields = fc.record(
    Object.fromEntries(CALENDAR_FIELDS.map((field) => [field, numbers(BOUNDS[field])])) as Record<
      CalendarField,
      fc.Arbitrary<number[]>
    >,
  );
  fc.assert(
    fc.property(fields, (given) => {
      const calendar = calendarOf(
        Object.fromEntries(Object.entries(given).map(([field, list]) => [field, list.join(',')])),
      );
      expect(calendar).toEqual(given);
      const texts = cronOf(calendar).split(' ');
      const named = texts.length === 5 ? ['0', ...texts, '*'] : texts;
      expect(calendarOf(Object.fromEntries(CALENDAR_FIELDS.map((field, index) => [field, named[index]!])))).toEqual(
        given,
      );
    }),
    { seed: 4 },
  );
});
