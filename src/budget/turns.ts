/**
 * Turns to send one request each, for all jobs of an account: whoever holds this spends the account's whole budget, and
 * nobody else does. A turn is given when the window has room and not before; a 429 silences the account, not one job.
 * Before the first answer (of this process), and after a refusal, requests go one at a time: each answer tells what the window
 * holds. While others use the key two may be on their way, since more could be refused together.
 */
import { type BudgetState, REQUEST_KINDS, type RequestKind } from '../contract/budget.js';
import { PRIORITY_MAX } from '../contract/limits.js';
import type { QuotaGate } from './quota-gate.js';
import { openRequestWindow, type RateLimitWord, type Sent } from './request-window.js';
import type { QuotaWord, RowsClaim } from './row-quota.js';
import { type Claim, openTurnQueue } from './turn-queue.js';

export interface Turn {
  /** The API has answered, with what it says of the window where it does. */
  answered(word: RateLimitWord | undefined): void;
  /** The API has done what was asked, and billed it. */
  billed(): void;
  /** The API has refused for the quota of rows. */
  exceeded(word: QuotaWord): void;
  /** The API has refused for the rate, and asks for silence. */
  refused(retryAfterMs: number): void;
  /** Nobody knows whether it arrived. */
  lost(): void;
  /** It was not sent. */
  unused(): void;
}

export interface Turns {
  /** @throws the signal's reason, RowsShortError, or TurnsClosedError when somebody else spends the budget now */
  take(claim: Claim, signal: AbortSignal): Promise<Turn>;
  state(): BudgetState;
  /** Of a claim that waits, to about a second; undefined: it does not wait. */
  standingOf(claim: Claim): Standing | undefined;
  close(): void;
}

export interface Standing {
  /** From 1, of all that wait. */
  place: number;
  of: number;
  /** When its turn should come. */
  atMs: number;
}

/** What became of a request that was sent. */
export type RequestEnd = 'answered' | 'refused' | 'lost';

/** This process gives no more turns; who waits is served elsewhere. */
export class TurnsClosedError extends Error {
  override readonly name = 'TurnsClosedError';
}

export interface TurnsOptions {
  /** Until the API names another. */
  limit: number;
  windowMs: number;
  /** What the one before has told. */
  past?: BudgetState | undefined;
  /** Absent: no request is refused for its rows. */
  quota?: QuotaGate;
  now?: () => number;
  /** Told of each request that was sent, when it is over. */
  onEnd?: (kind: RequestKind, end: RequestEnd) => void;
}

interface Waiter extends Claim {
  claim: Claim;
  signal: AbortSignal;
  give: (sent: Sent) => void;
  refuse: (error: unknown) => void;
}

/** Shown of those that wait. */
const NEXT_SHOWN = 50;
/** An answer that takes longer, to an upload say, is not waited for: the request has arrived. */
const ANSWER_PATIENCE_MS = 2_000;
const AT_ONCE_BESIDE_OTHERS = 2;
/** It tells once a second, and the last time may not have arrived. */
const UNTOLD_MS = 2_000;
/** The whole queue is looked at for each that asks where it stands, but not more often than this. */
const STANDINGS_AGE_MS_MAX = 1_000;

