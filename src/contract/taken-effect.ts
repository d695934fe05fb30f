/** Whether a request took effect although nobody was told: one rule for the job that asked and for the reap that reads its history. */
import { policyOf } from './errors.js';
import type { FailureDetails } from './messages.js';

/**
 * Of the requests that a failed step sent, how many may have taken effect; Infinity where it could not say what it sent.
 * Only its last one was answered with the failure: those before it were not, or not by anybody who knew.
 */
export function mayHaveTakenEffect(failure: FailureDetails | undefined): number {
  const { attempts = Number.POSITIVE_INFINITY, without_effect = 0 } = failure ?? {};
  return Math.max(0, attempts - without_effect - (isRefusal(failure) ? 1 : 0));
}

/** The API, or what stands before it, answered that it did not do it. After a 5xx it may have. */
function isRefusal({ code, type, status }: Partial<FailureDetails> = {}): boolean {
  if (status === undefined) return false;
  const { action } = policyOf({ code, type, statusCode: status });
  return action === 'fail' || action === 'hold' || action === 'rekey';
}

/** Refusals of a body. Another status may come from a proxy, or from before the key is looked at. */
const REFUSED_BODY = [400, 402, 413, 422];

/**
 * A step that came later than every other request under its key, and was refused: the stored answer would have come back if one
 * had taken effect [dataxid-api: idempotency].
 */
export function provesNoEffect(failure: FailureDetails | undefined): boolean {
  return REFUSED_BODY.includes(failure?.status ?? 0);
}
