/** A sliding window over one organization's requests: at most `limit` in any 60 virtual seconds. */
export const WINDOW_MS = 60_000;

export interface WindowView {
  admitted: boolean;
  limit: number;
  remaining: number;
  /** Virtual instant at which the oldest request leaves the window; now, if the window is empty. */
  resetMs: number;
}

export class RateWindow {
  /** Ascending. */
  private admittedMs: number[] = [];
  /** The most requests that any window of 60 s has held. */
  busiest = 0;

  /** Decides and counts in one step. A refused request does not count [assumed], or who is busy would never get in again. */
  admit(nowMs: number, limit: number): WindowView {
    this.forgetBefore(nowMs);
    const admitted = this.admittedMs.length < limit;
    if (admitted) this.count(nowMs);
    return this.view(nowMs, limit, admitted);
  }

  /** A request that was admitted before a restart; a journal has them in the order of their answers. */
  count(atMs: number): void {
    this.forgetBefore(atMs);
    const isLate = atMs < (this.admittedMs.at(-1) ?? atMs);
    this.admittedMs.push(atMs);
    if (isLate) this.admittedMs.sort((a, b) => a - b);
    this.busiest = Math.max(this.busiest, this.admittedMs.length);
  }

  private view(nowMs: number, limit: number, admitted: boolean): WindowView {
    const held = this.admittedMs.length;
    // After a limit was lowered, more than the oldest must leave before the next is admitted.
    const leaving = this.admittedMs[Math.max(0, held - limit)];
    return {
      admitted,
      limit,
      remaining: Math.max(0, limit - held),
      resetMs: (leaving ?? nowMs - WINDOW_MS) + WINDOW_MS,
    };
  }

  private forgetBefore(nowMs: number): void {
    const firstKept = this.admittedMs.findIndex((atMs) => atMs > nowMs - WINDOW_MS);
    this.admittedMs = firstKept < 0 ? [] : this.admittedMs.slice(firstKept);
  }
}
