/** Every call of the API and every error it can answer, over real HTTP. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ERROR_CODES, ERRORS, type ErrorCode } from '../../src/sandbox/api-error.js';
import { CALLS } from '../../src/sandbox/faults.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { type ApiAnswer, type ApiCaller, apiCaller, createBodyOf, embeddingOf, initBodyOf } from './api-caller.js';

const CARDINALITIES = { 'feat:/a__cat': 3, 'feat:/b__cat': 2 };
const TARGETS = { 'feat:/a__cat': [0, 1, 2, 1], 'feat:/b__cat': [0, 1, 1, 1] };
const LONG_TRAINING_S = 3_600;

let sandbox: TestSandbox;
let api: ApiCaller;
beforeAll(async () => {
  sandbox = await startTestSandbox({ keys: ['dx_test_other'], rateLimit: 10_000 });
  api = apiCaller(sandbox.url);
});
beforeEach(async () => {
  await sandbox.reset();
});
afterAll(async () => {
  await sandbox.close();
});

const create = () => api.call('POST', '/v1/models', createBodyOf(CARDINALITIES));
async function readyModel(): Promise<string> {
  const id = await api.trainModel(CARDINALITIES, TARGETS);
  await sandbox.advanceClock(LONG_TRAINING_S);
  return id;
}

/** One plain request of each call, on a model that this call can be made on. */
const PLAIN: Record<(typeof CALLS)[number], () => Promise<ApiAnswer>> = {
  create,
  'init-training': async () => {
    const id = (await create()).json.data.id;
    return api.call('POST', `/v1/models/${id}/init-training`, initBodyOf(TARGETS));
  },
  train: async () => {
    const id = (await create()).json.data.id;
    await api.call('POST', `/v1/models/${id}/init-training`, initBodyOf(TARGETS));
    return api.call('POST', `/v1/models/${id}/train`, {});
  },
  get: async () => api.call('GET', `/v1/models/${(await create()).json.data.id}`),
  list: () => api.call('GET', '/v1/models'),
  generate: async () => api.generate(await readyModel(), 3),
  delete: async () => api.call('DELETE', `/v1/models/${(await create()).json.data.id}`),
};

test('a table becomes a model, becomes rows, and is gone', async () => {
  const created = await create();
  expect(created).toMatchObject({ status: 201, json: { object: 'model', data: { status: 'created' } } });
  const { id } = created.json.data;
  expect(id).toMatch(/^mdl_[0-9a-f]{12}$/);
  expect(created.json.metadata.timestamp).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  expect(created.headers.get('x-request-id')).toMatch(/^req_/);
  expect((await api.call('POST', `/v1/models/${id}/init-training`, initBodyOf(TARGETS))).status).toBe(200);
  expect((await api.call('POST', `/v1/models/${id}/train`, {})).json.data.status).toBe('training');
  expect((await api.call('GET', `/v1/models/${id}`)).json.data.status).toBe('building');
  await sandbox.advanceClock(1.5);
  const training = (await api.call('GET', `/v1/models/${id}`)).json.data;
  expect(training).toMatchObject({ id, status: 'training', training_result: null, error: null });
  expect(training.current_epoch).toBeGreaterThan(0);
  expect(training.val_loss).toBeGreaterThan(0);
  await sandbox.advanceClock(LONG_TRAINING_S);
  const ready = (await api.call('GET', `/v1/models/${id}`)).json.data;
  expect(ready).toMatchObject({
    status: 'ready',
    training_result: { epochs: ready.current_epoch, early_stopped: true },
  });
  expect(ready.training_result.val_loss).toBeLessThan(training.val_loss);
  const generated = (await api.generate(id, 5)).json;
  expect(generated).toMatchObject({
    object: 'generation',
    data: { n_rows: 5, n_cols: 2, columns: Object.keys(CARDINALITIES) },
  });
  expect(Object.values(generated.data.codes).map((codes) => (codes as number[]).length)).toEqual([5, 5]);
  const deleted = await api.call('DELETE', `/v1/models/${id}`);
  expect(deleted).toMatchObject({ status: 204, text: '' });
  expect((await api.call('GET', `/v1/models/${id}`)).json.error.code).toBe('model_not_found');
});

