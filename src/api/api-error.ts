/**
 * What a call can fail with, under the names that users of the Python SDK know [doc][sdk], and two for what is no
 * answer at all. Each carries what the error policy (contract/errors.ts) needs to decide; nothing here decides.
 * `message` is the API's own sentence or ours, short, on one line, and never holds the key.
 * Not here: how an answer becomes one of these (refusal.ts).
 */
import type { RateLimit } from './rate-limit.js';

export interface ErrorFields {
  /** What was asked for, as a verb: `create the model`. */
  readonly operation: string;
  /** The API's code; `http_<status>` where the answer has none. */
  readonly code: string;
  readonly type?: string | undefined;
  /** The part of the request that is wrong, as a path: `body.config.batch_size`. */
  readonly param?: string | undefined;
  readonly statusCode?: number | undefined;
  readonly requestId?: string | undefined;
  readonly docUrl?: string | undefined;
  /** At most one hour. */
  readonly retryAfterMs?: number | undefined;
  /** What the answer said of the organization's window. */
  readonly rateLimit?: RateLimit | undefined;
}

export class DataxidError extends Error implements ErrorFields {
  override readonly name: string = 'DataxidError';
  readonly operation: string;
  readonly code: string;
  readonly type?: string | undefined;
  readonly param?: string | undefined;
  readonly statusCode?: number | undefined;
  readonly requestId?: string | undefined;
  readonly docUrl?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly rateLimit?: RateLimit | undefined;

  constructor(message: string, fields: ErrorFields) {
    super(message);
    this.operation = fields.operation;
    this.code = fields.code;
    this.type = fields.type;
    this.param = fields.param;
    this.statusCode = fields.statusCode;
    this.requestId = fields.requestId;
    this.docUrl = fields.docUrl;
    this.retryAfterMs = fields.retryAfterMs;
    this.rateLimit = fields.rateLimit;
  }
}

export class AuthenticationError extends DataxidError {
  override readonly name = 'AuthenticationError';
}
export class InvalidRequestError extends DataxidError {
  override readonly name: string = 'InvalidRequestError';
}
export class NotFoundError extends DataxidError {
  override readonly name = 'NotFoundError';
}
export class ModelNotReadyError extends InvalidRequestError {
  override readonly name = 'ModelNotReadyError';
}
export class RateLimitError extends DataxidError {
  override readonly name = 'RateLimitError';
}
/** The first request under this idempotency key still runs. */
export class ConflictError extends DataxidError {
  override readonly name = 'ConflictError';
}
/** The server is in trouble, or an answer that nobody has seen yet. */
export class APIError extends DataxidError {
  override readonly name = 'APIError';
}

export interface QuotaFields {
  /** Rows of the billing period; every number may be missing [sdk]. */
  readonly usage?: { used?: number; limit?: number; requested?: number; period?: string } | undefined;
  readonly upgradeUrl?: string | undefined;
  /** ISO 8601; when the period ends, if the API says so [assumed]. */
  readonly resetsAt?: string | undefined;
}

export class QuotaExceededError extends DataxidError implements QuotaFields {
  override readonly name = 'QuotaExceededError';
  readonly usage?: QuotaFields['usage'];
  readonly upgradeUrl?: string | undefined;
  readonly resetsAt?: string | undefined;

  constructor(message: string, fields: ErrorFields & QuotaFields) {
    super(message, fields);
    this.usage = fields.usage;
    this.upgradeUrl = fields.upgradeUrl;
    this.resetsAt = fields.resetsAt;
  }
}

/** No answer: refused, reset, timed out. */
export class NoAnswerError extends DataxidError {
  override readonly name = 'NoAnswerError';

  constructor(
    message: string,
    operation: string,
    /** False: no connection came about, so the request surely was not executed. True: nobody knows. */
    readonly sent: boolean,
  ) {
    super(message, { operation, code: 'no_answer' });
  }
}

/** A success whose body is broken, cut short or of another shape. The request was executed. */
export class AnswerUnreadableError extends DataxidError {
  override readonly name = 'AnswerUnreadableError';

  constructor(message: string, fields: Omit<ErrorFields, 'code'>) {
    super(message, { ...fields, code: 'answer_unreadable' });
  }
}
