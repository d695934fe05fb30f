/**
 * The DataXID API, one method a call, exactly one HTTP request per method. No retry here: Temporal owns every retry, so
 * that the request budget and the history tell the truth. A failure is a DataxidError (api-error.ts); the policy for it
 * is in contract/errors.ts. The key is private to this object and goes to the base URL's origin only.
 */
import type { Pool } from 'undici';
import type { z } from 'zod';
import type { ModelId } from '../contract/ids.js';
import { CONNECT_TIMEOUT_MS, MESSAGE_BYTES_MAX, READ_TIMEOUT_MS } from '../contract/limits.js';
import { AnswerUnreadableError } from './api-error.js';
import { checkApiKey } from './api-key.js';
import { parseBaseUrl } from './base-url.js';
import { exchange, type HttpRequest, isSuccess, openPool, type Timeouts } from './exchange.js';
import type { HttpAnswer } from './http-answer.js';
import { type RateLimit, rateLimitOf } from './rate-limit.js';
import { refusalOf } from './refusal.js';
import { EMPTY_OBJECT_BODY, type RequestBody } from './request-body.js';
import { type SafeText, safeTextWithout } from './safe-text.js';
import {
  envelopeSchema,
  generatedSchema,
  type Model,
  modelSchema,
  modelsSchema,
  type StartedTraining,
  startedTrainingSchema,
} from './wire.js';

export type { RequestBody } from './request-body.js';

export interface DataxidApiOptions {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** @default dataxid-orchestrator */
  readonly userAgent?: string;
  /** @default 10 s to connect, 300 s for the headers and for each gap in the body, as the SDK waits [sdk] */
  readonly timeouts?: Partial<Timeouts>;
}

export interface CallOptions {
  /** Its reason is thrown as it is. An aborted request may have been executed. */
  readonly signal?: AbortSignal;
}
export interface PostOptions extends CallOptions {
  /** The same key must always carry the same bytes. */
  readonly idempotencyKey: string;
}

export interface Answer<T> {
  readonly data: T;
  readonly requestId?: string | undefined;
  readonly rateLimit?: RateLimit | undefined;
}
export interface Generated {
  /** The answer's body as it came; `{"object", "data": {"codes": …}, …}` in UTF-8. */
  readonly raw: Uint8Array;
  /** Its `data`, which has `codes`. */
  readonly data: unknown;
}

const DEFAULT_TIMEOUTS: Timeouts = {
  connectMs: CONNECT_TIMEOUT_MS,
  headersMs: READ_TIMEOUT_MS,
  bodyMs: READ_TIMEOUT_MS,
};

/** @throws InputError base_url_refused, api_key_malformed (constructor); every call throws DataxidError */
export class DataxidApi {
  readonly #authorization: string;
  readonly #userAgent: string;
  readonly #pool: Pool;
  readonly #basePath: string;
  readonly #safe: SafeText;

  constructor({ baseUrl, apiKey, userAgent = 'dataxid-orchestrator', timeouts }: DataxidApiOptions) {
    checkApiKey(apiKey);
    const { origin, pathname } = parseBaseUrl(baseUrl);
    this.#authorization = `Bearer ${apiKey}`;
    this.#userAgent = userAgent;
    this.#pool = openPool(origin, { ...DEFAULT_TIMEOUTS, ...timeouts });
    this.#basePath = pathname === '/' ? '' : pathname;
    this.#safe = safeTextWithout(apiKey);
  }

  /** POST /v1/models */
  async createModel(body: RequestBody, options: PostOptions): Promise<Answer<Model>> {
    const call = post('create the model', '/v1/models', body, options);
    return this.#dataOf(await this.#call(call), call, modelSchema);
  }

  /** POST /v1/models/{id}/init-training. What a success says beside that is not documented, and not looked at. */
  async initTraining(id: ModelId, body: RequestBody, options: PostOptions): Promise<Answer<undefined>> {
    const call = post('upload the training data', `${pathOf(id)}/init-training`, body, options);
    return this.#nothingOf(await this.#call(call), call);
  }

  /** POST /v1/models/{id}/train */
  async startTraining(id: ModelId, options: PostOptions): Promise<Answer<StartedTraining>> {
    const call = post('start the training', `${pathOf(id)}/train`, EMPTY_OBJECT_BODY, options);
    return this.#dataOf(await this.#call(call), call, startedTrainingSchema);
  }

  /** GET /v1/models/{id} */
  async getModel(id: ModelId, options: CallOptions = {}): Promise<Answer<Model>> {
    const call: Call = { operation: 'look at the model', method: 'GET', path: pathOf(id), ...options };
    return this.#dataOf(await this.#call(call), call, modelSchema);
  }

