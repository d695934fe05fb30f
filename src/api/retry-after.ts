/** `Retry-After`: seconds, with or without a fraction, or an HTTP date [doc][sdk]. Pure: now is an argument. */

/** More is not believed: the official SDK caps it here too [sdk]. */
export const RETRY_AFTER_MS_MAX = 60 * 60 * 1000;

/** Milliseconds to wait; undefined if the header is absent, negative, in the past or unreadable [sdk]. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  const delayMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : delayUntil(text, nowMs);
  if (delayMs === undefined || delayMs < 0) return undefined;
  return Math.min(Math.ceil(delayMs), RETRY_AFTER_MS_MAX);
}

/** Only dates that begin with a weekday's name: Date.parse alone would take `-5` for a year. */
function delayUntil(text: string, nowMs: number): number | undefined {
  if (!/^(mon|tue|wed|thu|fri|sat|sun)/i.test(text)) return undefined;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : atMs - nowMs;
}
