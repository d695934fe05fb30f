/**
 * The last word of a job that fails: one sentence a person can act on, with `code`, `param`, `request_id` and `doc_url`
 * in its details. A raw ActivityFailure never leaves a workflow: the Web UI would say "Activity task failed".
 */
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import { type ErrorPolicy, policyOf } from '../contract/errors.js';
import type { ModelId } from '../contract/ids.js';
import { InputError } from '../contract/input-error.js';
import { MESSAGE_BYTES_MAX } from '../contract/limits.js';
import { makeFailure } from '../contract/make-failure.js';
import { type FailureDetails, failureDetailsSchema } from '../contract/messages.js';
import type { TrainedModel } from '../contract/requests.js';
import { clockOf, cutToBytes } from '../contract/text.js';

export type OurFailure = FailureDetails & { message: string };

/** What an activity, or a check of the workflow itself, said in words of ours. */
export function failureOf(error: unknown): OurFailure | undefined {
  if (error instanceof InputError) return { code: error.code, param: error.param, message: error.message };
  const failure = error instanceof ActivityFailure ? error.cause : error;
  if (!(failure instanceof ApplicationFailure)) return undefined;
  const details = failureDetailsSchema.safeParse(failure.details?.[0]);
  // What an activity said about its own next try is over when it gave up.
  const message = failure.message.replace(/ \((\w+); asks again in \d+ s\)$/, ' ($1)');
  return details.success ? { ...details.data, message } : { code: failure.type ?? 'unexpected_error', message };
}

/** The policy for what an activity failed with. Failures of our own, without a type or status of the API, have no row. */
export function policyOfFailure({ code, type, status }: FailureDetails): ErrorPolicy {
  return policyOf({ code, type, statusCode: status });
}

export interface Aftermath {
  /** A model that could not be deleted. */
  leftOver?: ModelId | undefined;
  /** A trained model that the request keeps, although the job failed later. */
  kept?: TrainedModel | undefined;
  /** What was made so far is left to a retry of the job, until then (ISO 8601). */
  forRetry?: { job: string; keptUntil: string } | undefined;
}

export function explain(error: unknown, { leftOver, kept, forRetry }: Aftermath = {}): ApplicationFailure {
  const failure: OurFailure = failureOf(error) ??
    timeoutOf(error) ?? { code: 'unexpected_error', message: String((error as Error)?.message ?? error) };
  const { message, ask_again_ms: _, attempts: __, without_effect: ___, ...details } = failure;
  const { param } = failure;
  const { advice: general = '' } = policyOfFailure(failure);
  const advice = param === undefined ? general : general.replace('the parameter named in `param`', `\`${param}\``);
  // What somebody else damaged may be the model's metadata.
  const isDamaged = failure.code === 'artifact_corrupt' || failure.code === 'artifact_missing';
  const sentence = [
    message,
    // A batch says what its item said.
    message.includes(advice) ? '' : advice,
    leftOver === undefined ? '' : modelLeftOver(leftOver),
    kept === undefined || forRetry !== undefined
      ? ''
      : `The trained model ${kept.modelId} was kept${isDamaged ? '' : ': generate from it'}.`,
    forRetry === undefined
      ? ''
      : `What it made is kept until ${clockOf(forRetry.keptUntil)}: \`dxo retry ${forRetry.job} --from generating\` goes on.`,
  ]
    .filter((part) => part !== '')
    .join(' ');
  return makeFailure({
    message: cutToBytes(sentence, MESSAGE_BYTES_MAX * 2),
    nonRetryable: true,
    details: {
      ...details,
      ...(kept === undefined ? {} : { trained: kept }),
      ...(forRetry === undefined ? {} : { kept_until: forRetry.keptUntil }),
    },
  });
}

/** For whoever pays for the model. */
export function modelLeftOver(modelId: ModelId): string {
  return `The model ${modelId} could not be deleted: \`dxo reap\` deletes it, once the API lets it.`;
}

/** No attempt came through within the time that Temporal was given for all of them. */
export function isOutOfTime(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof TimeoutFailure &&
    error.cause.timeoutType === 'SCHEDULE_TO_CLOSE'
  );
}

function timeoutOf(error: unknown): { code: string; message: string } | undefined {
  if (!(error instanceof ActivityFailure) || !(error.cause instanceof TimeoutFailure)) return undefined;
  const { timeoutType } = error.cause;
  return {
    code: 'deadline_exceeded',
    message:
      timeoutType === 'SCHEDULE_TO_START' || timeoutType === 'SCHEDULE_TO_CLOSE'
        ? `The step ${error.activityType} was not done within its time (${timeoutType}): no worker took it, or the request budget was used up by others. Check the workers and start the job again.`
        : `The step ${error.activityType} stopped answering (${timeoutType}) on every try: check the worker's log and memory, then start the job again.`,
  };
}
