/**
 * One request, one answer, over undici: no retry, no redirect, no second connection tried for a request that began.
 * What comes back is an answer with any status; what is thrown is no answer or half a refusal (NoAnswerError), a success
 * whose body broke (AnswerUnreadableError), a failure of the body's own source, or the reason of an abort, both untouched.
 * Not here: what answers mean (refusal.ts, dataxid-api.ts).
 */
import { constants } from 'node:buffer';
import { type Dispatcher, Pool } from 'undici';
import { InputError } from '../contract/input-error.js';
import { ANSWER_BYTES_MAX } from '../contract/limits.js';
import { AnswerUnreadableError, NoAnswerError } from './api-error.js';
import { AnswerTooLargeError, firstHeaders, type HttpAnswer, readStart, readWhole } from './http-answer.js';
import { describeNoAnswer } from './no-answer.js';
import { type RequestBody, streamOf } from './request-body.js';

export interface Timeouts {
  /** @unit milliseconds */ readonly connectMs: number;
  /** From the request's last byte to the answer's headers. @unit milliseconds */ readonly headersMs: number;
  /** The longest gap in the answer's body. @unit milliseconds */ readonly bodyMs: number;
}

export interface HttpRequest {
  /** A verb: `create the model`. */
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With the query; below the origin. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: RequestBody | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An error's body is a short JSON or a page; more is not read. */
const ERROR_BODY_BYTES_MAX = 64 * 1024;
/** A JSON text has to fit one string of this JavaScript engine, which may be less than we would take. */
const TEXT_BYTES_MAX = Math.min(ANSWER_BYTES_MAX, constants.MAX_STRING_LENGTH);

export const isSuccess = ({ status }: HttpAnswer): boolean => status >= 200 && status < 300;

/** Connections to one origin. The request goes there and nowhere else. */
export function openPool(origin: string, { connectMs, headersMs, bodyMs }: Timeouts): Pool {
  return new Pool(origin, { connect: { timeout: connectMs }, headersTimeout: headersMs, bodyTimeout: bodyMs });
}

export async function exchange(pool: Pool, request: HttpRequest): Promise<HttpAnswer> {
  const { operation, method, path, headers, signal } = request;
  signal?.throwIfAborted();
  const upload = request.body === undefined ? undefined : streamOf(request.body);
  let sent = false;
  const noteStart = () => {
    sent = true;
  };
  let response: Dispatcher.ResponseData;
  try {
    const pending = pool.compose(onRequestStart(noteStart)).request({
      method,
      path,
      headers: request.body === undefined ? headers : { ...headers, 'content-length': String(request.body.bytes) },
      body: upload?.stream ?? null,
      signal: signal ?? null,
    });
    response = await orAborted(pending, signal);
  } catch (error) {
    signal?.throwIfAborted();
    const source = upload?.sourceFailure();
    if (source !== undefined) throw source.error;
    throw new NoAnswerError(describeNoAnswer(error, sent), operation, sent);
  }
  return readAnswer(response, request);
}

async function readAnswer(response: Dispatcher.ResponseData, request: HttpRequest): Promise<HttpAnswer> {
  const answer = { status: response.statusCode, headers: firstHeaders(response.headers), body: new Uint8Array() };
  if (!isSuccess(answer)) return { ...answer, body: await readRefusal(response, request) };
  try {
    const length = answer.headers['content-length'];
    const announcedBytes = length === undefined ? undefined : Number(length);
    return { ...answer, body: await readWhole(response.body, announcedBytes, TEXT_BYTES_MAX) };
  } catch (error) {
    response.body.on('error', () => {}).destroy();
    request.signal?.throwIfAborted();
    if (error instanceof AnswerTooLargeError) throw tooLarge(request.operation);
    throw new AnswerUnreadableError('the answer says success and breaks off before its end', {
      operation: request.operation,
      statusCode: answer.status,
      requestId: answer.headers['x-request-id'],
    });
  }
}

/** Half a refusal does not say what was refused, or whether for good; one for the rate, or of a server in trouble, needs no body. */
async function readRefusal({ statusCode, body }: Dispatcher.ResponseData, request: HttpRequest): Promise<Uint8Array> {
  const { bytes, isCut } = await readStart(body, ERROR_BODY_BYTES_MAX);
  request.signal?.throwIfAborted();
  if (isCut && statusCode !== 429 && statusCode < 500) {
    throw new NoAnswerError(`no answer: HTTP ${statusCode} broke off before its end`, request.operation, true);
  }
  return bytes;
}

function tooLarge(operation: string): InputError {
  return new InputError(
    'answer_invalid',
    `The answer to "${operation}" is larger than ${TEXT_BYTES_MAX} bytes; ask for fewer rows at once (policy.rowsPerChunk).`,
    'policy.rowsPerChunk',
  );
}

/** undici looks at the signal only once a connection is there; an abort shall not wait for that. */
async function orAborted<T>(pending: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return pending;
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([pending, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Calls back when a request is about to be written to a connection: before that, surely nothing was sent. */
const onRequestStart =
  (callback: () => void): Dispatcher.DispatcherComposeInterceptor =>
  (dispatch) =>
  (options, handler) =>
    dispatch(options, {
      onRequestStart(controller, context) {
        callback();
        handler.onRequestStart?.(controller, context);
      },
      onResponseStart: (...told) => handler.onResponseStart?.(...told),
      onResponseData: (...told) => handler.onResponseData?.(...told),
      onResponseEnd: (...told) => handler.onResponseEnd?.(...told),
      onResponseError: (...told) => handler.onResponseError?.(...told),
    });
