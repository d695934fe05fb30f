/**
 * Every guess of this emulator in one place: what no document says and an emulator must decide all the same.
 * docs/sandbox.md tells people the same list. What is documented ([doc], [ref]) or seen on the wire ([sdk]) is not here.
 */

/** Answers kept under an idempotency key. Refusals are kept too: `model_not_ready` and `quota_exceeded` coming back for a
 *  day are the hard case for a client. The Python SDK repeats 408, 429 and 5xx under one key, so those cannot be kept. */
export function isStoredUnderKey(status: number): boolean {
  return (status >= 200 && status < 300) || status === 400 || status === 402 || status === 404;
}

/** A longer key is refused. */
export const IDEMPOTENCY_KEY_CHARS_MAX = 255;
/** Tells a stored answer from a fresh one; a client needs neither to know. */
export const REPLAYED_HEADER = 'idempotent-replayed';

/** `GET /v1/models`: page sizes, in models. */
export const LIST_LIMIT_DEFAULT = 20;
export const LIST_LIMIT_MAX = 100;

/** `building` lasts this long after `train`, whose own answer already says `training` [sdk]. */
export const BUILDING_MS = 1_000;
/** Training speed of the imagined cluster, and the shortest epoch. */
export const ROWS_PER_SECOND = 20_000;
export const EPOCH_SECONDS_MIN = 0.1;

/** The billing period is the calendar month in UTC, written like this. */
export function periodOf(virtualMs: number): string {
  return new Date(virtualMs).toISOString().slice(0, 7);
}
export function periodEndMs(virtualMs: number): number {
  const at = new Date(virtualMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1);
}
export const UPGRADE_URL = 'https://dataxid.com/pricing';
