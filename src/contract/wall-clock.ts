/**
 * What the clocks of a time zone show at an instant, and back. A wall time is counted in milliseconds as if the clocks
 * stood in UTC, so that its date is read with `getUTC…`. The rules of zones are Intl's, so Node's own; whole seconds.
 */
export const DEFAULT_TIME_ZONE = 'UTC';
export const DAY_MS = 24 * 60 * 60_000;

export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** @throws RangeError for a zone that does not exist */
export function wallMsOf(instantMs: number, timeZone: string): number {
  const parts = formatOf(timeZone).formatToParts(instantMs);
  const numberOf = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(
    numberOf('year'),
    numberOf('month') - 1,
    numberOf('day'),
    numberOf('hour'),
    numberOf('minute'),
    numberOf('second'),
  );
}

/**
 * The instant at which the clocks show this time; where they show it twice the first, where they jump over it as much
 * later, so that the day before 00:30 is never two days before.
 */
export function instantMsOf(wallMs: number, timeZone: string): number {
  const offsetsMs = [wallMs - DAY_MS, wallMs + DAY_MS].map((nearMs) => wallMsOf(nearMs, timeZone) - nearMs);
  const candidatesMs = offsetsMs.map((offsetMs) => wallMs - offsetMs);
  const exactMs = candidatesMs.filter((candidateMs) => wallMsOf(candidateMs, timeZone) === wallMs);
  return exactMs.length > 0 ? Math.min(...exactMs) : Math.max(...candidatesMs);
}

/** Making one takes longer than using it a hundred times. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
}
