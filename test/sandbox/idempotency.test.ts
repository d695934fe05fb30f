/** What the API remembers under a key, for how long, and what it does while the first request still runs. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { until } from '../support/until.js';
import { type ApiAnswer, type ApiCaller, apiCaller, createBodyOf } from './api-caller.js';

const CARDINALITIES = { 'feat:/a__cat': 3 };
const TARGETS = { 'feat:/a__cat': [0, 1, 2, 1] };
const LONG_TRAINING_S = 3_600;
const DAY_S = 24 * 3_600;

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

const create = (idempotencyKey: string, key?: string) =>
  api.call('POST', '/v1/models', createBodyOf(CARDINALITIES), {
    idempotencyKey,
    ...(key === undefined ? {} : { key }),
  });
const generate = (id: string, idempotencyKey: string, rows = 5) => api.generate(id, rows, {}, { idempotencyKey });
const effects = async () => (await sandbox.ledger()).map(({ effect }) => effect);

test('the same key gives the stored answer again, byte for byte, and makes nothing twice', async () => {
  const first = await create('k');
  const again = await create('k');
  expect(again).toMatchObject({ status: first.status, text: first.text });
  expect(again.headers.get('x-request-id')).toBe(first.headers.get('x-request-id'));
  expect((await sandbox.models()).length).toBe(1);
  expect(await effects()).toEqual(['applied', 'replayed']);
});

test('generated rows are billed once under one key', async () => {
  const id = await api.trainModel(CARDINALITIES, TARGETS);
  await sandbox.advanceClock(LONG_TRAINING_S);
  const answers = [await generate(id, 'g'), await generate(id, 'g'), await generate(id, 'other')];
  expect(answers[1]!.text).toBe(answers[0]!.text);
  expect((await sandbox.summary()).rowsBilled).toBe(10);
});

test('a key belongs to its organization', async () => {
  await create('k');
  await create('k', 'dx_test_other');
  expect((await sandbox.models()).length).toBe(2);
});

test('a key used for another body or path is refused, and its first answer stays', async () => {
  const first = await create('k');
  const otherBody = await api.call('POST', '/v1/models', createBodyOf({ 'feat:/b__cat': 2 }), { idempotencyKey: 'k' });
  const otherPath = await api.call('POST', `/v1/models/${first.json.data.id}/train`, createBodyOf(CARDINALITIES), {
    idempotencyKey: 'k',
  });
  for (const refused of [otherBody, otherPath]) {
    expect(refused).toMatchObject({
      status: 400,
      json: { error: { code: 'parameter_invalid', param: 'Idempotency-Key' } },
    });
  }
  expect((await create('k')).text).toBe(first.text);
});

test('model_not_ready is stored: the same key gets it back though the model is ready by then', async () => {
  const id = await api.trainModel(CARDINALITIES, TARGETS);
  expect((await generate(id, 'g')).json.error.code).toBe('model_not_ready');
  await sandbox.advanceClock(LONG_TRAINING_S);
  expect((await generate(id, 'g')).json.error.code).toBe('model_not_ready');
  expect((await generate(id, 'g2')).status).toBe(200);
});

test('quota_exceeded is stored: the same key gets it back though the quota was raised', async () => {
  const id = await api.trainModel(CARDINALITIES, TARGETS);
  await sandbox.advanceClock(LONG_TRAINING_S);
  await sandbox.setLimits({ quotaRows: 1 });
  expect((await generate(id, 'g')).status).toBe(402);
  await sandbox.setLimits({ quotaRows: 100 });
  expect((await generate(id, 'g')).status).toBe(402);
  expect((await generate(id, 'g2')).status).toBe(200);
});

test.each([
  'rate_limit_exceeded',
  'internal_error',
  'training_service_unavailable',
  'idempotency_key_in_use',
  'api_key_invalid',
] as const)('%s is never stored', async (code) => {
  await sandbox.addFaults({ call: 'create', kind: 'error', code, times: 1 });
  expect((await create('k')).json.error.code).toBe(code);
  expect((await create('k')).status).toBe(201);
});

test('a request that is not taken for its rate leaves its key as it was', async () => {
  const first = await create('k');
  await sandbox.setLimits({ rateLimit: 1 });
  expect((await create('k')).status).toBe(429);
  await sandbox.advanceClock(61);
  expect((await create('k')).text).toBe(first.text);
});

test('a key is forgotten after 24 hours', async () => {
  const first = await create('k');
  await sandbox.advanceClock(DAY_S - 60);
  expect((await create('k')).text).toBe(first.text);
  await sandbox.advanceClock(60);
  expect((await create('k')).json.data.id).not.toBe(first.json.data.id);
});

test('while the first request runs, the same key is in use, and then gives the first answer', async () => {
  await sandbox.addFaults({ call: 'create', kind: 'slow', seconds: 0.5, times: 1 });
  const running: Promise<ApiAnswer> = create('k');
  await until('the first request in flight', async () => (await sandbox.summary()).requestsInFlight > 0);
  const second = await create('k');
  expect(second).toMatchObject({
    status: 409,
    json: { error: { type: 'invalid_request_error', code: 'idempotency_key_in_use' } },
  });
  const first = await running;
  expect(first.status).toBe(201);
  expect((await create('k')).text).toBe(first.text);
  expect((await sandbox.models()).length).toBe(1);
});

test('of many at once under one key exactly one is applied', async () => {
  const id = await api.trainModel(CARDINALITIES, TARGETS);
  await sandbox.advanceClock(LONG_TRAINING_S);
  const answers = await Promise.all(Array.from({ length: 8 }, () => generate(id, 'g', 2_000)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(
    new Set([200, 409].filter((status) => answers.some((answer) => answer.status === status))),
  );
  expect((await effects()).slice(3).filter((effect) => effect === 'applied')).toHaveLength(1);
  expect((await sandbox.summary()).rowsBilled).toBe(2_000);
});

test('a key of no or too many characters is refused', async () => {
  expect((await create('x'.repeat(256))).json.error.param).toBe('Idempotency-Key');
});

test('a GET takes no key', async () => {
  const { id } = (await create('c')).json.data;
  const look = () => api.call('GET', `/v1/models/${id}`, undefined, { idempotencyKey: 'k' });
  await look();
  await api.call('DELETE', `/v1/models/${id}`, undefined, { idempotencyKey: 'k' });
  expect((await look()).status).toBe(404);
});
