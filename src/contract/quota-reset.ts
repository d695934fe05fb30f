/** When the quota of rows resets: the API's own word, else the next month in UTC: quotas are monthly [doc], the day is assumed. */

/** @param resetsAt ISO 8601, where the API has said one. @returns milliseconds since 1970 */
export function quotaResetMs(resetsAt: string | undefined, nowMs: number): number {
  const told = resetsAt === undefined ? Number.NaN : Date.parse(resetsAt);
  if (!Number.isNaN(told)) return told;
  const now = new Date(nowMs);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
}
