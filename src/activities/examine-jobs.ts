/**
 * Reads the histories of a page of ended jobs and says what each left behind. Asks Temporal only, never the API. A job
 * that goes on under its id (it was reset, or started again) is left to whoever reaps later.
 */
import { getClient } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { jobIdSchema, type ModelId } from '../contract/ids.js';
import { REAP_PAGE_JOBS } from '../contract/limits.js';
import { SEARCH_ATTRIBUTES, type WorkflowType } from '../contract/messages.js';
import { attempt } from './attempt.js';
import { keptForRetryUntilMs, type LeftBehind, leftBehindBy, whyKept, withoutReaped } from './left-behind.js';
import { claimantOf, isSettled, readJob } from './read-job.js';

export interface ExamineJobsInput {
  account: string;
  /** ISO 8601. */
  endedAfter: string;
  endedBefore: string;
  /** As the page before said. */
  page?: string | undefined;
}

/** An ended job that left something behind. */
export interface Debtor extends LeftBehind {
  job: string;
  runId: string;
}
export interface KeptModel {
  modelId: ModelId;
  job: string;
  why: string;
}
export interface ExaminedJobs {
  examined: number;
  debtors: Debtor[];
  kept: KeptModel[];
  nextPage?: string;
}

/** Jobs of these kinds make models; a reap that asks for an unknown creation makes one too. */
const MAKES_MODELS = "WorkflowType IN ('synthesize', 'train', 'generate', 'reap')";
const REAP: WorkflowType = 'reap';
/** A job that ended well, or was cancelled, has said so where it could not delete its model. */
const MAY_OWE = `(ExecutionStatus IN ('Terminated', 'TimedOut', 'Failed') OR ${SEARCH_ATTRIBUTES.failureCode.name} = 'model_left_over')`;

export const examineJobs =
  () =>
  ({ account, endedAfter, endedBefore, page }: ExamineJobsInput): Promise<ExaminedJobs> =>
    attempt(async (signal) => {
      const client = getClient();
      const { executions, nextPageToken } = await client.workflowService.listWorkflowExecutions({
        namespace: client.options.namespace,
        pageSize: REAP_PAGE_JOBS,
        nextPageToken: page === undefined ? null : Buffer.from(page, 'base64'),
        query: `${MAKES_MODELS} AND ${MAY_OWE} AND ${SEARCH_ATTRIBUTES.account.name} = '${account}' AND CloseTime > '${endedAfter}' AND CloseTime <= '${endedBefore}'`,
      });
      const debtors: Debtor[] = [];
      const kept: KeptModel[] = [];
      for (const { execution } of executions ?? []) {
        signal.throwIfAborted();
        const found = await examine(client, execution?.workflowId ?? '', execution?.runId ?? '');
        if (found?.debtor !== undefined) debtors.push(found.debtor);
        kept.push(...(found?.kept ?? []));
      }
      const next = Buffer.from(nextPageToken ?? []).toString('base64');
      return { examined: executions?.length ?? 0, debtors, kept, ...(next === '' ? {} : { nextPage: next }) };
    });

/** Undefined: nothing was left, or its history is gone. */
async function examine(
  client: Client,
  job: string,
  runId: string,
): Promise<{ debtor?: Debtor; kept: KeptModel[] } | undefined> {
  const history = await readJob(client, job, runId);
  if (history === undefined) return undefined;
  const left = leftBehindBy(job, history);
  const nowMs = Date.now();
  const kept = left.models.flatMap((modelId) => {
    const why = whyKept(history, modelId, nowMs);
    return why === undefined ? [] : [{ modelId, job, why }];
  });
  if (!owes(left) || kept.length > 0 || keptForRetryUntilMs(history) > nowMs) return { kept };
  const still = await afterItsClaim(client, left, runId);
  if (still === undefined || !owes(still)) return undefined;
  const others = await otherRunsOf(client, job, runId);
  if (others.isRunning) return undefined;
  // Runs of one chain, before and after a reset, have their artifacts in common.
  const groups = others.firstRunIds.includes(history.firstExecutionRunId) ? [] : still.groups;
  return { debtor: { ...still, groups, job, runId }, kept };
}

const owes = ({ models, condemned, creations, groups }: LeftBehind): boolean =>
  models.length + condemned.length + creations.length + groups.length > 0;

/** Undefined: nothing is left, or a retry has taken it over, and is examined itself when it has ended. */
async function afterItsClaim(client: Client, left: LeftBehind, runId: string): Promise<LeftBehind | undefined> {
  const claimant = await claimantOf(client, runId);
  if (claimant === undefined) return left;
  if (claimant.kind !== REAP || (await isSettled(client, runId))) return undefined;
  const reap = await readJob(client, claimant.job, claimant.runId);
  return reap === undefined ? left : withoutReaped(left, reap);
}

async function otherRunsOf(
  client: Client,
  job: string,
  runId: string,
): Promise<{ isRunning: boolean; firstRunIds: string[] }> {
  const firstRunIds: string[] = [];
  let isRunning = false;
  // An id that is none of ours could break out of the query.
  if (!jobIdSchema.safeParse(job).success) return { isRunning: true, firstRunIds };
  for await (const other of client.workflow.list({ query: `WorkflowId = '${job}'` })) {
    if (other.runId === runId) continue;
    if (other.status.name === 'RUNNING') isRunning = true;
    const { firstRunId } = other.raw as { firstRunId?: string | null };
    firstRunIds.push(firstRunId ?? '');
  }
  return { isRunning, firstRunIds };
}
