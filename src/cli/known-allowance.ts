/**
 * What the API allows an account, for plans: as the worker that spends its budget has learnt it, where a server that runs can be
 * asked; else what is documented. Starts nothing, and a server that does not answer is no reason not to plan.
 */
import { connectClient } from '../client/connect.js';
import { readBudget } from '../client/read-budget.js';
import { reaching } from '../client/unavailable.js';
import { DOCUMENTED_ALLOWANCE } from '../contract/budget-time.js';
import type { KnownAllowance } from './budget-need.js';
import { fleetOf, hasLocalState } from './session.js';
import { note } from './terminal.js';

const DOCUMENTED: KnownAllowance = { ...DOCUMENTED_ALLOWANCE, from: 'documentation' };

/** @returns what each of the accounts is allowed */
export async function knownAllowances(
  accounts: readonly string[],
  folder: string,
): Promise<(account: string) => KnownAllowance> {
  const told = new Map<string, KnownAllowance>();
  try {
    const server = await runningServer(folder);
    if (server === undefined) return () => DOCUMENTED;
    const client = await connectClient(server);
    try {
      for (const account of accounts) {
        const { state } = (await reaching('tell the request budget', () => readBudget(client, account))) ?? {};
        if (state === undefined) continue;
        const { limit, windowMs } = state;
        const waiting = Object.values(state.waiting).reduce((sum, count) => sum + count, 0);
        told.set(account, { limit, windowMs, from: 'worker', waiting });
      }
    } finally {
      await client.connection.close();
    }
  } catch (error) {
    note(`the limit of requests is taken as documented: ${(error as Error).message}`);
  }
  return (account) => told.get(account) ?? DOCUMENTED;
}

/** Undefined: none runs. */
async function runningServer(folder: string): Promise<{ address?: string; namespace?: string } | undefined> {
  if (fleetOf() !== undefined) return {};
  if (!(await hasLocalState(folder))) return undefined;
  const { describeLocalStack } = await import('../local/local-stack.js');
  const stack = await describeLocalStack(folder);
  return stack === undefined ? undefined : { address: stack.address, namespace: stack.namespace };
}
