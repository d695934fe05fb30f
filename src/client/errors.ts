/** What a caller of this library can catch. Messages are sentences for a person; fields are for programs. */
import { type FailureDetails, failureDetailsSchema } from '../contract/messages.js';
import type { TrainedModel } from '../contract/requests.js';

/** The job ended without its result. `code` is an API error code, or one of ours (docs/errors.md). */
export class JobFailedError extends Error {
  override readonly name = 'JobFailedError';
  readonly code: string;
  readonly param: string | undefined;
  readonly requestId: string | undefined;
  readonly docUrl: string | undefined;
  /** A trained model that was kept although the job failed later. */
  readonly trained: TrainedModel | undefined;
  constructor(
    readonly jobId: string,
    message: string,
    details: FailureDetails,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = details.code;
    this.param = details.param;
    this.requestId = details.request_id;
    this.docUrl = details.doc_url;
    this.trained = details.trained;
  }
}

/** Somebody cancelled the job, or terminated it; a cancelled one has deleted its model. */
export class JobCancelledError extends Error {
  override readonly name = 'JobCancelledError';
  constructor(
    readonly jobId: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export class JobNotFoundError extends Error {
  override readonly name = 'JobNotFoundError';
  constructor(readonly jobId: string) {
    super(`There is no job ${jobId}. \`dxo jobs list\` shows those there are.`);
  }
}

/** The id is taken: by a job that the caller asked not to attach to, or by one of another kind. */
export class JobExistsError extends Error {
  override readonly name = 'JobExistsError';
  /** @param kind what the job is that has the id */
  constructor(
    readonly jobId: string,
    kind: string,
  ) {
    super(`There is a ${kind} job ${jobId} already: choose another id, or attach to it.`);
  }
}

/** The request is wrong; nothing was sent. Every fault is listed. */
export class InvalidRequestError extends Error {
  override readonly name = 'InvalidRequestError';
  constructor(
    message: string,
    readonly params: readonly string[],
  ) {
    super(message);
  }
}

export function failureDetailsOf(details: unknown): FailureDetails {
  const parsed = failureDetailsSchema.safeParse(details);
  return parsed.success ? parsed.data : { code: 'unexpected_error' };
}

/** Temporal cannot be reached, does not let us in, or no worker answers. */
export class OrchestratorUnavailableError extends Error {
  override readonly name = 'OrchestratorUnavailableError';
}
