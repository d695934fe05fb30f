/** What goes wrong on request: each kind of fault, what it leaves behind, and which requests it hits. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { FaultRuleInput } from '../../src/sandbox/faults.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { type ApiAnswer, type ApiCaller, apiCaller, createBodyOf } from './api-caller.js';

let sandbox: TestSandbox;
let api: ApiCaller;
beforeAll(async () => {
  sandbox = await startTestSandbox({ rateLimit: 10_000 });
  api = apiCaller(sandbox.url);
});
beforeEach(async () => {
  await sandbox.reset();
});
afterAll(async () => {
  await sandbox.close();
});

const create = (idempotencyKey = 'k') =>
  api.call('POST', '/v1/models', createBodyOf({ 'feat:/a__cat': 2 }), { idempotencyKey });
const createOrCut = (): Promise<ApiAnswer | 'cut'> => create().catch(() => 'cut');

test.each<[FaultRuleInput, { answer: unknown; models: number; status: number | null; effect: string }]>([
  [
    { call: 'create', kind: 'error', code: 'internal_error' },
    { answer: { status: 500 }, models: 0, status: 500, effect: 'none' },
  ],
  [
    { call: 'create', kind: 'error', code: 'internal_error', after: true },
    { answer: { status: 500 }, models: 1, status: 500, effect: 'applied' },
  ],
  [
    { call: 'create', kind: 'status', status: 503, body: 'busy' },
    { answer: { status: 503, text: 'busy' }, models: 0, status: 503, effect: 'none' },
  ],
  [
    { call: 'create', kind: 'status', status: 504, after: true },
    { answer: { status: 504, text: '' }, models: 1, status: 504, effect: 'applied' },
  ],
  [
    { call: 'create', kind: 'html', status: 502 },
    { answer: { status: 502, text: expect.stringContaining('<html>') }, models: 0, status: 502, effect: 'none' },
  ],
  [
    { call: 'create', kind: 'html', status: 408, after: true },
    { answer: { status: 408 }, models: 1, status: 408, effect: 'applied' },
  ],
  [
    { call: 'create', kind: 'empty', status: 503 },
    { answer: { status: 503, text: '' }, models: 0, status: 503, effect: 'none' },
  ],
  [
    { call: 'create', kind: 'slow', seconds: 0.05 },
    { answer: { status: 201 }, models: 1, status: 201, effect: 'applied' },
  ],
  [
    { call: 'create', kind: 'slow', seconds: 0.05, after: true },
    { answer: { status: 201 }, models: 1, status: 201, effect: 'applied' },
  ],
  [
    { call: 'create', kind: 'reset-before' },
    { answer: 'cut', models: 0, status: null, effect: 'none' },
  ],
  [
    { call: 'create', kind: 'reset-after' },
    { answer: 'cut', models: 1, status: null, effect: 'applied' },
  ],
  [
    { call: 'create', kind: 'truncate' },
    { answer: 'cut', models: 1, status: 201, effect: 'applied' },
  ],
  [
    { call: 'create', kind: 'broken-json' },
    { answer: { status: 201, json: undefined }, models: 1, status: 201, effect: 'applied' },
  ],
])(
  '$kind (after: $after) leaves what it should, and the next request under the key gets the truth',
  async (rule, seen) => {
    await sandbox.addFaults({ ...rule, times: 1 });
    const answer = await createOrCut();
    if (answer === 'cut') expect(seen.answer).toBe('cut');
    else expect(answer).toMatchObject(seen.answer as object);
    expect((await sandbox.ledger()).at(-1)).toMatchObject({
      status: seen.status,
      effect: seen.effect,
      fault: rule.kind,
    });
    const models = await sandbox.models();
    expect(models.length).toBe(seen.models);
    const again = await create();
    expect(again.status).toBe(201);
    expect(again.json.data.id).toBe(models[0]?.id ?? again.json.data.id);
    expect((await sandbox.models()).length).toBe(1);
  },
);

test('an answer without a body is cut or left whole', async () => {
  const { id } = (await create()).json.data;
  await sandbox.addFaults({ call: 'delete', kind: 'truncate' });
  await expect(api.call('DELETE', `/v1/models/${id}`)).rejects.toThrow();
  expect(await sandbox.models()).toEqual([]);
});

const look = async (count: number) => {
  const statuses: number[] = [];
  for (let index = 0; index < count; index++) statuses.push((await api.call('GET', '/v1/models')).status);
  return statuses;
};
const BUSY = { call: 'list', kind: 'error', code: 'internal_error' } as const;

test('nth hits one request, counted from when the rule was set', async () => {
  await look(2);
  await sandbox.addFaults({ ...BUSY, nth: 2 });
  expect(await look(4)).toEqual([200, 500, 200, 200]);
});

test('every hits each multiple of it, at most times', async () => {
  await sandbox.addFaults({ ...BUSY, every: 2, times: 2 });
  expect(await look(8)).toEqual([200, 500, 200, 500, 200, 200, 200, 200]);
});

test('probability with a seed hits the same requests each time', async () => {
  const run = async () => {
    await sandbox.reset();
    await sandbox.addFaults({ ...BUSY, probability: 0.5, seed: 4 });
    return look(20);
  };
  const first = await run();
  expect(new Set(first)).toEqual(new Set([200, 500]));
  expect(await run()).toEqual(first);
});

test('rules are for their call, add up, and can be taken away', async () => {
  await sandbox.addFaults({ ...BUSY, nth: 1 }, { call: 'any', kind: 'empty', status: 503, nth: 2 });
  expect((await create()).status).toBe(201);
  expect(await look(2)).toEqual([500, 200]);
  await sandbox.addFaults(BUSY);
  await sandbox.clearFaults();
  expect(await look(1)).toEqual([200]);
});

test('an injected refusal is stored under its key like a genuine one', async () => {
  await sandbox.addFaults({ call: 'create', kind: 'error', code: 'quota_exceeded', times: 1 });
  expect((await create()).status).toBe(402);
  expect((await create()).status).toBe(402);
  expect((await create('k2')).status).toBe(201);
});

test('a refusal put in place of an answer is not what the key remembers', async () => {
  await sandbox.addFaults({ call: 'create', kind: 'error', code: 'quota_exceeded', after: true, times: 1 });
  expect((await create()).status).toBe(402);
  expect((await create()).json.data.id).toBe((await sandbox.models())[0]!.id);
});

test('a rule that makes no sense is refused', async () => {
  await expect(sandbox.addFaults({ call: 'create', kind: 'error' } as unknown as FaultRuleInput)).rejects.toThrow(
    '400',
  );
});
