/**
 * Runs the body of one activity attempt: beats while it works, gives it the signal that Temporal cancels by, and turns
 * its failure by the error policy. Beats are what make a dead worker noticed in seconds and a cancel reach a request.
 */
import { activityInfo, Context, cancellationSignal, heartbeat, log } from '@temporalio/activity';
import type { Answer } from '../api/dataxid-api.js';
import type { ModelId } from '../contract/ids.js';
import type { Attempted } from './deps.js';
import { toFailure } from './to-failure.js';

/** Well below the shortest heartbeat timeout that a workflow sets (contract/limits.ts). */
const BEAT_MS = 1_000;

export async function attempt<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const beat = setInterval(() => heartbeat(), BEAT_MS);
  const signal = cancellationSignal();
  try {
    return await work(signal);
  } catch (error) {
    if (signal.aborted) throw await cancellation(error);
    throw toFailure(error, { attempt: activityInfo().attempt, remainingMs: remainingMs(), jitter: Math.random() });
  } finally {
    clearInterval(beat);
  }
}

/**
 * An attempt of the API queue: exactly one request. Its answer is a line in the log, and the number of attempts, which is
 * the number of requests, goes with the result.
 */
export function attemptRequest<Data, Result extends object>(
  ask: (signal: AbortSignal) => Promise<Answer<Data>>,
  resultOf: (data: Data, requestId: string | undefined) => Result | Promise<Result>,
  modelOf: (data: Data) => ModelId,
): Promise<Attempted<Result>> {
  return attempt(async (signal) => {
    const startedAt = performance.now();
    const { data, requestId } = await ask(signal);
    const durationMs = Math.round(performance.now() - startedAt);
    log.info('request answered', { modelId: modelOf(data), requestId, durationMs });
    return { ...(await resultOf(data, requestId)), attempts: activityInfo().attempt };
  });
}

/** What Temporal wants to see of a cut attempt: the cancellation itself, not the error that the cut caused. */
async function cancellation(error: unknown): Promise<unknown> {
  return Context.current().cancelled.catch((cancelled: unknown) => cancelled ?? error);
}

/** Until Temporal gives the activity up for good. */
export function remainingMs(): number {
  const { scheduledTimestampMs, scheduleToCloseTimeoutMs } = activityInfo();
  return scheduleToCloseTimeoutMs === undefined || scheduleToCloseTimeoutMs === 0
    ? Number.POSITIVE_INFINITY
    : scheduledTimestampMs + scheduleToCloseTimeoutMs - Date.now();
}
