/**
 * Lets requests pass that fit the quota of rows, and refuses others before they are sent. Before it refuses, it asks whether the jobs that have
 * reserved still run: one that was terminated says nothing when it ends.
 * Not here: the reckoning (row-quota.ts), and waiting for a turn (turns.ts).
 */
import type { QuotaState, Reservation } from '../contract/budget.js';
import { openRowQuota, type QuotaWord, type RowsClaim, type Shortage } from './row-quota.js';

export interface QuotaGate {
  /** Reserves the job's rows. @throws RowsShortError when they do not fit */
  enter(claim: RowsClaim): Promise<void>;
  /** Just before it is sent, since others have been answered while it waited. False: it has to enter again. */
  begin(claim: RowsClaim): boolean;
  /** @param sentAtMs when it was sent */
  billed(claim: RowsClaim, sentAtMs: number): void;
  exceeded(claim: RowsClaim, word: QuotaWord): void;
  /** The job is ending. */
  release(run: string): void;
  /** Among the jobs that have begun to get their rows; Infinity: it has not. */
  placeOf(run: string): number;
  state(): QuotaState;
}

export interface QuotaGateOptions {
  /** Rows that the plan allows in a period, if the operator says so. */
  setting?: number | undefined;
  /** What the one before has told. */
  past?: QuotaState | undefined;
  /** Whether the run has not ended; true where nobody knows. */
  isRunning: (reservation: Reservation) => Promise<boolean>;
  now?: () => number;
}

/** There are not enough rows for the job; nothing was sent. */
export class RowsShortError extends Error {
  override readonly name = 'RowsShortError';

  constructor(readonly shortage: Shortage) {
    super('The quota of rows does not suffice.');
  }
}

/** Jobs that are asked about at once; the next time others are. */
const ASKED_AT_ONCE = 50;
/** Between two times. */
const ASKING_INTERVAL_MS = 1_000;

export function openQuotaGate({ setting, past, isRunning, now = Date.now }: QuotaGateOptions): QuotaGate {
  const quota = openRowQuota(setting, past, now());
  /** When the run was last asked about. */
  const askedAtMs = new Map<string, number>();
  let lastAskedMs = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;

  /** Frees what ended jobs had reserved. Shared by all that would be refused at once. */
  const askWhoRuns = (run: string): Promise<void> => {
    if (asking !== undefined || now() - lastAskedMs < ASKING_INTERVAL_MS) return asking ?? Promise.resolve();
    lastAskedMs = now();
    const others = quota.othersThan(run);
    const runs = new Set(others.map((one) => one.run));
    for (const known of askedAtMs.keys()) if (!runs.has(known)) askedAtMs.delete(known);
    const longestAgo = others
      .sort((one, other) => (askedAtMs.get(one.run) ?? 0) - (askedAtMs.get(other.run) ?? 0))
      .slice(0, ASKED_AT_ONCE);
    asking = Promise.all(
      longestAgo.map(async (reservation) => {
        askedAtMs.set(reservation.run, now());
        if (!(await isRunning(reservation))) quota.release(reservation.run);
      }),
    )
      .then(() => undefined)
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };

  return {
    async enter(claim) {
      if (quota.reserve(claim, now()) === undefined) return;
      await askWhoRuns(claim.run);
      const shortage = quota.reserve(claim, now());
      if (shortage !== undefined) throw new RowsShortError(shortage);
    },
    begin(claim) {
      if (quota.reserve(claim, now()) !== undefined) return false;
      if (claim.rows > 0) quota.begin(claim.run);
      return true;
    },
    billed: (claim, sentAtMs) => quota.billed(claim, sentAtMs, now()),
    exceeded: (claim, word) => quota.exceeded(claim, word, now()),
    release: (run) => quota.release(run),
    placeOf: (run) => quota.placeOf(run),
    state: () => quota.record(now()),
  };
}
