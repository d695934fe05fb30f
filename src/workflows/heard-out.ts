/**
 * Steps that a cancel waits for: what such a step still writes would stay, because the artifacts are removed after it. A worker that died in
 * one is no fault of the job then: nothing is tried again after a cancel, and its silence is all that is heard of it.
 */
import { ActivityFailure, CancellationScope, CancelledFailure, TimeoutFailure } from '@temporalio/workflow';

/** @param steps proxies of activities that wait until a cancelled attempt has ended */
export function heardOut<Steps extends object>(steps: Steps): Steps {
  return new Proxy(steps, {
    get: (_, name) => {
      const step = Reflect.get(steps, name) as (input: unknown) => Promise<unknown>;
      return (input: unknown) => step(input).catch(rethrow);
    },
  });
}

function rethrow(error: unknown): never {
  const isSilence = error instanceof ActivityFailure && error.cause instanceof TimeoutFailure;
  if (isSilence && CancellationScope.current().consideredCancelled) {
    throw new CancelledFailure(`cancelled; the worker of ${error.activityType} had died`);
  }
  throw error;
}
