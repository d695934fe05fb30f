/** `dxo batch plan`: a manifest checked, and what its batch asks of the API. Starts and sends nothing. */
import { resolve } from 'node:path';
import { type BatchItem, type BatchKind, type BatchRequest, quotaRowsOf } from '../contract/batch.js';
import { accountOfItem, requestsOfItem } from '../contract/budget-of-batch.js';
import { budgetTimeMs } from '../contract/budget-time.js';
import { itemsOf } from './batch-manifest.js';
import { type BatchFlags, batchRequestOf } from './batch-request.js';
import { type BudgetNeed, budgetNeedOf, describeNeed, type KnownAllowance } from './budget-need.js';
import { knownAllowances } from './known-allowance.js';
import { print, printJson } from './terminal.js';

export interface PlanOfBatch {
  manifest: string;
  kind: BatchKind;
  items: number;
  /** Rows of the items that say how many they ask for. */
  rows: number;
  /** Those rows as the quota counts them: each trial of imputing asks for all of them. */
  quotaRows: number;
  /** Items that ask for as many rows as their table has: it is not opened here. */
  itemsOfUnknownRows: number;
  /** Without the looks at trainings, whose number is the trainings'. */
  requestsAtLeast: number;
  /** By account: how long its request budget takes to let them go. */
  budgets: Record<string, BudgetNeed>;
}

/** @throws InvalidRequestError that lists the faults of the manifest */
export async function planBatchHere(manifest: string, flags: BatchFlags, folder: string): Promise<void> {
  // Nothing is written, so any name will do.
  const request = await batchRequestOf(manifest, { ...flags, output: resolve(folder, 'results.jsonl') }, folder);
  const items = await itemsOf(request);
  const allowanceOf = await knownAllowances([...new Set(items.map(accountOfItem))], folder);
  const plan = planOf(items, request, allowanceOf);
  if (flags.json) printJson(plan);
  else print(describePlan(plan));
}

function planOf(
  items: readonly BatchItem[],
  { kind, manifest }: BatchRequest,
  allowanceOf: (account: string) => KnownAllowance,
): PlanOfBatch {
  const requests = new Map<string, number>();
  for (const item of items) {
    const account = accountOfItem(item);
    requests.set(account, (requests.get(account) ?? 0) + requestsOfItem(item, kind));
  }
  const needOf = (account: string, count: number): BudgetNeed =>
    budgetNeedOf(budgetTimeMs(count, allowanceOf(account)), allowanceOf(account));
  return {
    manifest: manifest.uri,
    kind,
    items: items.length,
    rows: items.reduce((sum, item) => sum + (item.rows ?? 0), 0),
    quotaRows: items.reduce((sum, item) => sum + quotaRowsOf(item), 0),
    itemsOfUnknownRows: items.filter((item) => item.rows === undefined).length,
    requestsAtLeast: [...requests.values()].reduce((sum, count) => sum + count, 0),
    budgets: Object.fromEntries([...requests].map(([account, count]) => [account, needOf(account, count)])),
  };
}

function describePlan({
  manifest,
  kind,
  items,
  quotaRows,
  itemsOfUnknownRows,
  requestsAtLeast,
  budgets,
}: PlanOfBatch): string {
  const looks = kind === 'generate' ? '' : ', and looks at the trainings';
  const unknown = itemsOfUnknownRows === 0 ? '' : `, and those of ${itemsOfUnknownRows} items that say no n_samples`;
  return [
    `${manifest}: ${items} items to ${kind}, nothing wrong with it`,
    `Requests   ${requestsAtLeast} at least${looks}`,
    ...Object.entries(budgets).map(
      ([account, need]) => `Budget     ${describeNeed(need)}${account === 'default' ? '' : ` (account ${account})`}`,
    ),
    `Quota      ${quotaRows} rows${unknown}`,
  ].join('\n');
}
