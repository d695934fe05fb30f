/** A job's history from the server, with the one thing that it may not say of itself: whether a claim of it succeeded. */
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { CLAIM_MEMO_KEY, type Claimant, claimantSchema, claimIdOf, settlementIdOf } from '../contract/claim.js';
import { retryOfSchema } from '../contract/retry.js';
import { type JobHistory, readHistory } from './job-history.js';

/** Undefined: it is gone. */
export async function readJob(client: Client, job: string, runId: string): Promise<JobHistory | undefined> {
  try {
    const history = readHistory(await client.workflow.getHandle(job, runId).fetchHistory());
    await completeClaim(client, job, history);
    return history;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Who has claimed what the run left behind. */
export async function claimantOf({ workflow }: Client, runId: string): Promise<Claimant | undefined> {
  try {
    const { memo } = await workflow.getHandle(claimIdOf(runId)).describe();
    return claimantSchema.parse(memo?.[CLAIM_MEMO_KEY]);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

export async function isSettled({ workflow }: Client, runId: string): Promise<boolean> {
  try {
    await workflow.getHandle(settlementIdOf(runId)).describe();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** A job that was stopped while it claimed: the claim itself knows. */
async function completeClaim(client: Client, job: string, { steps, kind }: JobHistory): Promise<void> {
  for (const step of steps) {
    if (step.activity !== 'claimLeftovers' || (step.end !== undefined && 'result' in step.end)) continue;
    const claimed = retryOfSchema.safeParse(step.input).data;
    const by = claimed === undefined ? undefined : await claimantOf(client, claimed.runId);
    if (by !== undefined) step.end = { result: { isMine: by.job === job && by.kind === kind, by } };
  }
}
