/** How long a request budget takes, as a plan says it. */
import type { Allowance } from '../contract/budget-time.js';
import { describeDuration } from './terminal.js';

/** What a plan says of the request budget. */
export interface BudgetNeed {
  /** Requests that the API allows in any window, and who says so. */
  limit: number;
  windowSeconds: number;
  limitFrom: 'worker' | 'documentation';
  /** From the first request to the last, where nobody else asks. */
  seconds: number;
  /** Requests of jobs under way that wait for their turn now; absent: no worker could be asked. */
  waiting?: number;
}

export interface KnownAllowance extends Allowance {
  from: BudgetNeed['limitFrom'];
  waiting?: number;
}

export function budgetNeedOf(ms: number, { limit, windowMs, from, waiting }: KnownAllowance): BudgetNeed {
  return {
    limit,
    windowSeconds: windowMs / 1_000,
    limitFrom: from,
    seconds: Math.ceil(ms / 1_000),
    ...(waiting === undefined ? {} : { waiting }),
  };
}

/** `3 min if nobody else asks, and 12 of other jobs wait now; 60 requests in any 60 s, as its worker knows it` */
export function describeNeed({ limit, windowSeconds, limitFrom, seconds, waiting = 0 }: BudgetNeed): string {
  const said = limitFrom === 'worker' ? 'as its worker knows it' : 'as documented';
  const others = waiting === 0 ? '' : `, and ${waiting} of other jobs wait now`;
  return `${describeBudgetTime(seconds)}${others}; ${limit} requests in any ${windowSeconds} s, ${said}`;
}

export function describeBudgetTime(seconds: number): string {
  return seconds === 0
    ? 'no wait if nobody else asks: all requests may go at once'
    : `${describeDuration(seconds * 1_000)} if nobody else asks`;
}
