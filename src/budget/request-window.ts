/**
 * The organization's sliding window as it looks from here: at most `limit` requests in any `windowMs`, ours and those of
 * whoever else uses the key. A request counts from its arrival, which lies between its sending and its answer; it is
 * given up only a margin after the latest time at which the API can still count it. The API's own word corrects us:
 * `X-RateLimit-Limit` the limit, `X-RateLimit-Remaining` what others use.
 * Pure: the clock is an argument. Not here: whose turn it is (turn-queue.ts).
 */
import type { Leaving } from '../contract/budget.js';
import { CONNECT_TIMEOUT_MS } from '../contract/limits.js';

/** What an answer says of the window. */
export interface RateLimitWord {
  limit: number;
  remaining: number;
}

export interface WindowRecord {
  limit: number;
  ours: Leaving[];
  others: Leaving[];
  silentUntilMs: number;
}

/** A request that is on its way, or has been. */
export interface Sent {
  /** From 1; 0: by the one who spent the budget before. */
  number: number;
  sentAtMs: number;
  leavesAtMs: number;
}

/** Of the window: what clocks, networks and a busy process may differ by. */
const MARGIN_SHARE = 1 / 120;
const MARGIN_MS_MIN = 40;
/** A record rounds up to this share of the window, so that it stays small however high the limit is. */
const RECORD_SHARE = 1 / 120;

/** What the one who spent the budget before has told, and when it may have sent what it did not come to tell. Milliseconds since 1970. */
export type PastWindow = Partial<WindowRecord> & { limit: number; untoldMs?: readonly number[] };

export function openRequestWindow(windowMs: number, { limit, ...past }: PastWindow) {
  const marginMs = Math.max(MARGIN_MS_MIN, windowMs * MARGIN_SHARE);
  let ours: Sent[] = [
    ...timesOf(past.ours).map((leavesAtMs) => leavesAtMs - windowMs - marginMs),
    ...(past.untoldMs ?? []),
  ].map((sentAtMs) => ({ number: 0, sentAtMs, leavesAtMs: sentAtMs + windowMs + marginMs }));
  let others = timesOf(past.others);
  let silentUntilMs = past.silentUntilMs ?? 0;
  let allowed = limit;
  let count = 0;

  const forget = (nowMs: number): void => {
    ours = ours.filter(({ leavesAtMs }) => leavesAtMs > nowMs);
    others = others.filter((leavesAtMs) => leavesAtMs > nowMs);
  };
  const leaving = (): number[] =>
    [...ours.map(({ leavesAtMs }) => leavesAtMs), ...others].sort((one, other) => one - other);

  return {
    /** When the next `count` requests may go, ascending; a time in the past is now. */
    turnsAtMs(nowMs: number, count: number): number[] {
      forget(nowMs);
      const busy = leaving();
      const times: number[] = [];
      for (let index = 0; index < count; index += 1) {
        const freed = busy.length - allowed;
        const atMs = Math.max(freed < 0 ? nowMs : (busy[freed] ?? nowMs), silentUntilMs);
        times.push(atMs);
        busy.push(atMs + windowMs + marginMs);
      }
      return times;
    },

    /** Without an answer it may still be on its way, for as long as a connection may take. */
    send(nowMs: number): Sent {
      count += 1;
      const sent = { number: count, sentAtMs: nowMs, leavesAtMs: nowMs + CONNECT_TIMEOUT_MS + windowMs + marginMs };
      ours.push(sent);
      return sent;
    },

    /** It has certainly arrived by now. */
    arrived(sent: Sent, nowMs: number): void {
      sent.leavesAtMs = Math.min(sent.leavesAtMs, nowMs + windowMs + marginMs);
    },

    /** It was never sent, or was refused for the rate: it takes no place [assumed for a 429]. */
    withdraw(sent: Sent): void {
      ours = ours.filter((one) => one !== sent);
    },

    /** What the API counted when it met this request tells what others use, and the limit. */
    learn(sent: Sent, word: RateLimitWord, nowMs: number): void {
      forget(nowMs);
      allowed = word.limit;
      const known = ours.filter(({ number }) => number <= sent.number).length;
      const foreign = Math.max(0, word.limit - word.remaining - known);
      others.sort((one, other) => one - other);
      others = others.slice(Math.max(0, others.length - foreign));
      while (others.length < foreign) others.push(nowMs + windowMs);
    },

    /** Whether anybody else has been seen in the window. */
    hasOthers(nowMs: number): boolean {
      forget(nowMs);
      return others.length > 0;
    },

    /** No request of ours before then. */
    silence(untilMs: number): void {
      silentUntilMs = Math.max(silentUntilMs, untilMs);
    },

    record(nowMs: number): WindowRecord {
      forget(nowMs);
      const stepMs = windowMs * RECORD_SHARE;
      return {
        limit: allowed,
        ours: leavingOf(
          ours.map(({ leavesAtMs }) => leavesAtMs),
          stepMs,
        ),
        others: leavingOf(others, stepMs),
        silentUntilMs,
      };
    },
  };
}

function leavingOf(timesMs: readonly number[], stepMs: number): Leaving[] {
  const counts = new Map<number, number>();
  for (const atMs of timesMs) {
    const roundedMs = Math.ceil(Math.ceil(atMs / stepMs) * stepMs);
    counts.set(roundedMs, (counts.get(roundedMs) ?? 0) + 1);
  }
  return [...counts].sort(([one], [other]) => one - other);
}

function timesOf(leaving: readonly Leaving[] = []): number[] {
  return leaving.flatMap(([atMs, count]) => new Array<number>(count).fill(atMs));
}
