/**
 * Spends an account's whole request budget, for as long as this process may: Temporal lets one attempt of this activity run at a time,
 * over all workers. Its heartbeat is the budget's state: who takes over after a kill knows what was sent, and anyone can look.
 * While it runs, this process serves the account's API queue; every request waits there for its turn.
 */
import { activityInfo, cancellationSignal, heartbeat, log } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, type MetricMeter } from '@temporalio/common';
import { openQuotaGate } from '../budget/quota-gate.js';
import { openTurns, type Turns } from '../budget/turns.js';
import { budgetStateSchema, type Reservation } from '../contract/budget.js';
import { remainingMs } from './attempt.js';
import { openBudgetMetrics } from './budget-metrics.js';
import { toFailure } from './to-failure.js';

export interface BudgetDeps {
  account: string;
  /** Until the API names another. Requests in any window. */
  limit: number;
  windowMs: number;
  meter: MetricMeter;
  /** Rows that the plan allows in a billing period, where the operator says so. */
  quotaRows?: number | undefined;
  /** Whether the job that has reserved rows has not ended. */
  isRunning: (reservation: Reservation) => Promise<boolean>;
  /** Serves the account's API queue until the signal, and is done when no request of it is under way. */
  serve: (turns: Turns, signal: AbortSignal) => Promise<void>;
}

const BEAT_MS = 1_000;

/** Never returns: it is cancelled, or fails and is taken over. @throws ApplicationFailure (budget_handed_over) */
export const keepBudget =
  ({ account, limit, windowMs, meter, quotaRows, isRunning, serve }: BudgetDeps) =>
  async (): Promise<never> => {
    const signal = cancellationSignal();
    const past = budgetStateSchema.safeParse(activityInfo().heartbeatDetails).data;
    const metrics = openBudgetMetrics(meter, account);
    const quota = openQuotaGate({ setting: quotaRows, past: past?.quota, isRunning });
    const turns = openTurns({ limit, windowMs, past, quota, onEnd: metrics.count });
    const beat = setInterval(() => {
      const state = turns.state();
      heartbeat(state);
      metrics.show(state);
    }, BEAT_MS);
    log.info('spends the request budget', { account, attempt: activityInfo().attempt });
    try {
      await serve(turns, signal);
    } catch (error) {
      throw toFailure(error, {
        attempt: activityInfo().attempt,
        withoutEffect: 0,
        remainingMs: remainingMs(),
        jitter: 0,
      });
    } finally {
      clearInterval(beat);
      metrics.clear();
      turns.close();
    }
    heartbeat(turns.state());
    throw ApplicationFailure.create({
      message: 'another worker spends the request budget now',
      type: 'budget_handed_over',
      category: ApplicationFailureCategory.BENIGN,
      nextRetryDelay: 1,
    });
  };
