/**
 * From a request to what is sent, in the API's order: key, rate limit, stored answer, validation, effect; with the
 * faults that were asked for in between. What happened is journalled before anything is sent.
 *
 * Faults without `after` that stand for a proxy (status, html, empty) and `reset-before` come before everything and take no
 * place in the rate window. An injected error comes where a genuine one would: one that is never stored before the
 * stored answers, one that is stored in place of the effect, and stored like a genuine one.
 * Not here: bytes on the socket (send-answer.ts).
 */
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { ApiError, ERRORS, errorBody } from './api-error.js';
import { IDEMPOTENCY_KEY_CHARS_MAX, isStoredUnderKey, REPLAYED_HEADER } from './assumptions.js';
import type { ApiRequest } from './call.js';
import { HANDLERS } from './calls.js';
import type { Change, LedgerEntry } from './events.js';
import { type Answer, injectedError, isAfter, proxyAnswer } from './fault-answers.js';
import type { Call, FaultRule } from './faults.js';
import type { WindowView } from './rate-window.js';
import { RouteNotFoundError, routeOf } from './routes.js';
import type { SandboxState } from './sandbox-state.js';
import type { StoredAnswer } from './stored-answers.js';

export interface IncomingRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  authorization: string | undefined;
  idempotencyKey: string | undefined;
  body: Buffer;
}

/** How an answer leaves: whole, or damaged on the way. */
export type Delivery = 'whole' | 'reset' | 'truncate' | 'broken-json';

const NO_BODY = Buffer.alloc(0);

/** What a request came to, before it is written down and sent. */
interface Settled {
  answer: Answer;
  requestId: string;
  effect: LedgerEntry['effect'];
  changes: Change[];
  code: string | null;
  modelId: string | null;
  stored?: StoredAnswer;
}

export async function answerRequest(
  state: SandboxState,
  incoming: IncomingRequest,
): Promise<{ answer: Answer; delivery: Delivery }> {
  const exchange = new Exchange(state, incoming);
  state.requestsInFlight += 1;
  try {
    return await exchange.run();
  } finally {
    state.requestsInFlight -= 1;
  }
}

class Exchange {
  private readonly sequence: number;
  private readonly requestId = `req_${randomBytes(12).toString('hex')}`;
  private readonly virtualMs: number;
  private readonly at = new Date().toISOString();
  private readonly route: { call: Call; modelId: string };
  private readonly fault: FaultRule | undefined;
  private readonly bodySha256: string;
  private organization: string | undefined;
  private window: WindowView | undefined;

  constructor(
    private readonly state: SandboxState,
    private readonly incoming: IncomingRequest,
  ) {
    this.sequence = state.nextSequence();
    this.virtualMs = state.clock.nowMs();
    this.route = routeOf(incoming.method, incoming.path);
    this.fault = state.faults.choose(this.route.call);
    this.bodySha256 = createHash('sha256').update(incoming.body).digest('hex');
  }

  async run(): Promise<{ answer: Answer; delivery: Delivery }> {
    const { fault } = this;
    this.organization = this.state.organizationOfKey(bearerKeyOf(this.incoming.authorization) ?? '');
    if (fault?.kind === 'reset-before') return this.finish(this.unanswered(), 'reset');
    const proxied = fault === undefined || isAfter(fault) ? undefined : proxyAnswer(fault);
    if (proxied !== undefined) return this.finish({ ...this.unanswered(), answer: proxied }, 'whole');
    let release = () => {};
    try {
      this.admit();
      if (fault?.kind === 'error' && !fault.after && !isStoredUnderKey(ERRORS[fault.code].status))
        throw this.injected(fault);
      const replayed = this.replay();
      if (replayed !== undefined) return await this.finishWithFault(replayed);
      if (this.key !== undefined) release = this.state.stored.begin(this.organization!, this.key);
      if (fault?.kind === 'slow' && !fault.after) await slowly(fault);
      return await this.finishWithFault(await this.execute());
    } catch (error) {
      const refusal = toApiError(error);
      const settled = this.refused(refusal);
      return await this.finishWithFault(refusal instanceof KeyRefusedError ? settled : this.remembered(settled));
    } finally {
      release();
    }
  }

