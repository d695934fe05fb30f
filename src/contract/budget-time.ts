/**
 * How long a request budget makes things take. At most `limit` requests go in any window: the first `limit` at once, then
 * as many in each window more. Pure: the clock is an argument. Not here: whose turn it is (budget/turn-queue.ts).
 */
import type { BudgetState } from './budget.js';

/** At most `limit` requests in any `windowMs`. */
export type Allowance = Pick<BudgetState, 'limit' | 'windowMs'>;

/** What an organization has unless its plan says otherwise [doc]. */
export const DOCUMENTED_ALLOWANCE: Allowance = { limit: 60, windowMs: 60_000 };

/** From the first of the requests to the last, in ms, where nobody else asks: 0 for as many as go at once. */
export function budgetTimeMs(requests: number, { limit, windowMs }: Allowance): number {
  return Math.floor(Math.max(0, requests - 1) / limit) * windowMs;
}

/**
 * When the last of so many further requests may go, behind all that wait already: never before `nowMs`, and no sooner for
 * more requests. In ms since 1970.
 */
export function lastTurnAtMs(state: BudgetState, requests: number, nowMs: number): number {
  if (requests <= 0) return nowMs;
  const startMs = Math.max(nowMs, state.silentUntilMs);
  const busyMs = [...state.ours, ...state.others]
    .flatMap(([atMs, count]) => new Array<number>(count).fill(atMs))
    .filter((atMs) => atMs > startMs)
    // One without an answer is given longer; it has most likely arrived.
    .map((atMs) => Math.min(atMs, startMs + state.windowMs))
    .sort((one, other) => one - other);
  const ahead = Object.values(state.waiting).reduce((sum, count) => sum + count, 0);
  // The places that are free now, then those that the window gives back one by one; after a window, the same again.
  const last = ahead + requests - 1;
  const windows = Math.floor(last / state.limit);
  const freed = (last % state.limit) + busyMs.length - state.limit;
  return Math.max(startMs, busyMs[freed] ?? startMs) + windows * state.windowMs;
}
