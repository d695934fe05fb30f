/** With a state file nothing that was answered is lost: neither in a stop, nor when the process is killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SANDBOX_KEY, sandboxControl, startTestSandbox } from '../support/sandbox.js';
import { until } from '../support/until.js';
import { apiCaller, createBodyOf, initBodyOf } from './api-caller.js';

const MAIN = join(process.env.DXO_DIST ?? 'dist', 'sandbox', 'main.js');
const CARDINALITIES = { 'feat:/a__cat': 3 };
const TARGETS = { 'feat:/a__cat': [0, 1, 2, 1] };
const LONG_TRAINING_S = 3_600;

let folder: string;
let stateFile: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-restart-'));
  stateFile = join(folder, 'state.jsonl');
});
afterEach(async () => {
  for (const child of children.splice(0)) await end(child, 'SIGKILL');
  rmSync(folder, { recursive: true });
});

async function run(...flags: string[]): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [MAIN, '--port', '0', '--json', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = await once(createInterface({ input: child.stdout! }), 'line');
  return { child, url: JSON.parse(line).url };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill(signal);
    await once(child, 'exit');
  }
  return child.exitCode;
}

test.each(['SIGTERM', 'SIGINT'] as const)('the program ends with exit code 0 on %s', async (signal) => {
  const { child } = await run();
  expect(await end(child, signal)).toBe(0);
});

test('the program ends though a request is let wait for an hour', async () => {
  const { child, url } = await run();
  const control = sandboxControl(url);
  await control.addFaults({ call: 'create', kind: 'slow', seconds: 3_600 });
  const unanswered = apiCaller(url)
    .call('POST', '/v1/models', createBodyOf(CARDINALITIES))
    .catch(() => 'cut');
  await until('it is let wait', async () => (await control.summary()).requestsInFlight === 1);
  expect(await end(child, 'SIGTERM')).toBe(0);
  expect(await unanswered).toBe('cut');
});

test('an option that makes no sense ends it at once, with a sentence', async () => {
  const child = spawn(process.execPath, [MAIN, '--port', '0', '--host', '0.0.0.0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  const texts: string[] = [];
  child.stderr!.on('data', (text) => texts.push(String(text)));
  const [code] = await once(child, 'close');
  expect(code).toBe(1);
  expect(texts.join('')).toMatch(/loopback only/);
});

test('killed while training and started again, it goes on where it was', async () => {
  const before = await run('--state', stateFile, '--key', 'dx_test_other', '--rate-limit', '50');
  const api = apiCaller(before.url);
  const created = await api.call('POST', '/v1/models', createBodyOf(CARDINALITIES), { idempotencyKey: 'c' });
  const { id } = created.json.data;
  await api.call('POST', `/v1/models/${id}/init-training`, initBodyOf(TARGETS));
  await api.call('POST', `/v1/models/${id}/train`, {}, { idempotencyKey: 't' });
  const control = sandboxControl(before.url);
  await control.addFaults({ call: 'generate', kind: 'error', code: 'internal_error', nth: 2 });
  await control.setLimits({ quotaRows: 500 });
  const ledger = await control.ledger();
  await end(before.child, 'SIGKILL');

  const after = await run('--state', stateFile, '--key', 'dx_test_other', '--rate-limit', '50');
  const api2 = apiCaller(after.url);
  const control2 = sandboxControl(after.url);
  expect(await control2.ledger()).toEqual(ledger);
  expect(await control2.summary()).toMatchObject({
    modelsAlive: 1,
    trainingsStarted: 1,
    limits: { quotaRows: 500 },
    maxInAnyWindow: 3,
  });
  const replayed = await api2.call('POST', '/v1/models', createBodyOf(CARDINALITIES), { idempotencyKey: 'c' });
  expect(replayed.text).toBe(created.text);
  expect(replayed.headers.get('x-ratelimit-remaining')).toBe('46');
  expect((await api2.call('GET', `/v1/models/${id}`, undefined, { key: 'dx_test_other' })).status).toBe(404);
  expect(['building', 'training', 'ready']).toContain((await api2.call('GET', `/v1/models/${id}`)).json.data.status);
  await control2.advanceClock(LONG_TRAINING_S);
  const first = await api2.generate(id, 20, { seed: 5 }, { idempotencyKey: 'g' });
  expect(first.status).toBe(200);
  expect((await api2.generate(id, 20, { seed: 5 })).status).toBe(500);
  await end(after.child, 'SIGKILL');

  const last = await run('--state', stateFile, '--rate-limit', '50');
  const api3 = apiCaller(last.url);
  expect((await api3.generate(id, 20, { seed: 5 }, { idempotencyKey: 'g' })).text).toBe(first.text);
  const fresh = await api3.generate(id, 20, { seed: 5 });
  expect(fresh.json.data.codes).toEqual(first.json.data.codes);
  expect((await sandboxControl(last.url).summary()).rowsBilled).toBe(40);
});

test('killed after the effect but before the answer, the key still gets that answer', async () => {
  const before = await run('--state', stateFile);
  const control = sandboxControl(before.url);
  await control.addFaults({ call: 'create', kind: 'slow', seconds: 600, after: true });
  const unanswered = apiCaller(before.url)
    .call('POST', '/v1/models', createBodyOf(CARDINALITIES), { idempotencyKey: 'c' })
    .catch(() => 'cut');
  await until('the model', async () => (await control.summary()).modelsAlive === 1);
  const [model] = await control.models();
  await end(before.child, 'SIGKILL');
  expect(await unanswered).toBe('cut');
  const after = await run('--state', stateFile);
  await sandboxControl(after.url).clearFaults();
  const again = await apiCaller(after.url).call('POST', '/v1/models', createBodyOf(CARDINALITIES), {
    idempotencyKey: 'c',
  });
  expect(again.json.data.id).toBe(model!.id);
  expect((await sandboxControl(after.url).summary()).modelsAlive).toBe(1);
});

test('a last line cut short is dropped, and what is written next is read again', async () => {
  const body = createBodyOf(CARDINALITIES);
  const first = await startTestSandbox({ stateFile });
  await apiCaller(first.url).call('POST', '/v1/models', body);
  await first.close();
  appendFileSync(stateFile, '{"type":"request","entry":{"seq');
  const second = await startTestSandbox({ stateFile });
  expect((await second.ledger()).length).toBe(1);
  await apiCaller(second.url).call('POST', '/v1/models', body);
  await second.close();
  const third = await startTestSandbox({ stateFile });
  expect((await third.ledger()).map(({ sequence }) => sequence)).toEqual([1, 2]);
  await third.close();
});

test('a file that is no journal is refused and left as it is', async () => {
  writeFileSync(stateFile, 'my notes\n');
  await expect(startTestSandbox({ stateFile })).rejects.toThrow(`${stateFile}, line 1`);
  expect(readFileSync(stateFile, 'utf8')).toBe('my notes\n');
});

test('the state holds no key, and a reset empties it', async () => {
  const sandbox = await startTestSandbox({ stateFile, keys: ['dx_live_secret'] });
  const api = apiCaller(sandbox.url);
  const id = await api
    .trainModel(CARDINALITIES, TARGETS, { key: 'dx_live_secret', idempotencyKey: 'k' })
    .catch(() => undefined);
  expect(id).toBeUndefined();
  await api.trainModel(CARDINALITIES, TARGETS, { key: 'dx_live_secret' });
  expect(readdirSync(`${stateFile}.blobs`).length).toBeGreaterThan(0);
  const journal = readFileSync(stateFile, 'utf8');
  expect(journal).not.toContain('dx_live_secret');
  expect(journal).not.toContain(SANDBOX_KEY);
  await sandbox.reset();
  expect(readdirSync(`${stateFile}.blobs`)).toEqual([]);
  expect(await sandbox.summary()).toMatchObject({ requests: 0, modelsAlive: 0, trainingsStarted: 0 });
  await sandbox.close();
});
