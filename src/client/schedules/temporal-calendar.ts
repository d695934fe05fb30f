/** A calendar as Temporal takes it, in ranges and with names for months and days, and back. */
import { DAYS_OF_WEEK, MONTHS, type ScheduleDescription, type ScheduleSpec } from '@temporalio/client';
import { type Calendar, cronOf, type NumberRange, numbersIn, rangesOf } from '../../contract/calendar.js';

type TemporalCalendar = NonNullable<ScheduleSpec['calendars']>[number];

/** With the cron line as its comment, which the Web UI shows. */
export function temporalCalendarOf(calendar: Calendar): TemporalCalendar {
  return {
    second: rangesOf(calendar.second),
    minute: rangesOf(calendar.minute),
    hour: rangesOf(calendar.hour),
    dayOfMonth: rangesOf(calendar.dayOfMonth),
    month: namedRanges(calendar.month, (number) => MONTHS[number - 1]!),
    dayOfWeek: namedRanges(calendar.dayOfWeek, (number) => DAYS_OF_WEEK[number]!),
    year: calendar.year.length === 0 ? '*' : rangesOf(calendar.year),
    comment: cronOf(calendar),
  };
}

function namedRanges<Name>(numbers: readonly number[], nameOf: (number: number) => Name) {
  return rangesOf(numbers).map(({ start, end, step }) => ({ start: nameOf(start), end: nameOf(end), step }));
}

type DescribedCalendar = NonNullable<ScheduleDescription['spec']['calendars']>[number];

export function calendarOfTemporal(calendar: DescribedCalendar): Calendar {
  const numbered = <Name>(
    ranges: readonly { start: Name; end: Name; step: number }[],
    numberOf: (name: Name) => number,
  ) =>
    numbersIn(
      ranges.map(({ start, end, step }): NumberRange => ({ start: numberOf(start), end: numberOf(end), step })),
    );
  return {
    second: numbersIn(calendar.second),
    minute: numbersIn(calendar.minute),
    hour: numbersIn(calendar.hour),
    dayOfMonth: numbersIn(calendar.dayOfMonth),
    month: numbered(calendar.month, (name) => MONTHS.indexOf(name) + 1),
    dayOfWeek: numbered(calendar.dayOfWeek, (name) => DAYS_OF_WEEK.indexOf(name)),
    year: numbersIn(calendar.year),
  };
}