test('a list has pages, newest first, of the own organization only', async () => {
  await api.call('POST', '/v1/models', createBodyOf(CARDINALITIES), { key: 'dx_test_other' });
  const ids: string[] = [];
  for (let count = 0; count < 3; count++) ids.unshift((await create()).json.data.id);
  const first = (await api.call('GET', '/v1/models?limit=2')).json;
  expect(first).toMatchObject({ object: 'list', metadata: { has_more: true } });
  const rest = (await api.call('GET', `/v1/models?limit=2&starting_after=${first.data[1].id}`)).json;
  expect(rest.metadata.has_more).toBe(false);
  expect([...first.data, ...rest.data].map((model: { id: string }) => model.id)).toEqual(ids);
});

describe('every error', () => {
  const everywhere = CALLS.flatMap((call) =>
    ERROR_CODES.map((code): [(typeof CALLS)[number], ErrorCode] => [call, code]),
  );
  test.each(everywhere)('%s can be made to answer %s with its documented body', async (call, code) => {
    await sandbox.addFaults({ call, kind: 'error', code });
    const answer = await PLAIN[call]();
    expect(answer.status).toBe(ERRORS[code].status);
    expect(answer.json).toMatchObject({
      error: { type: ERRORS[code].type, code, doc_url: `https://docs.dataxid.com/docs/errors#${code}` },
      request_id: answer.headers.get('x-request-id'),
    });
    expect(answer.json.error.message).not.toBe('');
    expect(answer.headers.has('retry-after')).toBe(code === 'rate_limit_exceeded');
    expect('usage' in answer.json.error).toBe(code === 'quota_exceeded');
    expect((await sandbox.ledger()).at(-1)).toMatchObject({ call, code, effect: 'none', fault: 'error' });
  });

  const perModel = ['init-training', 'train', 'get', 'generate', 'delete'] as const;
  const VALID = {
    'init-training': initBodyOf(TARGETS),
    train: {},
    get: undefined,
    generate: { embedding: embeddingOf(1) },
    delete: undefined,
  };
  const METHOD = { 'init-training': 'POST', train: 'POST', get: 'GET', generate: 'POST', delete: 'DELETE' } as const;
  const pathOf = (call: (typeof perModel)[number], id: string) =>
    `/v1/models/${id}${call === 'get' || call === 'delete' ? '' : `/${call}`}`;

  test.each(perModel)(
    '%s answers model_not_found for an unknown model and for another organization’s',
    async (call) => {
      const id = (await create()).json.data.id;
      const unknown = await api.call(METHOD[call], pathOf(call, 'mdl_000000000000'), VALID[call]);
      const foreign = await api.call(METHOD[call], pathOf(call, id), VALID[call], { key: 'dx_test_other' });
      expect([unknown, foreign].map(({ status, json }) => [status, json.error.code])).toEqual([
        [404, 'model_not_found'],
        [404, 'model_not_found'],
      ]);
      expect((await sandbox.models()).map((model) => model.id)).toEqual([id]);
    },
  );

  test.each([
    ['no header', null, 'api_key_missing'],
    ['an unknown key', 'dx_live_unknown', 'api_key_invalid'],
    ['an empty key', '', 'api_key_invalid'],
  ])('with %s (%s) a request is refused as %s and takes no place in the window', async (_title, key, code) => {
    const answer = await api.call('GET', '/v1/models', undefined, { key });
    expect(answer).toMatchObject({ status: 401, json: { error: { type: 'authentication_error', code } } });
    expect((await sandbox.summary()).maxInAnyWindow).toBe(0);
  });

  test('training without data and generating before the training ends are not ready yet', async () => {
    const id = (await create()).json.data.id;
    const train = await api.call('POST', `/v1/models/${id}/train`, {});
    const generate = await api.generate(id, 1);
    expect([train, generate].map(({ status, json }) => [status, json.error.code])).toEqual(
      Array(2).fill([400, 'model_not_ready']),
    );
    await api.call('POST', `/v1/models/${id}/init-training`, initBodyOf(TARGETS));
    await api.call('POST', `/v1/models/${id}/train`, {});
    expect((await api.generate(id, 1)).json.error.code).toBe('model_not_ready');
  });

  test('a training that was told to fail says why, generates nothing, and can be tried again', async () => {
    await sandbox.failTraining('out of memory on node 7');
    const id = await readyModel();
    expect((await api.call('GET', `/v1/models/${id}`)).json.data).toMatchObject({
      status: 'failed',
      error: 'out of memory on node 7',
    });
    expect((await api.generate(id, 1)).json.error).toMatchObject({
      code: 'model_not_ready',
      message: expect.stringContaining('out of memory'),
    });
    expect((await api.call('POST', `/v1/models/${id}/train`, {})).status).toBe(200);
    await sandbox.advanceClock(LONG_TRAINING_S);
    expect((await api.call('GET', `/v1/models/${id}`)).json.data.status).toBe('ready');
  });

  test('a model is trained once', async () => {
    const id = await api.trainModel(CARDINALITIES, TARGETS);
    expect((await api.call('POST', `/v1/models/${id}/train`, {})).json.error.code).toBe('parameter_invalid');
    await sandbox.advanceClock(LONG_TRAINING_S);
    expect((await api.call('POST', `/v1/models/${id}/init-training`, initBodyOf(TARGETS))).json.error.code).toBe(
      'parameter_invalid',
    );
    expect((await sandbox.summary()).trainingsStarted).toBe(1);
  });

  test('a training keeps to its time limit', async () => {
    const id = (await create()).json.data.id;
    await api.call('POST', `/v1/models/${id}/init-training`, { ...initBodyOf(TARGETS), time_limit_seconds: 0.5 });
    await api.call('POST', `/v1/models/${id}/train`, {});
    await sandbox.advanceClock(LONG_TRAINING_S);
    const { training_result } = (await api.call('GET', `/v1/models/${id}`)).json.data;
    expect(training_result).toMatchObject({ epochs: 5, early_stopped: false, duration_seconds: 0.5 });
  });

  test('rows over the quota are refused whole, and the next month begins anew', async () => {
    await sandbox.setLimits({ quotaRows: 10 });
    const id = await readyModel();
    expect((await api.generate(id, 8)).status).toBe(200);
    const refused = await api.generate(id, 3);
    expect(refused).toMatchObject({
      status: 402,
      json: {
        error: {
          type: 'quota_exceeded_error',
          usage: { used: 8, limit: 10, requested: 3 },
          upgrade_url: expect.any(String),
        },
      },
    });
    const { usage } = refused.json.error;
    expect(usage.period).toBe((await sandbox.summary()).period);
    expect((await api.generate(id, 2)).status).toBe(200);
    await sandbox.advanceClock(Math.ceil((Date.parse(usage.resets_at) - Date.now()) / 1_000) + 1);
    expect((await api.generate(id, 10)).status).toBe(200);
    expect((await sandbox.summary()).rowsBilled).toBe(20);
  });

  test('of two requests at once that fit the quota one by one but not together, one is billed', async () => {
    const rows = 60_000;
    await sandbox.setLimits({ quotaRows: rows + 1 });
    const id = await readyModel();
    const answers = await Promise.all([api.generate(id, rows), api.generate(id, rows)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 402]);
    expect((await sandbox.summary()).rowsBilled).toBe(rows);
  });
});