  /** GET /v1/models: one page; the next begins after the last id of this one [assumed]. */
  async listModels(
    page: { limit?: number; startingAfter?: ModelId } = {},
    options: CallOptions = {},
  ): Promise<Answer<{ models: Model[]; hasMore: boolean }>> {
    const query = new URLSearchParams();
    if (page.limit !== undefined) query.set('limit', String(page.limit));
    if (page.startingAfter !== undefined) query.set('starting_after', page.startingAfter);
    const path = query.size === 0 ? '/v1/models' : `/v1/models?${query}`;
    const call: Call = { operation: 'list the models', method: 'GET', path, ...options };
    const answer = await this.#call(call);
    const { data: models, ...about } = this.#dataOf(answer, call, modelsSchema);
    return { data: { models, hasMore: this.#envelopeOf(answer, call).metadata?.has_more ?? false }, ...about };
  }

  /** POST /v1/models/{id}/generate */
  async generate(id: ModelId, body: RequestBody, options: PostOptions): Promise<Answer<Generated>> {
    const call = post('generate rows', `${pathOf(id)}/generate`, body, options);
    const answer = await this.#call(call);
    const { data, ...about } = this.#dataOf(answer, call, generatedSchema);
    return { data: { raw: answer.body, data }, ...about };
  }

  /** DELETE /v1/models/{id} */
  async deleteModel(id: ModelId, options: CallOptions = {}): Promise<Answer<undefined>> {
    const call: Call = { operation: 'delete the model', method: 'DELETE', path: pathOf(id), ...options };
    return this.#nothingOf(await this.#call(call), call);
  }

  /** Waits for running requests, then closes the connections. */
  async close(): Promise<void> {
    await this.#pool.close();
  }

  async #call({ idempotencyKey, path, ...request }: Call): Promise<HttpAnswer> {
    const headers = {
      authorization: this.#authorization,
      accept: 'application/json',
      'user-agent': this.#userAgent,
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    };
    const answer = await exchange(this.#pool, { ...request, path: `${this.#basePath}${path}`, headers });
    if (!isSuccess(answer)) throw refusalOf(answer, request.operation, this.#safe, Date.now());
    return answer;
  }

  #dataOf<S extends z.ZodType>(answer: HttpAnswer, call: Call, schema: S): Answer<z.output<S>> {
    const parsed = schema.safeParse(this.#envelopeOf(answer, call).data);
    if (!parsed.success) throw this.#unreadable(answer, call, `has no usable ${placeOf(parsed.error, 'data')}`);
    return { data: parsed.data, ...this.#aboutOf(answer) };
  }

  /** 204, an empty body or any JSON: a page of a proxy is no success. */
  #nothingOf(answer: HttpAnswer, call: Call): Answer<undefined> {
    if (answer.body.length > 0) this.#jsonOf(answer, call);
    return { data: undefined, ...this.#aboutOf(answer) };
  }

  #envelopeOf(answer: HttpAnswer, call: Call): z.output<typeof envelopeSchema> {
    const parsed = envelopeSchema.safeParse(this.#jsonOf(answer, call));
    if (!parsed.success) throw this.#unreadable(answer, call, `has no usable ${placeOf(parsed.error, 'body')}`);
    return parsed.data;
  }

  #jsonOf(answer: HttpAnswer, call: Call): unknown {
    if (answer.body.length === 0) throw this.#unreadable(answer, call, 'has no body');
    try {
      return JSON.parse(Buffer.from(answer.body.buffer, answer.body.byteOffset, answer.body.length).toString('utf8'));
    } catch {
      throw this.#unreadable(answer, call, 'is not JSON');
    }
  }

  #unreadable(answer: HttpAnswer, { operation }: Call, fault: string): AnswerUnreadableError {
    const message = this.#safe(`HTTP ${answer.status} says success, and the answer ${fault}`, MESSAGE_BYTES_MAX);
    return new AnswerUnreadableError(message, {
      operation,
      statusCode: answer.status,
      requestId: this.#aboutOf(answer).requestId,
    });
  }

  #aboutOf({ headers }: HttpAnswer): Pick<Answer<never>, 'requestId' | 'rateLimit'> {
    const requestId = headers['x-request-id'];
    return {
      requestId: requestId === undefined ? undefined : this.#safe(requestId, REQUEST_ID_BYTES_MAX),
      rateLimit: rateLimitOf(headers),
    };
  }
}

interface Call extends Omit<HttpRequest, 'headers'> {
  readonly idempotencyKey?: string;
}

const REQUEST_ID_BYTES_MAX = 200;

const pathOf = (id: ModelId): string => `/v1/models/${encodeURIComponent(id)}`;

const post = (operation: string, path: string, body: RequestBody, options: PostOptions): Call => ({
  operation,
  method: 'POST',
  path,
  body,
  ...options,
});

/** Where a parse failed: a path of names, never a value. */
function placeOf(error: z.ZodError, root: string): string {
  return [root, ...(error.issues[0]?.path ?? [])].map(String).join('.');
}
