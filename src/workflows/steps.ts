/**
 * Local work on the worker, as a workflow calls it: no request, no budget. A step whose worker dies is tried again; a
 * failure that the step foresaw never is.
 */
import {
  ActivityFailure,
  CancellationScope,
  CancelledFailure,
  proxyActivities,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { DataActivities } from '../activities/index.js';
import { DATA_ATTEMPTS_MAX, DATA_DEADLINE_MS, DATA_HEARTBEAT_MS } from '../contract/limits.js';
import { DATA_QUEUE } from '../contract/messages.js';

/** @param summary what the Web UI shows beside the step */
export function dataStep(summary: string): DataSteps {
  const steps = proxyActivities<DataActivities>({
    taskQueue: DATA_QUEUE,
    startToCloseTimeout: DATA_DEADLINE_MS,
    heartbeatTimeout: DATA_HEARTBEAT_MS,
    // What a cancelled step still writes would stay: the artifacts are removed after it.
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: { initialInterval: '1s', maximumAttempts: DATA_ATTEMPTS_MAX },
    summary,
  });
  return new Proxy(steps, {
    get: (_, name: keyof DataSteps) => (input: never) => steps[name](input).catch(rethrow),
  });
}

type DataSteps = ReturnType<typeof proxyActivities<DataActivities>>;

/** After a cancel nothing is tried again: a worker that died in the step is all that is heard of it, and no fault of the job. */
function rethrow(error: unknown): never {
  const isSilence = error instanceof ActivityFailure && error.cause instanceof TimeoutFailure;
  if (isSilence && CancellationScope.current().consideredCancelled) {
    throw new CancelledFailure(`cancelled; the worker of ${error.activityType} had died`);
  }
  throw error;
}
