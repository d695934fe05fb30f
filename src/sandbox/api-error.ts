/** The errors that the API answers, with their exact bodies [doc]. Thrown anywhere in a call, turned into an answer in one place. */
import { UPGRADE_URL } from './assumptions.js';

export const ERRORS = {
  api_key_missing: { status: 401, type: 'authentication_error' },
  api_key_invalid: { status: 401, type: 'authentication_error' },
  parameter_invalid: { status: 400, type: 'invalid_request_error' },
  model_not_found: { status: 404, type: 'not_found_error' },
  model_not_ready: { status: 400, type: 'invalid_request_error' },
  training_service_unavailable: { status: 503, type: 'api_error' },
  idempotency_key_in_use: { status: 409, type: 'invalid_request_error' },
  quota_exceeded: { status: 402, type: 'quota_exceeded_error' },
  rate_limit_exceeded: { status: 429, type: 'rate_limit_error' },
  internal_error: { status: 500, type: 'api_error' },
} as const;
export type ErrorCode = keyof typeof ERRORS;
export const ERROR_CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

/** The rows of a period: what was asked for, what is left, and when the next period begins. `resets_at` is [assumed]. */
export interface Usage {
  used: number;
  limit: number;
  requested: number;
  period: string;
  resets_at: string;
}

export interface ErrorExtras {
  param?: string;
  usage?: Usage;
  /** Whole seconds of the client's own clock; 429 only. */
  retryAfterSeconds?: number;
}

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly extras: ErrorExtras = {},
  ) {
    super(message);
    this.status = ERRORS[code].status;
  }
}

export function parameterInvalid(param: string, message: string): ApiError {
  return new ApiError('parameter_invalid', message, { param });
}

export function errorBody(error: ApiError, requestId: string): object {
  const { param, usage } = error.extras;
  return {
    error: {
      type: ERRORS[error.code].type,
      code: error.code,
      message: error.message,
      doc_url: `https://docs.dataxid.com/docs/errors#${error.code}`,
      ...(param === undefined ? {} : { param }),
      ...(usage === undefined ? {} : { usage, upgrade_url: UPGRADE_URL }),
    },
    request_id: requestId,
  };
}
