/** Calls of the API as raw HTTP, and the bodies of small tables: what the tests of the sandbox send. */
import { SANDBOX_KEY } from '../support/sandbox.js';

export interface ApiAnswer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into many shapes of answers
  json: any;
}

export interface CallOptions {
  key?: string | null;
  idempotencyKey?: string;
}

export type ApiCaller = ReturnType<typeof apiCaller>;

export const MODEL_WIDTH = 2;

export function embeddingOf(rows: number, width = MODEL_WIDTH) {
  const embedding_b64 = Buffer.alloc(rows * width * 4).toString('base64');
  return { embedding_b64, dtype: 'float32', shape: [rows, width], encoding: 'numpy-b64' };
}

export function createBodyOf(cardinalities: Record<string, number>, metadata: object = {}) {
  return {
    metadata: { cardinalities, is_sequential: false, seq_len_max: 1, ...metadata },
    config: { embedding_dim: MODEL_WIDTH, model_size: 'small', batch_size: 256, max_epochs: 100 },
  };
}

export function initBodyOf(targets: Record<string, unknown[]>, validation?: Record<string, unknown[]>) {
  const batchOf = (codes: Record<string, unknown[]>, is_validation: boolean) => ({
    embedding: embeddingOf(Object.values(codes)[0]!.length),
    targets: codes,
    is_validation,
  });
  const last =
    validation ?? Object.fromEntries(Object.entries(targets).map(([key, codes]) => [key, codes.slice(0, 1)]));
  return { max_epochs: 100, patience: 4, batches: [batchOf(targets, false), batchOf(last, true)] };
}

export function apiCaller(url: string) {
  async function call(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<ApiAnswer> {
    const { key = SANDBOX_KEY, idempotencyKey } = options;
    const headers: Record<string, string> = {};
    if (key !== null) headers.authorization = `Bearer ${key}`;
    if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const payload = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const response = await fetch(`${url}${path}`, { method, headers, ...payload });
    const text = await response.text();
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: response.status, headers: response.headers, text, json };
  }

  /** A model whose training has begun, from these codes. */
  async function trainModel(
    cardinalities: Record<string, number>,
    targets: Record<string, unknown[]>,
    options?: CallOptions,
  ): Promise<string> {
    const created = await call('POST', '/v1/models', createBodyOf(cardinalities), options);
    const { id } = created.json.data;
    await call('POST', `/v1/models/${id}/init-training`, initBodyOf(targets), options);
    const trained = await call('POST', `/v1/models/${id}/train`, {}, options);
    if (trained.status !== 200) throw new Error(trained.text);
    return id;
  }

  const generate = (id: string, rows: number, body: object = {}, options?: CallOptions) =>
    call('POST', `/v1/models/${id}/generate`, { embedding: embeddingOf(rows), ...body }, options);

  return { call, trainModel, generate };
}
