/**
 * One request to the API, as a workflow calls it: an activity of the account's rationed queue, one request an attempt.
 * Not here: what to do when it fails for good (ask-api.ts).
 */
import { proxyActivities } from '@temporalio/workflow';
import type { ApiActivities } from '../activities/index.js';
import type { RequestKind } from '../contract/budget.js';
import { PRIORITY_DEFAULT, PRIORITY_MAX, REQUEST_ATTEMPT_MS, REQUEST_HEARTBEAT_MS } from '../contract/limits.js';
import { apiQueueOf, type SetPriorityInput } from '../contract/messages.js';
import { heardOut } from './heard-out.js';

export type Api = ReturnType<typeof proxyActivities<ApiActivities>>;

/** What is asked, in words for the Web UI, what kind of request that is, and for how long it is worth asking. */
export interface Errand {
  kind: RequestKind;
  summary: string;
  forMs: number;
}

/** Temporal's priority of a request of a job that has none itself; a job's own moves it (decision 2). */
const PRIORITY_OF_KIND = { delete: 1, prepare: 2, generate: 3, look: 4 } as const satisfies Record<RequestKind, number>;

export function apiStep(account: string, { kind, summary, forMs }: Errand, ofJob?: SetPriorityInput): Api {
  const { priority = PRIORITY_DEFAULT, fairnessKey } = ofJob ?? {};
  const priorityKey = Math.min(PRIORITY_MAX, Math.max(1, PRIORITY_OF_KIND[kind] + priority - PRIORITY_DEFAULT));
  // The answer to a generation is stored; the other requests leave nothing on this side.
  const leavesArtifacts = kind === 'generate';
  const steps = proxyActivities<ApiActivities>({
    taskQueue: apiQueueOf(account),
    startToCloseTimeout: REQUEST_ATTEMPT_MS,
    heartbeatTimeout: REQUEST_HEARTBEAT_MS,
    // Waiting in the rationed queue is in it.
    scheduleToCloseTimeout: forMs,
    // For what happens before an activity can speak (a dead worker); else each failure sets its own delay.
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1 min' },
    cancellationType: leavesArtifacts ? 'WAIT_CANCELLATION_COMPLETED' : 'TRY_CANCEL',
    summary,
    priority: { priorityKey, ...(fairnessKey === undefined ? {} : { fairnessKey }) },
  });
  return leavesArtifacts ? heardOut(steps) : steps;
}