  /** Only POST takes a key [ref]. */
  private get key(): string | undefined {
    return this.incoming.method === 'POST' ? this.incoming.idempotencyKey : undefined;
  }

  private admit(): void {
    const { authorization } = this.incoming;
    if (authorization === undefined) {
      throw new ApiError('api_key_missing', 'No API key: send `Authorization: Bearer <key>`.');
    }
    if (this.organization === undefined) throw new ApiError('api_key_invalid', 'The API key is unknown or revoked.');
    const { limits, clock } = this.state;
    this.window = this.state.windowOf(this.organization).admit(this.virtualMs, limits.rateLimit);
    if (this.window.admitted) return;
    const retryAfterSeconds = Math.max(1, Math.ceil(clock.wallMsUntil(this.window.resetMs) / 1_000));
    throw new ApiError(
      'rate_limit_exceeded',
      `More than ${limits.rateLimit} requests a minute: wait ${retryAfterSeconds} s.`,
      {
        retryAfterSeconds,
      },
    );
  }

  private replay(): Settled | undefined {
    if (this.key === undefined) return undefined;
    if (this.key.length === 0 || this.key.length > IDEMPOTENCY_KEY_CHARS_MAX) {
      throw new KeyRefusedError(`An idempotency key has 1 to ${IDEMPOTENCY_KEY_CHARS_MAX} characters.`);
    }
    const stored = this.state.stored.find(this.organization!, this.key, this.virtualMs);
    if (stored === undefined) {
      if (!this.state.stored.isRunning(this.organization!, this.key)) return undefined;
      throw new ApiError('idempotency_key_in_use', 'The first request with this idempotency key still runs.');
    }
    if (stored.fingerprint !== this.fingerprint) {
      throw new KeyRefusedError(
        'This idempotency key was used for another request: a key belongs to one path and body.',
      );
    }
    const body = stored.bodyBlob === null ? NO_BODY : this.state.blobs.read(stored.bodyBlob);
    const answer = this.answerOf(stored.status, body, stored.requestId, { [REPLAYED_HEADER]: 'true' });
    const { requestId, code, modelId } = stored;
    return { answer, requestId, effect: 'replayed', changes: [], code, modelId };
  }

  private get fingerprint(): string {
    return createHash('sha256')
      .update(`${this.incoming.method} ${this.incoming.path} ${this.bodySha256}`)
      .digest('hex');
  }

  private async execute(): Promise<Settled> {
    const { call, modelId } = this.route;
    const { organization, sequence, fault } = this;
    if (call === 'unknown') throw new RouteNotFoundError(this.incoming.method, this.incoming.path);
    if (fault?.kind === 'error' && !fault.after) throw this.injected(fault);
    const request: ApiRequest = { ...this.incoming, organization: organization!, sequence, modelId };
    const conclude = await HANDLERS[call](this.state, request);
    const outcome = conclude();
    const answer = this.answerOf(
      outcome.status,
      outcome.body === undefined ? NO_BODY : Buffer.from(JSON.stringify(outcome.body)),
    );
    return this.remembered({
      answer,
      requestId: this.requestId,
      effect: outcome.changes.length > 0 ? 'applied' : 'none',
      changes: outcome.changes,
      code: null,
      modelId: outcome.modelId ?? null,
    });
  }

  private refused(error: ApiError): Settled {
    const { retryAfterSeconds } = error.extras;
    const headers: Record<string, string> =
      retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
    const body = error instanceof RouteNotFoundError ? error.body(this.requestId) : errorBody(error, this.requestId);
    return {
      answer: this.answerOf(error.status, Buffer.from(JSON.stringify(body)), this.requestId, headers),
      requestId: this.requestId,
      effect: 'none',
      changes: [],
      code: error.code,
      modelId: this.route.modelId || null,
    };
  }

  /** Keeps an answer under the request's key, if it has one and such answers are kept. */
  private remembered(settled: Settled): Settled {
    const { status, body } = settled.answer;
    if (this.key === undefined || this.organization === undefined || !isStoredUnderKey(status)) return settled;
    const bodyBlob = body.length === 0 ? null : `${this.requestId}.answer`;
    if (bodyBlob !== null) this.state.blobs.write(bodyBlob, body);
    const { organization, key, fingerprint, requestId, virtualMs: atMs } = this;
    const { code, modelId } = settled;
    return { ...settled, stored: { organization, key, fingerprint, atMs, status, requestId, code, modelId, bodyBlob } };
  }

