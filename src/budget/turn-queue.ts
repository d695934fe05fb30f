/**
 * Whose turn it is: by kind (a delete frees money, then what lets a model train, then rows, looks last), then by priority,
 * then by turns between fairness keys, then jobs that have begun to get their rows, so that they finish one after the other and no
 * quota's end meets all of them half-way; then by age. One turn in ten goes to a look, since a training that nobody sees
 * done costs money, and one in ten to who has waited longest: nobody starves.
 */
import { REQUEST_KINDS, type RequestKind } from '../contract/budget.js';
import { PRIORITY_MAX } from '../contract/limits.js';
import type { RowsWanted } from './row-quota.js';

export interface Claim {
  kind: RequestKind;
  /** 1 is first; Temporal's default is 3. */
  priority: number;
  /** Jobs of one key share its turns; the empty one is nobody's. */
  fairnessKey: string;
  /** The job that asks: its workflow id and its run. */
  job: string;
  run: string;
  /** Absent: the request has nothing to do with the quota of rows. */
  quota?: RowsWanted | undefined;
}

/** Of ten turns these are given otherwise. */
const TURNS = 10;
const TURN_OF_LOOKS = 5;
const TURN_OF_THE_OLDEST = 0;

export interface TurnQueue<T extends Claim> {
  add(claim: T): void;
  remove(claim: T): void;
  /** Takes the next one out. */
  next(): T | undefined;
  /** In about the order of their turns. */
  all(): readonly T[];
}

/** @param placeOf of the claim's job among those that have begun to get their rows, lower first; Infinity: it has not */
export function openTurnQueue<T extends Claim>(
  placeOf: (claim: T) => number = () => Number.POSITIVE_INFINITY,
): TurnQueue<T> {
  /** In order of arrival. */
  let waiting: T[] = [];
  let turns = 0;
  /** Start-time fair queueing: a key that has had turns comes after one that has not, and nobody saves turns up. */
  const servedUntil = new Map<string, number>();
  let served = 0;

  const startOf = ({ fairnessKey }: T): number => Math.max(servedUntil.get(fairnessKey) ?? 0, served);
  const isBefore = (one: T, other: T): boolean => {
    if (rankOf(one) !== rankOf(other)) return rankOf(one) < rankOf(other);
    if (startOf(one) !== startOf(other)) return startOf(one) < startOf(other);
    return one.kind === 'generate' && placeOf(one) < placeOf(other);
  };

  return {
    add(claim) {
      waiting.push(claim);
    },
    remove(claim) {
      waiting = waiting.filter((one) => one !== claim);
    },
    next() {
      const [oldest, ...rest] = waiting;
      if (oldest === undefined) return undefined;
      turns = (turns + 1) % TURNS;
      const exempt =
        turns === TURN_OF_THE_OLDEST
          ? oldest
          : turns === TURN_OF_LOOKS
            ? waiting.find(({ kind }) => kind === 'look')
            : undefined;
      const chosen = exempt ?? rest.reduce((best, one) => (isBefore(one, best) ? one : best), oldest);
      waiting = waiting.filter((one) => one !== chosen);
      served = startOf(chosen);
      servedUntil.set(chosen.fairnessKey, served + 1);
      if (waiting.length === 0) servedUntil.clear();
      return chosen;
    },
    all: () => [...waiting].sort((one, other) => rankOf(one) - rankOf(other)),
  };
}

function rankOf({ kind, priority }: Claim): number {
  return REQUEST_KINDS.indexOf(kind) * (PRIORITY_MAX + 1) + priority;
}
