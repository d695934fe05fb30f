/**
 * Sees to it that exactly one worker spends an account's request budget: one activity, which a worker keeps running, and
 * which another takes over seconds after it dies: a change of hands is another attempt, and costs no history. It never ends
 * by itself; where somebody ends it, the workers start it again (account-workers.ts).
 */
import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { BudgetActivities } from '../activities/index.js';
import { budgetQueueOf } from '../contract/budget.js';
import { BUDGET_HEARTBEAT_MS, BUDGET_TERM_MS } from '../contract/limits.js';

export async function budget({ account }: { account: string }): Promise<void> {
  setCurrentDetails(
    `One worker spends the request budget of the account ${account}. "Pending Activities" shows its heartbeat: the limit, what was sent, who waits.`,
  );
  const { keepBudget } = proxyActivities<BudgetActivities>({
    taskQueue: budgetQueueOf(account),
    startToCloseTimeout: BUDGET_TERM_MS,
    heartbeatTimeout: BUDGET_HEARTBEAT_MS,
    retry: { initialInterval: '100ms', backoffCoefficient: 1 },
    summary: 'spend the request budget (one worker at a time)',
  });
  await keepBudget();
}