describe('parameter_invalid names the place', () => {
  const config = createBodyOf(CARDINALITIES).config;
  const key = 'feat:/a__cat';
  const batches = initBodyOf(TARGETS).batches;
  test.each([
    ['create', '{', 'body'],
    ['create', { config }, 'body.metadata'],
    ['create', { ...createBodyOf(CARDINALITIES), config: { ...config, batch_size: 0 } }, 'body.config.batch_size'],
    ['create', { ...createBodyOf(CARDINALITIES), config: { ...config, model_size: 'huge' } }, 'body.config.model_size'],
    ['create', createBodyOf({ [key]: 0 }), `body.metadata.cardinalities.${key}`],
    ['init-training', { batches: [] }, 'body.batches'],
    ['init-training', { ...initBodyOf(TARGETS), label_smoothing: 1 }, 'body.label_smoothing'],
    ['init-training', initBodyOf({ ...TARGETS, [key]: [0, 1, 2, 3] }), `body.batches.0.targets.${key}`],
    ['init-training', initBodyOf({ ...TARGETS, [key]: [0, 1, 2, 0.5] }), `body.batches.0.targets.${key}`],
    ['init-training', initBodyOf({ [key]: [0] }), 'body.batches.0.targets.feat:/b__cat'],
    ['init-training', { batches: [{ ...batches[0], embedding: embeddingOf(3) }] }, `body.batches.0.targets.${key}`],
    ['init-training', { batches: [{ ...batches[0], embedding: embeddingOf(4, 5) }] }, 'body.batches.0.embedding.shape'],
    [
      'init-training',
      { batches: [{ ...batches[0], embedding: { ...embeddingOf(4), dtype: 'float64' } }] },
      'body.batches.0.embedding.dtype',
    ],
    ['generate', {}, 'body.embedding'],
    ['generate', { embedding: { ...embeddingOf(4), embedding_b64: 'AAAA' } }, 'body.embedding.embedding_b64'],
    ['generate', { embedding: embeddingOf(1), diversity: 0 }, 'body.diversity'],
    ['generate', { embedding: embeddingOf(1), rare_cutoff: 1.5 }, 'body.rare_cutoff'],
    ['generate', { embedding: embeddingOf(1), is_sequential: true }, 'body.is_sequential'],
    ['generate', { embedding: embeddingOf(1), fixed_values: { [key]: [3] } }, `body.fixed_values.${key}`],
    ['generate', { embedding: embeddingOf(1), fixed_values: { [key]: [0, 0] } }, `body.fixed_values.${key}`],
    [
      'generate',
      { embedding: embeddingOf(1), fixed_values: { 'feat:/c__cat': [0] } },
      'body.fixed_values.feat:/c__cat',
    ],
    ['generate', { embedding: embeddingOf(1), fixed_probs: { [key]: { 9: 0.5 } } }, `body.fixed_probs.${key}.9`],
  ])('%s: %#', async (call, body, param) => {
    const id = call === 'generate' ? await readyModel() : (await create()).json.data.id;
    const path = call === 'create' ? '/v1/models' : `/v1/models/${id}/${call}`;
    const answer = await api.call('POST', path, body);
    expect(answer).toMatchObject({
      status: 400,
      json: { error: { type: 'invalid_request_error', code: 'parameter_invalid', param } },
    });
    expect((await sandbox.ledger()).at(-1)).toMatchObject({ effect: 'none', rowsBilled: 0 });
  });

  test.each(['limit=0', 'limit=x', 'limit=1000', 'starting_after=mdl_0'])('list?%s', async (query) => {
    expect((await api.call('GET', `/v1/models?${query}`)).json.error.param).toBe(query.split('=')[0]);
  });
});

test('a path that the API does not have is not found, under a key', async () => {
  expect((await api.call('GET', '/v1/jobs')).json.error.type).toBe('not_found_error');
  expect((await api.call('GET', '/v1/jobs', undefined, { key: null })).status).toBe(401);
});
