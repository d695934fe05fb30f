/**
 * Local work on the worker, as a workflow calls it: no request, no budget. A step whose worker dies is tried again; a
 * failure that the step foresaw never is.
 */
import { proxyActivities } from '@temporalio/workflow';
import type { DataActivities } from '../activities/index.js';
import { DATA_ATTEMPTS_MAX, DATA_DEADLINE_MS, DATA_HEARTBEAT_MS } from '../contract/limits.js';
import { DATA_QUEUE } from '../contract/messages.js';
import { heardOut } from './heard-out.js';

type DataSteps = ReturnType<typeof proxyActivities<DataActivities>>;

/** @param summary what the Web UI shows beside the step */
export function dataStep(summary: string): DataSteps {
  return heardOut(
    proxyActivities<DataActivities>({
      taskQueue: DATA_QUEUE,
      startToCloseTimeout: DATA_DEADLINE_MS,
      heartbeatTimeout: DATA_HEARTBEAT_MS,
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      retry: { initialInterval: '1s', maximumAttempts: DATA_ATTEMPTS_MAX },
      summary,
    }),
  );
}
