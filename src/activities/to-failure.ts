/**
 * Turns what went wrong in an activity into the ApplicationFailure that Temporal's retry understands, by the error
 * policy and nothing else. `type` is the error's code; details carry what a person or a program needs. A quick repeat is
 * Temporal's; a longer wait goes back to the workflow, which shows it and asks again (`ask_again_ms`).
 * One level of cause and short texts: pending failures over 4 096 bytes lose their details (measured).
 */
import { type ApplicationFailure, ApplicationFailureCategory, TemporalFailure } from '@temporalio/common';
import { DataxidError, QuotaExceededError } from '../api/api-error.js';
import { RowsShortError } from '../budget/quota-gate.js';
import { TurnsClosedError } from '../budget/turns.js';
import { type ErrorPolicy, policyOf } from '../contract/errors.js';
import { InputError } from '../contract/input-error.js';
import { MESSAGE_BYTES_MAX, QUICK_ATTEMPTS, QUICK_DELAY_MS, ROWS_AGAIN_MS } from '../contract/limits.js';
import { makeFailure } from '../contract/make-failure.js';
import type { FailureDetails } from '../contract/messages.js';
import { clockOf, cutToBytes } from '../contract/text.js';

/** How the failure's timing is chosen: all arguments, so that tests decide them. */
export interface RetryClock {
  /** From 1. */
  attempt: number;
  /** Of those so far, how many surely took no effect. */
  withoutEffect: number;
  /** What is left until Temporal gives the activity up; a delay past it would end it at once (measured). */
  remainingMs: number;
  /** Uniform in [0, 1). The server adds no jitter of its own (measured). */
  jitter: number;
}

/** Share of a delay that jitter may add, so that jobs hit by one 429 do not come back on one tick. */
const JITTER_SHARE = 0.25;

export function toFailure(error: unknown, clock: RetryClock): TemporalFailure {
  if (error instanceof InputError) return inputFailure(error, clock);
  if (error instanceof DataxidError) return apiFailure(error, clock);
  if (error instanceof TemporalFailure) return error;
  if (error instanceof TurnsClosedError) return handedOver(error);
  if (error instanceof RowsShortError) return rowsShort(error);
  return unexpectedFailure(error);
}

/** Nothing was sent: the next worker's turn is as good. */
function handedOver({ message }: TurnsClosedError): ApplicationFailure {
  return makeFailure({
    message,
    nonRetryable: false,
    nextRetryDelay: 1,
    category: ApplicationFailureCategory.BENIGN,
    details: { code: 'budget_handed_over' },
  });
}

/** Not sent: the job is held or fails as after a 402, but sooner. */
function rowsShort({ shortage }: RowsShortError): ApplicationFailure {
  const { used, limit, needed, reserved, reservedBy } = shortage;
  const resetsAt = new Date(shortage.resetsAtMs).toISOString();
  const others =
    reservedBy === 0 ? '' : `, ${reserved} are reserved by ${reservedBy} other ${reservedBy === 1 ? 'job' : 'jobs'}`;
  return makeFailure({
    message: `The quota of rows does not suffice, so nothing was asked for: ${used} of ${limit} rows are used until ${clockOf(resetsAt)}${others}, and this job needs ${needed}${needed > limit ? ', more than a whole period has' : ''} (quota_exceeded).`,
    nonRetryable: true,
    details: {
      code: 'quota_exceeded',
      // It is looked at before the first request under a key, and not again.
      attempts: 0,
      resets_at: resetsAt,
      // It would fit if the others needed less than they have reserved, or ended.
      ...(used + needed <= limit ? { ask_again_ms: ROWS_AGAIN_MS } : {}),
    },
  });
}

/** Nothing was sent by this attempt; those before it had sent a request each. */
function sentBefore({ attempt, withoutEffect }: RetryClock): Pick<FailureDetails, 'attempts' | 'without_effect'> {
  return {
    attempts: attempt - 1,
    ...(withoutEffect > 0 ? { without_effect: withoutEffect } : {}),
  };
}

/** The text of an error that nobody foresaw may quote data (a parser's does), so only its name and place are kept. */
function unexpectedFailure(error: unknown): ApplicationFailure {
  const { name = 'error', code, stack = '' } = error as { name?: string; code?: unknown; stack?: string };
  const failure = makeFailure({
    message: `A fault of this program, or of its machine: ${name}${typeof code === 'string' ? ` ${code}` : ''}. The stack says where; the text is withheld, since it may quote data.`,
    nonRetryable: false,
    details: { code: 'unexpected_error' },
  });
  failure.stack = stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
  return failure;
}

function inputFailure(error: InputError, clock: RetryClock): ApplicationFailure {
  const details: FailureDetails = {
    code: error.code,
    ...(error.param === undefined ? {} : { param: error.param }),
    ...sentBefore(clock),
  };
  return makeFailure({
    message: cutToBytes(error.message, MESSAGE_BYTES_MAX),
    nonRetryable: true,
    details,
  });
}

function apiFailure(error: DataxidError, clock: RetryClock): ApplicationFailure {
  const policy = policyOf(error);
  const delayMs = delayOf(policy, error.retryAfterMs, clock);
  const isWorthAsking = policy.action === 'retry' || policy.action === 'wait';
  const isQuick = clock.attempt < QUICK_ATTEMPTS && delayMs <= QUICK_DELAY_MS && delayMs < clock.remainingMs;
  const isRetried = isWorthAsking && isQuick;
  const details: FailureDetails = {
    code: error.code,
    ...(error.type === undefined ? {} : { type: error.type }),
    ...(error.statusCode === undefined ? {} : { status: error.statusCode }),
    ...(error.param === undefined ? {} : { param: error.param }),
    ...(error.requestId === undefined ? {} : { request_id: error.requestId }),
    ...(error.docUrl === undefined ? {} : { doc_url: error.docUrl }),
    ...(isWorthAsking || policy.action === 'rekey' ? { ask_again_ms: delayMs } : {}),
    attempts: clock.attempt,
    ...(clock.withoutEffect > 0 ? { without_effect: clock.withoutEffect } : {}),
    ...(error instanceof QuotaExceededError && error.resetsAt !== undefined ? { resets_at: error.resetsAt } : {}),
  };
  return makeFailure({
    message: cutToBytes(sentenceOf(error, isWorthAsking, delayMs), MESSAGE_BYTES_MAX),
    nonRetryable: !isRetried,
    ...(isRetried ? { nextRetryDelay: delayMs } : {}),
    ...(policy.action === 'wait' ? { category: ApplicationFailureCategory.BENIGN } : {}),
    details,
  });
}

/** At least the policy's floor, at most its ceiling before jitter, and `Retry-After` where the API said one. */
export function delayOf(
  policy: ErrorPolicy,
  retryAfterMs: number | undefined,
  { attempt, jitter }: RetryClock,
): number {
  const floorMs = policy.floorMs ?? 1_000;
  const backOffMs = Math.min(floorMs * 2 ** Math.min(attempt - 1, QUICK_ATTEMPTS), policy.ceilingMs ?? floorMs);
  const baseMs = Math.max(retryAfterMs ?? 0, policy.action === 'retry' ? backOffMs : floorMs);
  return Math.round(baseMs * (1 + JITTER_SHARE * jitter));
}

function sentenceOf(error: DataxidError, isAskedAgain: boolean, delayMs: number): string {
  const what = `DataXID did not ${error.operation}: ${error.message}`;
  return isAskedAgain
    ? `${what} (${error.code}; asks again in ${Math.ceil(delayMs / 1000)} s)`
    : `${what} (${error.code})`;
}
