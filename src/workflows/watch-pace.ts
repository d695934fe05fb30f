/**
 * When a watch looks at the list of models next. Each job's model has a pace of its own: often at first, as the official
 * SDK looks, then rarely, and when its epochs should be done. The soonest sets the time, but looks take no more than
 * their share of the request budget: a tenth, and up to a half of one that nobody else wants.
 */
import { LOOK_DELAYS_MS, WATCH_SHARE } from '../contract/limits.js';

/** Of a budget that nobody else wants. */
const SHARE_MAX = 0.5;
const LOOK_DELAY_MIN_MS = LOOK_DELAYS_MS[0];
const LOOK_DELAY_MAX_MS = Math.max(...LOOK_DELAYS_MS);

export interface Watched {
  /** Looks since it joined. */
  looks: number;
  /** When it was seen last, or joined. Milliseconds since 1970, as all times here. */
  lookedMs: number;
  /** What was seen first and last while it trained. */
  first?: Sight | undefined;
  last?: Sight | undefined;
  epochsMax: number;
}
export interface Sight {
  epoch: number;
  atMs: number;
}

/** What the last look has told of the account. */
export interface LookCost {
  /** When it began. */
  atMs: number;
  /** Requests that it took. */
  pages: number;
  /** Of the request budget. */
  limit: number;
  windowMs: number;
  /** Of the limit, 0..1: what nobody has used or waits for. */
  spare: number;
}

export function nextLookMs(watched: readonly Watched[], cost: LookCost | undefined): number {
  const wanted = Math.min(...watched.map((one) => one.lookedMs + delayOf(one)));
  return cost === undefined ? wanted : Math.max(wanted, cost.atMs + dearnessMs(cost));
}

function delayOf({ looks, first, last, epochsMax }: Watched): number {
  const delayMs = LOOK_DELAYS_MS[looks] ?? LOOK_DELAY_MAX_MS;
  if (first === undefined || last === undefined || last.epoch <= first.epoch) return delayMs;
  const epochMs = (last.atMs - first.atMs) / (last.epoch - first.epoch);
  const leftMs = (epochsMax - last.epoch) * epochMs;
  return Math.min(delayMs, Math.max(LOOK_DELAY_MIN_MS, leftMs));
}

/** How long a look of this cost has to last. */
function dearnessMs({ pages, limit, windowMs, spare }: LookCost): number {
  const isIdle = pages === 1 && spare > SHARE_MAX;
  return Math.ceil((pages * windowMs) / (limit * (isIdle ? spare * SHARE_MAX : WATCH_SHARE)));
}
