/** The control surface: this machine only, and no wish that makes no sense. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isLoopback } from '../../src/sandbox/control-routes.js';
import { startSandbox } from '../../src/sandbox/start-sandbox.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(async () => {
  await sandbox.close();
});

test.each([
  ['127.0.0.1', true],
  ['127.8.0.1', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['10.0.0.1', false],
  ['::ffff:10.0.0.1', false],
  ['2001:db8::1', false],
  ['128.0.0.1', false],
  [undefined, false],
])('%s is loopback: %s', (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});

test.each([
  ['PUT', 'limits', { rateLimit: 0 }],
  ['PUT', 'limits', { rate: 5 }],
  ['POST', 'clock', { advanceSeconds: -1 }],
  ['POST', 'clock', { speed: 0 }],
  ['POST', 'faults', { call: 'create', kind: 'html' }],
  ['POST', 'faults', { call: 'create', kind: 'html', status: 200 }],
  ['POST', 'fail-training', {}],
  ['POST', 'fail-training', 'not JSON'],
])('%s %s with %j is refused and says why', async (method, path, body) => {
  const response = await fetch(`${sandbox.url}/_sandbox/${path}`, {
    method,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  expect(response.status).toBe(400);
  expect(((await response.json()) as { message: string }).message.length).toBeGreaterThan(10);
});

test.each([
  [{ host: '0.0.0.0' }, 'host'],
  [{ port: 70_000 }, 'port'],
  [{ rateLimit: 0 }, 'rateLimit'],
  [{ keys: ['a b'] }, 'keys.0'],
])('options %j are refused before anything listens', async (options, param) => {
  await expect(startSandbox(options)).rejects.toMatchObject({ name: 'InputError', code: 'request_invalid', param });
});

test('a port that is taken is an error, not a silent second', async () => {
  await expect(startSandbox({ port: sandbox.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