  private answerOf(
    status: number,
    body: Buffer,
    requestId = this.requestId,
    extra: Record<string, string> = {},
  ): Answer {
    const headers: Record<string, string> = { 'x-request-id': requestId, ...this.rateHeaders(), ...extra };
    if (body.length > 0) headers['content-type'] = 'application/json; charset=utf-8';
    return { status, headers, body };
  }

  /** An organization that is not known has a whole window before it [assumed]. */
  private rateHeaders(): Record<string, string> {
    const { clock, limits } = this.state;
    const { limit, remaining, resetMs } = this.window ?? {
      limit: limits.rateLimit,
      remaining: limits.rateLimit,
      resetMs: clock.nowMs(),
    };
    return {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': String(Math.ceil(clock.wallInstantMs(resetMs) / 1_000)),
    };
  }

  private injected({ code, message }: Extract<FaultRule, { kind: 'error' }>): ApiError {
    return injectedError(this.state, this.organization!, code, message);
  }

  private unanswered(): Settled {
    return {
      answer: { status: 0, headers: {}, body: NO_BODY },
      requestId: this.requestId,
      effect: 'none',
      changes: [],
      code: null,
      modelId: this.route.modelId || null,
    };
  }

  /** The effect stands; what goes out may be something else. */
  private async finishWithFault(settled: Settled): Promise<{ answer: Answer; delivery: Delivery }> {
    const { fault } = this;
    if (fault === undefined) return this.finish(settled, 'whole');
    if (fault.kind === 'reset-after') return this.finish(settled, 'reset');
    if (fault.kind === 'truncate') return this.finish(settled, settled.answer.body.length === 0 ? 'reset' : 'truncate');
    if (fault.kind === 'broken-json') return this.finish(settled, 'broken-json');
    if (!isAfter(fault)) return this.finish(settled, 'whole');
    if (fault.kind === 'slow') {
      const sent = this.finish(settled, 'whole');
      await slowly(fault);
      return sent;
    }
    if (fault.kind !== 'error') return this.finish({ ...settled, answer: proxyAnswer(fault)!, code: null }, 'whole');
    const error = this.injected(fault);
    const { answer, code } = this.refused(error);
    return this.finish({ ...settled, answer, code }, 'whole');
  }

  /** Writes down what happened; only then may it be sent. */
  private finish(settled: Settled, delivery: Delivery): { answer: Answer; delivery: Delivery } {
    const { answer, effect, changes, stored, code, modelId } = settled;
    const { incoming, fault, organization } = this;
    const entry: LedgerEntry = {
      sequence: this.sequence,
      requestId: settled.requestId,
      at: this.at,
      virtualMs: this.virtualMs,
      organization: organization ?? null,
      method: incoming.method,
      path: incoming.path,
      call: this.route.call,
      idempotencyKey: incoming.idempotencyKey ?? null,
      bodySha256: this.bodySha256,
      bytes: incoming.body.length,
      effect,
      status: delivery === 'reset' ? null : answer.status,
      code,
      modelId,
      rowsBilled: changes.reduce((total, change) => total + (change.type === 'rows-billed' ? change.rows : 0), 0),
      fault: fault?.kind ?? null,
      counted: this.window?.admitted ?? false,
    };
    this.state.record({ type: 'request', entry, changes, stored });
    return { answer, delivery };
  }
}

/** A key that cannot be used for this request: nothing is stored under it, least of all in another answer's place. */
class KeyRefusedError extends ApiError {
  constructor(message: string) {
    super('parameter_invalid', message, { param: 'Idempotency-Key' });
  }
}

/** A sandbox that is closed ends at once, whoever it lets wait. */
const slowly = ({ seconds }: { seconds: number }): Promise<void> => wait(seconds * 1_000, undefined, { ref: false });

/** The key of `Bearer <key>`; undefined for anything else. */
function bearerKeyOf(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
}

/** Anything but a refusal is a bug of the emulator: told to the person who runs it, not to the client. */
function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  process.stderr.write(`The sandbox has a bug: ${error instanceof Error ? error.stack : String(error)}\n`);
  return new ApiError('internal_error', 'An unexpected error of the server.');
}
