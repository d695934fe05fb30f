/**
 * An answer that is not a success becomes a typed error: by its code, else its type, else its HTTP status, in the
 * order of contract/errors.ts. Whatever the body is (a proxy's page, nothing, half a JSON), there is an error to throw.
 */
import { MESSAGE_BYTES_MAX } from '../contract/limits.js';
import {
  APIError,
  AuthenticationError,
  ConflictError,
  type DataxidError,
  type ErrorFields,
  InvalidRequestError,
  ModelNotReadyError,
  NotFoundError,
  QuotaExceededError,
  type QuotaFields,
  RateLimitError,
} from './api-error.js';
import type { HttpAnswer } from './http-answer.js';
import { rateLimitOf } from './rate-limit.js';
import { parseRetryAfter } from './retry-after.js';
import { type SafeText, textOfPage } from './safe-text.js';
import { type ErrorBody, errorBodySchema } from './wire.js';

type ErrorClass = new (message: string, fields: ErrorFields & QuotaFields) => DataxidError;

const CLASS_BY_CODE: Readonly<Record<string, ErrorClass>> = {
  model_not_ready: ModelNotReadyError,
  idempotency_key_in_use: ConflictError,
  quota_exceeded: QuotaExceededError,
  free_tier_limit_reached: QuotaExceededError,
};

const CLASS_BY_TYPE: Readonly<Record<string, ErrorClass>> = {
  authentication_error: AuthenticationError,
  invalid_request_error: InvalidRequestError,
  not_found_error: NotFoundError,
  quota_exceeded_error: QuotaExceededError,
  quota_exceeded: QuotaExceededError,
  rate_limit_error: RateLimitError,
  api_error: APIError,
};

const CLASS_BY_STATUS: Readonly<Record<number, ErrorClass>> = {
  401: AuthenticationError,
  402: QuotaExceededError,
  404: NotFoundError,
  408: APIError,
  409: ConflictError,
  429: RateLimitError,
};

/** Bytes of a name, path or id that are kept. */
const FIELD_BYTES_MAX = 200;

/** The error for an answer with a status that is no success. */
export function refusalOf(answer: HttpAnswer, operation: string, safe: SafeText, nowMs: number): DataxidError {
  const { error, request_id } = readErrorBody(answer.body);
  const field = (text: string | undefined) => (text === undefined ? undefined : safe(text, FIELD_BYTES_MAX));
  const code = nameOf(field(error?.code)) ?? `http_${answer.status}`;
  const type = nameOf(field(error?.type));
  const { usage } = error ?? {};
  const fields: ErrorFields & QuotaFields = {
    operation,
    code,
    type,
    statusCode: answer.status,
    param: field(error?.param),
    requestId: field(request_id) ?? field(answer.headers['x-request-id']),
    docUrl: field(error?.doc_url),
    retryAfterMs: parseRetryAfter(answer.headers['retry-after'], nowMs),
    rateLimit: rateLimitOf(answer.headers),
    upgradeUrl: field(error?.upgrade_url),
    usage: usage && {
      used: usage.used,
      limit: usage.limit,
      requested: usage.requested,
      period: field(usage.period),
    },
    resetsAt: instantOf(usage?.resets_at),
  };
  return new (classOf(code, type, answer.status))(safe(messageOf(answer, error), MESSAGE_BYTES_MAX), fields);
}

function readErrorBody(body: Uint8Array): ErrorBody {
  try {
    return errorBodySchema.parse(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch {
    return {};
  }
}

/** Codes and types are lower-case words; anything else is not one, and the status decides. */
function nameOf(text: string | undefined): string | undefined {
  return text !== undefined && /^[a-z][a-z0-9_]*$/.test(text) ? text : undefined;
}

function instantOf(text: string | undefined): string | undefined {
  const atMs = Date.parse(text ?? '');
  return Number.isNaN(atMs) ? undefined : new Date(atMs).toISOString();
}

function classOf(code: string, type: string | undefined, status: number): ErrorClass {
  const byCode = Object.hasOwn(CLASS_BY_CODE, code) ? CLASS_BY_CODE[code] : undefined;
  const byType = type !== undefined && Object.hasOwn(CLASS_BY_TYPE, type) ? CLASS_BY_TYPE[type] : undefined;
  const otherwise = status >= 400 && status < 500 ? InvalidRequestError : APIError;
  return byCode ?? byType ?? CLASS_BY_STATUS[status] ?? otherwise;
}

function messageOf({ status, headers, body }: HttpAnswer, error: ErrorBody['error']): string {
  if (error?.message) return error.message;
  if (status >= 300 && status < 400) {
    return `HTTP ${status} is a redirect, and none is followed: the key goes to one host only. Check DATAXID_BASE_URL.`;
  }
  const isJson = /\bjson\b/i.test(headers['content-type'] ?? '');
  const page = isJson ? '' : textOfPage(body).trim();
  return page === ''
    ? `HTTP ${status} with ${body.length === 0 ? 'no body' : "a body that is not the API's"}`
    : `HTTP ${status}, not from the API itself: ${page}`;
}
