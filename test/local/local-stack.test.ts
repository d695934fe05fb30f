/** The stack of local runs: one a folder, shared, private, and gone when nobody needs it. */
import { spawnSync } from 'node:child_process';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeLocalStack, stopLocalStack } from '../../src/local/local-stack.js';
import { isAlive, makeStackFolder, programs, type StackFolder, stackEnv, until, untilGone } from './stack-folder.js';

let here: StackFolder;
beforeEach(async () => {
  here = await makeStackFolder();
});
afterEach(() => here.remove());

test('in an empty folder all three parts run when attach returns, and none when the last one has detached', async () => {
  const lines: string[] = [];
  const { stack, detach } = await here.attach({ report: (line) => lines.push(line) });
  expect(lines).toEqual(expect.arrayContaining(['starting Temporal and the sandbox', 'starting the worker']));
  expect(await (await fetch(stack.sandboxUrl!)).json()).toMatchObject({ pid: stack.pids.sandbox });
  expect(await (await fetch(stack.uiUrl)).text()).toContain('<html');
  expect(await describeLocalStack(here.folder)).toEqual(stack);
  const pids = [stack.supervisorPid, ...Object.values(stack.pids)];
  expect(await Promise.all(pids.map(isAlive))).toEqual([true, true, true, true]);
  await detach();
  expect(await Promise.all(pids.map(isAlive))).toEqual([false, false, false, false]);
  expect(await here.read('logs', 'supervisor.log')).toContain('ending because nobody is attached and no job runs');
});

test('what the stack writes is for its owner alone', async () => {
  const { detach } = await here.attach();
  const state = join(here.folder, '.dxo');
  const entries = await readdir(state, { recursive: true, withFileTypes: true });
  const open: string[] = [];
  for (const entry of entries) {
    const { mode } = await stat(join(entry.parentPath, entry.name));
    if (entry.isDirectory() && (mode & 0o77) !== 0) open.push(entry.name);
  }
  expect(open).toEqual([]);
  expect((await stat(state)).mode & 0o777).toBe(0o700);
  expect((await stat(join(state, 'stack.json'))).mode & 0o777).toBe(0o600);
  expect((await stat(join(state, 'logs', 'worker.log'))).mode & 0o777).toBe(0o600);
  await detach();
});

test('several that attach at once share one stack, which stays until the last one detaches', async () => {
  const [one, two, three] = await Promise.all([here.attach(), here.attach(), here.attach()]);
  expect(two.stack).toEqual(one.stack);
  expect(three.stack).toEqual(one.stack);
  await Promise.all([one.detach(), two.detach()]);
  expect(await describeLocalStack(here.folder)).toEqual(one.stack);
  await three.detach();
  expect(await describeLocalStack(here.folder)).toBeUndefined();
});

test('a job keeps the stack alive after everybody has detached, and the stack ends after the job', async () => {
  const { stack, detach } = await here.attach();
  await here.startJob(stack.address, 'long');
  await detach();
  expect(await describeLocalStack(here.folder)).toEqual(stack);
  await here.endJob(stack.address, 'long');
  await untilGone(here.folder);
});

test('a stack that is told to end does, though somebody is attached, and is not started again', async () => {
  const lines: string[] = [];
  const { stack, detach } = await here.attach({ report: (line) => lines.push(line) });
  expect(await stopLocalStack(here.folder)).toBe(true);
  expect(await isAlive(stack.supervisorPid)).toBe(false);
  expect(lines.at(-1)).toBe('the local stack is ending');
  await detach();
  expect(await stopLocalStack(here.folder)).toBe(false);
});

test('SIGTERM to the supervisor ends everything', async () => {
  const { stack } = await here.attach();
  process.kill(stack.supervisorPid, 'SIGTERM');
  await until(async () => !(await isAlive(stack.supervisorPid)));
  expect(await Promise.all(Object.values(stack.pids).map(isAlive))).toEqual([false, false, false]);
  expect(await here.read('logs', 'supervisor.log')).toContain('ending because of SIGTERM');
});

test('with a key for the real API there is no sandbox, and the key is nowhere but in the worker', async () => {
  const key = 'dx_live_marker0123456789';
  const shell = stackEnv({ DATAXID_API_KEY: key, TEMPORAL_NAMESPACE: 'elsewhere', TEMPORAL_API_KEY: 'tmprl_marker' });
  const { stack, detach } = await here.attach({ env: shell });
  expect(stack.baseUrl).toBe('https://api.dataxid.com');
  expect(stack.sandboxUrl).toBeUndefined();
  expect(JSON.parse(await here.read('worker-env.json'))).toEqual({
    DATAXID_API_KEY: key,
    DATAXID_ARTIFACTS: join(here.folder, '.dxo', 'artifacts'),
    DATAXID_GRANTS: join(here.folder, '.dxo', 'grants.jsonl'),
    DATAXID_HEALTH_PORT: '0',
    DATAXID_KEY_USE_SECONDS: '82800',
    DATAXID_RATE_WINDOW_SECONDS: '60',
    TEMPORAL_ADDRESS: stack.address,
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_CONFIG_FILE: join(here.folder, '.dxo', 'no-temporal.toml'),
  });
  const written = [await here.read('stack.json'), JSON.stringify(stack)];
  for (const name of await readdir(join(here.folder, '.dxo', 'logs'))) written.push(await here.read('logs', name));
  expect(written.join()).not.toContain(key);

  const refusal = await here.attach({ env: { ...shell, DATAXID_API_KEY: 'dx_live_another' } }).catch(String);
  expect(refusal).toContain('(DATAXID_API_KEY). End it with `dxo dev --stop`');
  expect(refusal).not.toContain('marker');
  await detach();
});

test('what is asked of the sandbox reaches it; who asks otherwise is refused, who asks nothing is not', async () => {
  const { stack, detach } = await here.attach({ sandbox: { speed: 60, rateLimit: 120 } });
  const { argv } = (await (await fetch(stack.sandboxUrl!)).json()) as { argv: string[] };
  expect(argv.join(' ')).toContain('--speed 60 --rate-limit 120');
  await (await here.attach()).detach();
  await expect(here.attach({ sandbox: { speed: 1 } })).rejects.toThrow('(sandbox speed)');
  await detach();
});

test('a worker that does not start is shown with its last words, and leaves nothing behind', async () => {
  const worker = join(here.folder, 'broken.mjs');
  await writeFile(worker, 'console.error("the reason why"); process.exit(3);');
  await expect(here.attach({ programs: { ...programs, worker } })).rejects.toThrow(
    /The local stack did not start: The worker ended before it was ready. Its last lines:\nthe reason why/,
  );
  await untilGone(here.folder);
});

test('a folder whose path is too long for a socket works too', async () => {
  const long = await makeStackFolder('x'.repeat(110));
  try {
    const { stack, detach } = await long.attach();
    expect(await describeLocalStack(long.folder)).toEqual(stack);
    await detach();
  } finally {
    await long.remove();
  }
});

test('the supervisor run by hand says that it is not for that', () => {
  const { status, stderr } = spawnSync(process.execPath, [programs.supervisor, here.folder], {
    env: stackEnv(),
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toContain('started by `dxo`, not by hand');
});
