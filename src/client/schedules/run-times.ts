/**
 * At which instants a schedule is due, computed here, since Temporal answers only for schedules that exist, and with the
 * jitter that it drew. Held against the server by a test: a wall time that the clocks jump over is no run, one that they
 * show twice is two (but see docs/schedules.md for the night in which the clocks are set back).
 */
import type { Calendar } from '../../contract/calendar.js';
import { DAY_MS, wallMsOf } from '../../contract/wall-clock.js';

/** Steps from the epoch on. */
interface Interval {
  everyMs: number;
  offsetMs: number;
}

export interface RunTimes {
  calendars: readonly Calendar[];
  intervals: readonly Interval[];
  /** Times of these are no runs. */
  skip: readonly Calendar[];
  timeZone: string;
  startMs?: number | undefined;
  endMs?: number | undefined;
}

/** The offset of a zone changes at quarters of an hour; so within one, wall time and instant go side by side. */
const QUARTER_MS = 15 * 60_000;
/** Clocks change by less than this at once, so that a jump to the next day begins before it. */
const SHIFT_MS_MAX = 3 * 60 * 60_000;
const SECOND_MS = 1_000;

/** Instants from `fromMs` on (included), in order, until `untilMs` (excluded). @unit milliseconds */
export function* runTimesFrom(times: RunTimes, fromMs: number, untilMs: number): Generator<number> {
  const beginMs = Math.max(fromMs, times.startMs ?? Number.NEGATIVE_INFINITY);
  const endMs = Math.min(untilMs, (times.endMs ?? Number.POSITIVE_INFINITY) + 1);
  for (let quarterMs = beginMs - (beginMs % QUARTER_MS); quarterMs < endMs; ) {
    const wallMs = wallMsOf(quarterMs, times.timeZone);
    const isDay = times.calendars.some((calendar) => matchesDay(calendar, wallMs));
    if (!isDay) {
      const stepsMs = times.intervals.map((interval) => nextStepMs(interval, quarterMs) - quarterMs);
      const jumpMs = Math.min(msToNextDay(times.calendars, wallMs, endMs - quarterMs), ...stepsMs);
      if (jumpMs >= QUARTER_MS) {
        quarterMs += jumpMs - (jumpMs % QUARTER_MS);
        continue;
      }
    }
    const seconds = new Set<number>();
    for (const calendar of times.calendars) addMatches(seconds, calendar, wallMs);
    for (const interval of times.intervals) addSteps(seconds, interval, quarterMs);
    for (const second of [...seconds].sort((a, b) => a - b)) {
      const instantMs = quarterMs + second * SECOND_MS;
      const isSkipped = times.skip.some((calendar) => matches(calendar, wallMs + second * SECOND_MS));
      if (!isSkipped && instantMs >= beginMs && instantMs < endMs) yield instantMs;
    }
    quarterMs += QUARTER_MS;
  }
}

/** Nobody plans further ahead; the 29th of February on one day of the week comes within it. */
const HORIZON_MS = 41 * 366 * DAY_MS;

/** The next runs after an instant: fewer than `count` where the schedule ends. */
export function nextRunTimes(times: RunTimes, afterMs: number, count: number): Date[] {
  const next: Date[] = [];
  for (const instantMs of runTimesFrom(times, afterMs + 1, afterMs + HORIZON_MS)) {
    next.push(new Date(instantMs));
    if (next.length >= count) break;
  }
  return next;
}

/** How far back is looked, a little first: most schedules run every day. */
const LOOK_BACK_MS = [DAY_MS / 24, DAY_MS, 8 * DAY_MS, 32 * DAY_MS, 400 * DAY_MS];

/** The last run that was due before an instant and after another; looks back 400 days at most. */
export function lastRunTime(times: RunTimes, afterMs: number, beforeMs: number): Date | undefined {
  for (const backMs of LOOK_BACK_MS) {
    let lastMs: number | undefined;
    for (const instantMs of runTimesFrom(times, Math.max(afterMs + 1, beforeMs - backMs), beforeMs)) lastMs = instantMs;
    if (lastMs !== undefined) return new Date(lastMs);
    if (beforeMs - backMs <= afterMs) return undefined;
  }
  return undefined;
}

/** From a day that does not match to a little before the next one that does, or to the end. */
function msToNextDay(calendars: readonly Calendar[], wallMs: number, leftMs: number): number {
  let nextDayMs = DAY_MS - (wallMs % DAY_MS);
  const matchesNext = (calendar: Calendar): boolean => matchesDay(calendar, wallMs + nextDayMs);
  while (nextDayMs < leftMs + DAY_MS && !calendars.some(matchesNext)) nextDayMs += DAY_MS;
  return Math.max(QUARTER_MS, nextDayMs - SHIFT_MS_MAX);
}

/** Seconds of the quarter that begins at the wall time. */
function addMatches(seconds: Set<number>, calendar: Calendar, wallMs: number): void {
  const wall = new Date(wallMs);
  if (!matchesDay(calendar, wallMs) || !calendar.hour.includes(wall.getUTCHours())) return;
  const firstMinute = wall.getUTCMinutes();
  for (const minute of calendar.minute) {
    if (minute < firstMinute || minute >= firstMinute + 15) continue;
    for (const second of calendar.second) seconds.add((minute - firstMinute) * 60 + second);
  }
}

function addSteps(seconds: Set<number>, interval: Interval, quarterMs: number): void {
  let stepMs = nextStepMs(interval, quarterMs);
  for (; stepMs < quarterMs + QUARTER_MS; stepMs += interval.everyMs) seconds.add((stepMs - quarterMs) / SECOND_MS);
}

/** The first step of an interval at an instant or after it. */
function nextStepMs({ everyMs, offsetMs }: Interval, fromMs: number): number {
  return offsetMs + Math.ceil((fromMs - offsetMs) / everyMs) * everyMs;
}

function matches(calendar: Calendar, wallMs: number): boolean {
  const wall = new Date(wallMs);
  return (
    matchesDay(calendar, wallMs) &&
    calendar.hour.includes(wall.getUTCHours()) &&
    calendar.minute.includes(wall.getUTCMinutes()) &&
    calendar.second.includes(wall.getUTCSeconds())
  );
}

function matchesDay({ dayOfMonth, month, dayOfWeek, year }: Calendar, wallMs: number): boolean {
  const wall = new Date(wallMs);
  return (
    dayOfMonth.includes(wall.getUTCDate()) &&
    month.includes(wall.getUTCMonth() + 1) &&
    dayOfWeek.includes(wall.getUTCDay()) &&
    (year.length === 0 || year.includes(wall.getUTCFullYear()))
  );
}
