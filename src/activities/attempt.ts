/**
 * Runs the body of one activity attempt: beats while it works, gives it the signal that Temporal cancels by, and turns
 * its failure by the error policy. Beats are what make a dead worker noticed in seconds and a cancel reach a request; and they
 * are all that one attempt can tell the next: how many of them surely took no effect.
 */
import { activityInfo, Context, cancellationSignal, heartbeat, log } from '@temporalio/activity';
import { z } from 'zod';
import { DataxidError, NoAnswerError, QuotaExceededError, RateLimitError } from '../api/api-error.js';
import type { Answer } from '../api/dataxid-api.js';
import type { RowsWanted } from '../budget/row-quota.js';
import { type Standing, type Turn, type Turns, TurnsClosedError } from '../budget/turns.js';
import type { RequestKind } from '../contract/budget.js';
import type { ModelId } from '../contract/ids.js';
import { PRIORITY_DEFAULT } from '../contract/limits.js';
import { clockOf } from '../contract/text.js';
import type { Attempted } from './deps.js';
import { toFailure } from './to-failure.js';

/** Well below the shortest heartbeat timeout that a workflow sets (contract/limits.ts). */
const BEAT_MS = 1_000;

/** What an attempt waits for, as an operator reads it under "Pending Activities". Names and times, never data. */
type WaitsFor = { 'waits for': string } & Record<string, string | number>;
/** From now on the beats tell this, as it is then. */
type Tell = (waitsFor: () => WaitsFor) => void;

export async function attempt<T>(work: (signal: AbortSignal, tell: Tell) => Promise<T>): Promise<T> {
  let withoutEffect = withoutEffectBefore();
  let waitsFor: (() => WaitsFor) | undefined;
  const tellTemporal = (): void => heartbeat({ ...waitsFor?.(), ...(withoutEffect > 0 ? { withoutEffect } : {}) });
  const beat = setInterval(tellTemporal, BEAT_MS);
  const signal = cancellationSignal();
  try {
    return await work(signal, (told) => {
      waitsFor = told;
    });
  } catch (error) {
    if (signal.aborted) throw await cancellation(error);
    if (hadNoEffect(error)) withoutEffect += 1;
    if (waitsFor !== undefined) {
      // Temporal keeps the last beat beside the failure, until the next attempt beats.
      const since = clockOf(nowIso());
      waitsFor = () => ({ 'waits for': 'its next attempt', since });
      tellTemporal();
    }
    const { attempt } = activityInfo();
    throw toFailure(error, { attempt, withoutEffect, remainingMs: remainingMs(), jitter: Math.random() });
  } finally {
    clearInterval(beat);
  }
}

/** Of this attempt and those before it, how many took no effect. One that could not tell counts as one that may have. */
const beatSchema = z.object({ withoutEffect: z.number().int().nonnegative() });

function withoutEffectBefore(): number {
  const { attempt, heartbeatDetails } = activityInfo();
  const before = beatSchema.safeParse(heartbeatDetails).data?.withoutEffect ?? 0;
  return Math.min(before, attempt - 1);
}

/** Refused for the rate, or never sent. */
function hadNoEffect(error: unknown): boolean {
  return (
    error instanceof RateLimitError ||
    error instanceof TurnsClosedError ||
    (error instanceof NoAnswerError && !error.sent)
  );
}

/** What an attempt of the API queue is given beside its question. */
export interface Errand<Data, Prepared> {
  turns: Turns;
  kind: RequestKind;
  /** Undefined: the request is not of one model. */
  modelOf: (data: Data) => ModelId | undefined;
  /** Work before the turn comes: a turn that is not used at once is lost to others. */
  prepare?: () => Promise<Prepared>;
  /** Where the request is of a job that is billed for rows. */
  quotaOf?: (prepared: Prepared) => RowsWanted | undefined;
}

/**
 * An attempt of the API queue: waits for its turn, then sends exactly one request. Its answer is a line in the log, and
 * the number of attempts, which is the number of requests, goes with the result.
 */
export function attemptRequest<Data, Result extends object, Prepared = undefined>(
  { turns, kind, modelOf, prepare, quotaOf }: Errand<Data, Prepared>,
  ask: (signal: AbortSignal, prepared: Prepared) => Promise<Answer<Data>>,
  resultOf: (data: Data, requestId: string | undefined) => Result | Promise<Result>,
): Promise<Attempted<Result>> {
  return attempt(async (signal, tell) => {
    const { attempt: attempts, priority, workflowExecution } = activityInfo();
    const prepared = (await prepare?.()) as Prepared;
    const claim = {
      kind,
      priority: priority?.priorityKey || PRIORITY_DEFAULT,
      fairnessKey: priority?.fairnessKey ?? '',
      job: workflowExecution?.workflowId ?? '',
      run: workflowExecution?.runId ?? '',
      quota: quotaOf?.(prepared),
    };
    tell(() => turnToCome(turns.standingOf(claim)));
    const turn = await turns.take(claim, signal);
    const since = clockOf(nowIso());
    tell(() => ({ 'waits for': 'the answer', since }));
    const startedAt = performance.now();
    const { data, requestId } = await inTurn(turn, () => ask(signal, prepared));
    const durationMs = Math.round(performance.now() - startedAt);
    log.info('request answered', { modelId: modelOf(data), requestId, durationMs });
    return { ...(await resultOf(data, requestId)), attempts };
  });
}

function turnToCome(standing: Standing | undefined): WaitsFor {
  const waitsFor = { 'waits for': 'its turn in the request budget' };
  if (standing === undefined) return waitsFor;
  const { place, of, atMs } = standing;
  return { ...waitsFor, place, of, at: clockOf(new Date(atMs).toISOString()) };
}

const nowIso = (): string => new Date().toISOString();

/** Tells the budget what became of the request. */
async function inTurn<Data>(turn: Turn, ask: () => Promise<Answer<Data>>): Promise<Answer<Data>> {
  try {
    const answer = await ask();
    turn.billed();
    turn.answered(answer.rateLimit);
    return answer;
  } catch (error) {
    if (error instanceof QuotaExceededError) turn.exceeded({ ...error.usage, resetsAt: error.resetsAt });
    if (error instanceof RateLimitError) turn.refused(error.retryAfterMs ?? SILENCE_MS);
    else if (error instanceof NoAnswerError) (error.sent ? turn.lost : turn.unused)();
    else if (error instanceof DataxidError) turn.answered(error.rateLimit);
    else turn.lost();
    throw error;
  }
}

/** After a refusal for the rate that does not say how long. */
const SILENCE_MS = 1_000;

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
