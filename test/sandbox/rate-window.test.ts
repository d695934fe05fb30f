/** The sliding window: never more than the limit in any 60 seconds, and a client that obeys is let in. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RateWindow, WINDOW_MS } from '../../src/sandbox/rate-window.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { type ApiCaller, apiCaller } from './api-caller.js';

const SPEED = 60;
const LIMIT = 5;
let sandbox: TestSandbox;
let api: ApiCaller;
beforeAll(async () => {
  sandbox = await startTestSandbox({ keys: ['dx_test_other'], rateLimit: LIMIT });
  api = apiCaller(sandbox.url);
});
beforeEach(async () => {
  await sandbox.reset();
});
afterAll(async () => {
  await sandbox.close();
});

const arrivals = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 200 }).map((gapsMs) => {
  let atMs = 0;
  return gapsMs.map((gapMs) => {
    atMs += gapMs;
    return atMs;
  });
});

test('no window of 60 s holds more than the limit, and who waits for the reset is admitted', () => {
  fc.assert(
    fc.property(arrivals, fc.integer({ min: 1, max: 12 }), (times, limit) => {
      const window = new RateWindow();
      const admitted: number[] = [];
      for (const atMs of times) {
        const inWindow = admitted.filter((earlierMs) => earlierMs > atMs - WINDOW_MS).length;
        const view = window.admit(atMs, limit);
        expect(view.admitted).toBe(inWindow < limit);
        if (view.admitted) admitted.push(atMs);
        expect(view.remaining).toBe(limit - Math.min(limit, inWindow + (view.admitted ? 1 : 0)));
        expect(view.resetMs).toBeGreaterThan(atMs);
        if (!view.admitted) expect(windowHolding(admitted).admit(view.resetMs, limit).admitted).toBe(true);
      }
      expect(window.busiest).toBeLessThanOrEqual(limit);
    }),
    { seed: 7, numRuns: 200 },
  );
});

function windowHolding(admitted: readonly number[]): RateWindow {
  const window = new RateWindow();
  for (const atMs of admitted) window.count(atMs);
  return window;
}

test('every answer tells limit, remaining and reset; the one too many also when to come back', async () => {
  const remaining: number[] = [];
  for (let count = 0; count < LIMIT; count++) {
    const { headers, status } = await api.call('GET', '/v1/models');
    expect(status).toBe(200);
    expect(headers.get('x-ratelimit-limit')).toBe(String(LIMIT));
    remaining.push(Number(headers.get('x-ratelimit-remaining')));
  }
  expect(remaining).toEqual([4, 3, 2, 1, 0]);
  const refused = await api.call('GET', '/v1/models');
  expect(refused).toMatchObject({
    status: 429,
    json: { error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' } },
  });
  const retryAfterSeconds = Number(refused.headers.get('retry-after'));
  expect(retryAfterSeconds).toBeGreaterThan(50);
  expect(retryAfterSeconds).toBeLessThanOrEqual(60);
  const resetSeconds = Number(refused.headers.get('x-ratelimit-reset'));
  expect(Math.abs(resetSeconds - Date.now() / 1_000 - retryAfterSeconds)).toBeLessThan(5);
  await sandbox.advanceClock(retryAfterSeconds);
  expect((await api.call('GET', '/v1/models')).status).toBe(200);
  expect((await sandbox.summary()).maxInAnyWindow).toBe(LIMIT);
});

test('a faster clock tells waits in the client’s own seconds', async () => {
  for (let count = 0; count < LIMIT; count++) await api.call('GET', '/v1/models');
  await sandbox.setSpeed(SPEED);
  const refused = await api.call('GET', '/v1/models');
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(Number(refused.headers.get('x-ratelimit-reset')) - Date.now() / 1_000).toBeLessThan(5);
});

test('the window is the organization’s, and refused requests take no place in it', async () => {
  for (let count = 0; count < 3 * LIMIT; count++) await api.call('GET', '/v1/models');
  expect((await api.call('GET', '/v1/models', undefined, { key: 'dx_test_other' })).status).toBe(200);
  const statuses = (await sandbox.ledger()).map(({ status }) => status);
  expect(statuses.filter((status) => status === 429)).toHaveLength(2 * LIMIT);
  expect((await sandbox.summary()).maxInAnyWindow).toBe(LIMIT);
});
