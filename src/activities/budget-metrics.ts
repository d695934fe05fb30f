/**
 * An account's request budget as metrics (docs/operations.md has the queries). Gauges are this process's: all are 0 while
 * another one spends the budget, so that a sum over the workers is the account's. Counters go on.
 */
import type { MetricMeter } from '@temporalio/common';
import type { RequestEnd } from '../budget/turns.js';
import { type BudgetState, type Leaving, REQUEST_KINDS, type RequestKind } from '../contract/budget.js';
import { PRIORITY_MAX } from '../contract/limits.js';

export interface BudgetMetrics {
  show(state: BudgetState): void;
  count(kind: RequestKind, end: RequestEnd): void;
  /** This process spends the budget no more. */
  clear(): void;
}

const PRIORITIES = Array.from({ length: PRIORITY_MAX }, (_, index) => index + 1);

export function openBudgetMetrics(meter: MetricMeter, account: string): BudgetMetrics {
  const labelled = meter.withTags({ account });
  const limit = labelled.createGauge('dataxid_budget_limit', 'int', undefined, 'Requests that the API allows a window');
  const used = labelled.createGauge('dataxid_budget_used', 'int', undefined, 'Requests in the window, by whose');
  const waiting = labelled.createGauge('dataxid_budget_waiting', 'int', undefined, 'Attempts that wait for their turn');
  const sent = labelled.createCounter('dataxid_requests_sent', undefined, 'Requests sent');
  const refused = labelled.createCounter('dataxid_requests_refused', undefined, 'Requests refused for the rate (429)');
  for (const kind of REQUEST_KINDS) {
    // A rate over a counter that is not there yet misses its first step.
    sent.add(0, { kind });
    refused.add(0, { kind });
  }

  const show = (state: Pick<BudgetState, 'limit' | 'ours' | 'others' | 'waitingByPriority'>, nowMs: number): void => {
    limit.set(state.limit);
    used.set(stillIn(state.ours, nowMs), { by: 'us' });
    used.set(stillIn(state.others, nowMs), { by: 'others' });
    for (const kind of REQUEST_KINDS) {
      for (const priority of PRIORITIES) {
        const here = state.waitingByPriority?.find((one) => one.kind === kind && one.priority === priority);
        waiting.set(here?.count ?? 0, { kind, priority });
      }
    }
  };

  return {
    show: (state) => show(state, Date.parse(state.at)),
    count(kind, end) {
      sent.add(1, { kind });
      if (end === 'refused') refused.add(1, { kind });
    },
    clear: () => show({ limit: 0, ours: [], others: [] }, 0),
  };
}

function stillIn(leaving: readonly Leaving[], nowMs: number): number {
  return leaving.reduce((sum, [atMs, count]) => (atMs > nowMs ? sum + count : sum), 0);
}