export function openTurns({ limit, windowMs, past, quota, now = Date.now, onEnd }: TurnsOptions): Turns {
  const window = openRequestWindow(windowMs, past === undefined ? { limit } : { ...past, untoldMs: untoldBy(past) });
  const queue = openTurnQueue<Waiter>(({ run }) => quota?.placeOf(run) ?? Number.POSITIVE_INFINITY);
  let timer: NodeJS.Timeout | undefined;
  let isSure = false;
  /** When they were sent. */
  const unanswered = new Set<Sent>();
  let sentCount = 0;
  let refusedCount = 0;
  let isClosed = false;
  let standings: { atMs: number; of: Map<Claim, Standing> } = { atMs: 0, of: new Map() };

  const giveTurns = (): void => {
    clearTimeout(timer);
    while (!isClosed && queue.all().length > 0) {
      const [atMs = 0] = window.turnsAtMs(now(), 1);
      const waitMs = Math.max(atMs, patienceEndsAtMs()) - now();
      if (waitMs > 0) {
        timer = setTimeout(giveTurns, Math.min(Math.ceil(waitMs), windowMs));
        return;
      }
      const waiter = queue.next();
      if (waiter === undefined) return;
      const rows = rowsOf(waiter);
      if (rows !== undefined && quota?.begin(rows) === false) {
        enter(waiter, rows);
        continue;
      }
      const sent = window.send(now());
      unanswered.add(sent);
      sentCount += 1;
      waiter.give(sent);
    }
  };

  /** Until when the answers that are on their way are waited for; each answer looks again. */
  const patienceEndsAtMs = (): number => {
    const atOnce = isSure ? (window.hasOthers(now()) ? AT_ONCE_BESIDE_OTHERS : Number.POSITIVE_INFINITY) : 1;
    const waitedFor = [...unanswered]
      .map(({ sentAtMs }) => sentAtMs + ANSWER_PATIENCE_MS)
      .filter((endMs) => endMs > now());
    return waitedFor.length < atOnce ? 0 : Math.min(...waitedFor);
  };

  /** Waits for its turn, once its rows are reserved. */
  const enter = (waiter: Waiter, rows = rowsOf(waiter)): void => {
    const wait = (): void => {
      if (isClosed) waiter.refuse(closed());
      if (isClosed || waiter.signal.aborted) return;
      queue.add(waiter);
      giveTurns();
    };
    if (rows === undefined || quota === undefined) wait();
    else quota.enter(rows).then(wait, waiter.refuse);
  };

  const turnOf = (sent: Sent, claim: Claim): Turn => {
    const { kind } = claim;
    const rows = rowsOf(claim);
    let isOver = false;
    const end = (became: RequestEnd | undefined, act: () => void) => (): void => {
      if (isOver) return;
      isOver = true;
      unanswered.delete(sent);
      act();
      if (became !== undefined) onEnd?.(kind, became);
      giveTurns();
    };
    return {
      answered: (word) =>
        end('answered', () => {
          isSure = true;
          window.arrived(sent, now());
          if (word !== undefined) window.learn(sent, word, now());
        })(),
      billed: () => rows !== undefined && quota?.billed(rows, sent.sentAtMs),
      exceeded: (word) => rows !== undefined && quota?.exceeded(rows, word),
      refused: (retryAfterMs) =>
        end('refused', () => {
          refusedCount += 1;
          isSure = false;
          window.withdraw(sent);
          window.silence(now() + retryAfterMs);
        })(),
      lost: end('lost', () => window.arrived(sent, now())),
      unused: end(undefined, () => {
        sentCount -= 1;
        window.withdraw(sent);
      }),
    };
  };

  return {
    take(claim, signal) {
      return new Promise<Turn>((resolve, reject) => {
        if (isClosed) throw closed();
        signal.throwIfAborted();
        const leave = (): void => {
          queue.remove(waiter);
          reject(signal.reason);
        };
        const waiter: Waiter = {
          ...claim,
          claim,
          signal,
          give: (sent) => {
            signal.removeEventListener('abort', leave);
            resolve(turnOf(sent, claim));
          },
          refuse: (error) => {
            signal.removeEventListener('abort', leave);
            reject(error);
          },
        };
        signal.addEventListener('abort', leave, { once: true });
        // A job deletes its model when it ends: it needs no more rows.
        if (claim.kind === 'delete') quota?.release(claim.run);
        enter(waiter);
      });
    },

    state() {
      const nowMs = now();
      const waiters = queue.all();
      const turnsAtMs = window.turnsAtMs(nowMs, Math.min(waiters.length, NEXT_SHOWN));
      const waiting: Record<RequestKind, number> = { delete: 0, prepare: 0, generate: 0, look: 0 };
      for (const { kind } of waiters) waiting[kind] += 1;
      const waitingByPriority = countByPriority(waiters);
      return {
        at: new Date(nowMs).toISOString(),
        windowMs,
        ...window.record(nowMs),
        sent: sentCount,
        refused: refusedCount,
        waiting,
        waitingByPriority,
        next: turnsAtMs.map((atMs, index) => {
          const { job = '', kind = 'look' } = waiters[index] ?? {};
          return { job, kind, at: new Date(atMs).toISOString() };
        }),
        ...(quota === undefined ? {} : { quota: quota.state() }),
      };
    },

    standingOf(claim) {
      const nowMs = now();
      if (nowMs - standings.atMs > STANDINGS_AGE_MS_MAX || !standings.of.has(claim)) {
        const waiters = queue.all();
        const turnsAtMs = window.turnsAtMs(nowMs, waiters.length);
        const all = waiters.map(({ claim: one }, index): [Claim, Standing] => [
          one,
          { place: index + 1, of: waiters.length, atMs: turnsAtMs[index] ?? nowMs },
        ]);
        standings = { atMs: nowMs, of: new Map(all) };
      }
      return standings.of.get(claim);
    },

    close() {
      isClosed = true;
      clearTimeout(timer);
      for (;;) {
        const waiter = queue.next();
        if (waiter === undefined) return;
        waiter.refuse(closed());
      }
    },
  };
}

/** In the order of kinds and priorities. */
function countByPriority(waiters: readonly Claim[]): NonNullable<BudgetState['waitingByPriority']> {
  return REQUEST_KINDS.flatMap((kind) =>
    Array.from({ length: PRIORITY_MAX }, (_, index) => {
      const priority = index + 1;
      return { kind, priority, count: waiters.filter((one) => one.kind === kind && one.priority === priority).length };
    }),
  ).filter(({ count }) => count > 0);
}

/** Turns that would have come right after it last told, if it lived to give them. */
function untoldBy({ at, next }: BudgetState): number[] {
  const untilMs = Date.parse(at) + UNTOLD_MS;
  return next.map((turn) => Date.parse(turn.at)).filter((atMs) => atMs <= untilMs);
}

const closed = (): TurnsClosedError => new TurnsClosedError('This worker no longer spends the request budget.');

function rowsOf({ job, run, quota }: Claim): RowsClaim | undefined {
  return quota === undefined ? undefined : { job, run, ...quota };
}
