/** The request budget of an account as its spender last told it: the heartbeat of one pending activity. */
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { type BudgetState, budgetStateSchema, budgetWorkflowIdOf } from '../contract/budget.js';

export interface Budget {
  account: string;
  /** The worker that spends it; undefined while it changes hands. */
  spender?: string | undefined;
  /** What the spender told last; undefined before its first second is over. */
  state?: BudgetState | undefined;
}

interface RawDescription {
  pendingActivities?:
    | readonly {
        lastWorkerIdentity?: string | null;
        heartbeatDetails?: { payloads?: Payload[] | null } | null;
      }[]
    | null;
}

/** Undefined: no worker has ever served this account here. */
export async function readBudget(client: Client, account: string): Promise<Budget | undefined> {
  try {
    const { raw } = await client.workflow.getHandle(budgetWorkflowIdOf(account)).describe();
    const [pending] = (raw as RawDescription).pendingActivities ?? [];
    const [payload] = pending?.heartbeatDetails?.payloads ?? [];
    const told = payload === undefined ? undefined : defaultPayloadConverter.fromPayload(payload);
    return {
      account,
      spender: pending?.lastWorkerIdentity ?? undefined,
      state: budgetStateSchema.safeParse(told).data,
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
