/**
 * What the items of a batch ask of request budgets: how many requests at least, and how long the slowest account's budget
 * takes to let its share of them go. Without the looks at trainings, and the repeats.
 */
import type { BatchItem, BatchKind } from './batch.js';
import { type Allowance, budgetTimeMs } from './budget-time.js';
import { trialsOf } from './given-table.js';
import { generateRequestSchema, synthesizeRequestSchema } from './requests.js';
import { requestsAtLeast } from './requests-at-least.js';

/** An item that says no rows makes one chunk at least. */
const ROWS_MIN = 1;

export function requestsOfItem({ request, rows = ROWS_MIN }: BatchItem, kind: BatchKind): number {
  const { policy, generation } = (kind === 'generate' ? generateRequestSchema : synthesizeRequestSchema).shape;
  const { rowsPerChunk, keepModel } = policy.parse(request.policy);
  const trials = trialsOf(generation.parse(request.generation));
  return requestsAtLeast({ kind, rows, rowsPerChunk, trials, keepsModel: keepModel }) ?? 0;
}

/** Whose budget and quota it spends: its model's, or its own. */
export function accountOfItem({ request }: BatchItem): string {
  const { account, trained } = request as { account?: string; trained?: { account: string } };
  return trained?.account ?? account ?? 'default';
}

/** Accounts do not wait for each other. */
export function budgetTimeOfAccountsMs(
  requestsByAccount: ReadonlyMap<string, number>,
  allowanceOf: (account: string) => Allowance,
): number {
  const times = [...requestsByAccount].map(([account, requests]) => budgetTimeMs(requests, allowanceOf(account)));
  return times.reduce((longest, ms) => Math.max(longest, ms), 0);
}
