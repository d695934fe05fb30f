/**
 * The organization's quota of rows as it looks from here: how many the plan allows in a period, how many are used, and how many
 * the jobs that have begun will still need. A job reserves all its rows with its first claim, before its training is paid
 * for, or is refused; so jobs finish one after the other, and do not all stop at nine tenths.
 * Without a limit, from a setting or from a 402, nobody is refused. What is known may be wrong (a plan was raised, others use the key),
 * so it never locks anyone out: once it is old, one job is let through, and the API's answer to it teaches.
 * Pure: the clock is an argument. Not here: whether a job that has reserved still runs (quota-gate.ts).
 */
import type { QuotaState, Reservation } from '../contract/budget.js';
import { quotaResetMs } from '../contract/quota-reset.js';

/** What a request has to do with the quota, as its job knows it. */
export interface RowsWanted {
  /** Billed by this request; 0: a creation. */
  rows: number;
  /** What the job will still be billed, this request included. */
  rowsLeft: number;
  /** The job was held and goes on: the reset has come, or somebody has said so. */
  isAskedAgain: boolean;
  /** An attempt before may have been carried out: only the API can say what became of it. */
  mayHaveBeenSent: boolean;
}

export interface RowsClaim extends RowsWanted {
  /** Workflow id. */
  job: string;
  run: string;
}

/** Why a claim was refused. Rows. */
export interface Shortage {
  used: number;
  limit: number;
  needed: number;
  /** By jobs that came first, and how many these are. */
  reserved: number;
  reservedBy: number;
  resetsAtMs: number;
}

/** What a 402 says; every number may be missing [sdk]. */
export interface QuotaWord {
  used?: number | undefined;
  limit?: number | undefined;
  /** ISO 8601. */
  resetsAt?: string | undefined;
}

/** What the API said longer ago is worth asking about again. */
export const QUOTA_WORD_MS = 15_000;
/** A record names so many reservations, the oldest; a job without one reserves anew with its next claim. */
const RESERVATIONS_TOLD = 200;

export type RowQuota = ReturnType<typeof openRowQuota>;

/**
 * @param setting rows in a period, as the operator says; undefined: they do not
 * @param past what the one who spent the quota before has told
 */
export function openRowQuota(setting: number | undefined, past: QuotaState | undefined, nowMs: number) {
  // The last word counts, and a changed setting is the last.
  let limit = past !== undefined && past.setting === setting ? past.limit : setting;
  let used = past?.used ?? 0;
  let resetsAtMs = past?.resetsAtMs ?? quotaResetMs(undefined, nowMs);
  let saidAtMs = past?.saidAtMs ?? 0;
  /** When the API last said how much is used. */
  let countedAtMs = Number.NEGATIVE_INFINITY;
  /** By run, in order of arrival. */
  const reservations = new Map<string, Reservation>(past?.reservations.map((one) => [one.run, { ...one }]));

  const renew = (nowMs: number): void => {
    if (nowMs < resetsAtMs) return;
    used = 0;
    resetsAtMs = quotaResetMs(undefined, nowMs);
  };

  const before = (run: string): Reservation[] => {
    const all = [...reservations.values()];
    const place = all.findIndex((one) => one.run === run);
    return place < 0 ? all : all.slice(0, place);
  };

  /** The job would not fit if it were alone, and what says so is old: it finds out whether that is still true. */
  const isWorthTrying = (needed: number, { rows }: RowsClaim, nowMs: number): boolean => {
    const isByTheOperator = limit !== undefined && limit === setting && needed > limit;
    // The answer to a creation says nothing of the quota, and a training is paid for until one does: one at a time.
    const isBeingTried = rows === 0 && [...reservations.values()].some(({ isTrusted }) => isTrusted === true);
    return used + needed > (limit ?? 0) && nowMs - saidAtMs > QUOTA_WORD_MS && !isByTheOperator && !isBeingTried;
  };

  return {
    /** Reserves what the job still needs, in the order in which jobs first come. @returns why not */
    reserve(claim: RowsClaim, nowMs: number): Shortage | undefined {
      renew(nowMs);
      const { job, run, rowsLeft } = claim;
      const held = reservations.get(run);
      // A claim may be older than what has been billed since. One that needs less knows what was billed under another spender.
      const needed = Math.min(rowsLeft, held?.rows ?? rowsLeft);
      if (held !== undefined) used += held.rows - needed;
      const first = before(run);
      const reserved = first.reduce((sum, one) => sum + one.rows, 0);
      let isTrusted = held?.isTrusted === true || claim.isAskedAgain;
      if (!isTrusted && !claim.mayHaveBeenSent && limit !== undefined && used + reserved + needed > limit) {
        if (!isWorthTrying(needed, claim, nowMs)) {
          reservations.delete(run);
          return { used, limit, needed, reserved, reservedBy: first.length, resetsAtMs };
        }
        isTrusted = true;
        saidAtMs = nowMs;
      }
      if (needed > 0) reservations.set(run, { ...held, job, run, rows: needed, ...(isTrusted ? { isTrusted } : {}) });
      return undefined;
    },

    /** The job's first rows are asked for. */
    begin(run: string): void {
      const held = reservations.get(run);
      if (held !== undefined) held.hasBegun = true;
    },

    /** The API has billed the request. @param sentAtMs when it was sent */
    billed({ run, rows }: RowsClaim, sentAtMs: number, nowMs: number): void {
      if (rows === 0) return;
      renew(nowMs);
      used += rows;
      saidAtMs = nowMs;
      // What was under way when the API last counted may be in its number already.
      if (limit !== undefined && used > limit && sentAtMs > countedAtMs) limit = undefined;
      if (limit !== undefined) used = Math.min(used, limit);
      const held = reservations.get(run);
      if (held === undefined) return;
      held.rows -= rows;
      if (held.rows <= 0) reservations.delete(run);
    },

    /** The API has refused the request for the quota; the job is held, or fails. */
    exceeded({ run }: RowsClaim, word: QuotaWord, nowMs: number): void {
      renew(nowMs);
      reservations.delete(run);
      limit = word.limit ?? limit;
      used = word.used ?? used;
      resetsAtMs = quotaResetMs(word.resetsAt, nowMs);
      saidAtMs = nowMs;
      countedAtMs = nowMs;
    },

    /** The job needs no more rows. */
    release(run: string): void {
      reservations.delete(run);
    },

    /** Among the jobs that have begun to get their rows, in order of arrival; Infinity: it has not. */
    placeOf: (run: string): number =>
      reservations.get(run)?.hasBegun === true ? before(run).length : Number.POSITIVE_INFINITY,

    /** Of other jobs, oldest first. */
    othersThan: (run: string): Reservation[] => [...reservations.values()].filter((one) => one.run !== run),

    record(nowMs: number): QuotaState {
      renew(nowMs);
      const all = [...reservations.values()];
      return {
        ...(limit === undefined ? {} : { limit }),
        ...(setting === undefined ? {} : { setting }),
        used,
        resetsAtMs,
        saidAtMs,
        reserved: all.reduce((sum, { rows }) => sum + rows, 0),
        reservedBy: all.length,
        reservations: all.slice(0, RESERVATIONS_TOLD).map((one) => ({ ...one })),
      };
    },
  };
}
