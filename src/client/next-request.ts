/** When a job's next request should come, as the one who spends the account's request budget has told it last. */
import type { BudgetState } from '../contract/budget.js';

export interface NextRequest {
  nextRequestAt: Date;
  /** From 1: its turn among all that wait in the account's request budget. */
  placeInBudget: number;
}

/** Undefined: no request of the job waits for its turn, or it is further down the queue than is told. */
export function nextRequestOf(state: BudgetState | undefined, job: string): NextRequest | undefined {
  const index = state?.next.findIndex((one) => one.job === job) ?? -1;
  const turn = state?.next[index];
  return turn === undefined ? undefined : { nextRequestAt: new Date(turn.at), placeInBudget: index + 1 };
}
