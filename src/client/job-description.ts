/** A job as Temporal's list knows it: what can be said of it without a worker. */
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../contract/messages.js';

export interface JobDescription {
  id: string;
  runId: string;
  /** The workflow type: synthesize, train, generate, batch. */
  type: string;
  /** Temporal's word: RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED, TIMED_OUT, … */
  status: string;
  startedAt: Date;
  closedAt?: Date;
  /** Where the job is, or was when it ended. */
  stage?: string;
  /** Why the job does not go on by itself right now: training, retry_after, api_unavailable, quota. */
  waitReason?: string;
  /** The `code` that the job failed with. */
  failureCode?: string;
  modelId?: string;
  account?: string;
  /** The table's file name. */
  table?: string;
  /** Rows asked for. */
  rows?: number;
  /** When a request of the job that waits in the account's request budget should be sent. Told by a handle, not by a list. */
  nextRequestAt?: Date;
  /** Its place among all that wait, from 1. */
  placeInBudget?: number;
}

export function descriptionOf(info: Omit<WorkflowExecutionInfo, 'raw'>): JobDescription {
  const { typedSearchAttributes: attributes } = info;
  const { stage, waitReason, failureCode, modelId, account, table, rows } = SEARCH_ATTRIBUTES;
  return {
    id: info.workflowId,
    runId: info.runId,
    type: info.type,
    status: info.status.name,
    startedAt: info.startTime,
    ...present({
      closedAt: info.closeTime,
      stage: attributes.get(stage),
      waitReason: attributes.get(waitReason),
      failureCode: attributes.get(failureCode),
      modelId: attributes.get(modelId),
      account: attributes.get(account),
      table: attributes.get(table),
      rows: attributes.get(rows),
    }),
  };
}

function present<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
