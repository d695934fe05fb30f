/** kill -9 of any part of a local stack, in any order: it comes back where it was, on the state it had. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeLocalStack } from '../../src/local/local-stack.js';
import { DIST } from '../support/worker-process.js';
import { isAlive, makeStackFolder, programs, type StackFolder, stackEnv, until, untilGone } from './stack-folder.js';

let here: StackFolder;
beforeEach(async () => {
  here = await makeStackFolder();
});
afterEach(() => here.remove());

test('each child that is killed is started again at its old port, and jobs are still there', async () => {
  const { stack, detach } = await here.attach();
  await here.startJob(stack.address, 'survivor');
  for (const part of ['worker', 'sandbox', 'temporal'] as const) {
    process.kill(stack.pids[part]!, 'SIGKILL');
    const later = await until(async () => {
      const now = await describeLocalStack(here.folder);
      return now && now.pids[part] !== stack.pids[part] ? now : undefined;
    });
    expect({ ...later, pids: {} }).toEqual({ ...stack, pids: {} });
    expect(await isAlive(later.pids[part]!)).toBe(true);
  }
  await here.endJob(stack.address, 'survivor');
  await detach();
});

test('a killed supervisor is followed by another: same addresses, jobs still there, no child of the first', async () => {
  const attachment = await here.attach();
  const before = attachment.stack;
  await here.startJob(before.address, 'survivor');
  process.kill(before.supervisorPid, 'SIGKILL');
  await until(() => attachment.stack.supervisorPid !== before.supervisorPid);
  const { supervisorPid, pids, ...addresses } = attachment.stack;
  expect(before).toMatchObject(addresses);
  expect(await Promise.all(Object.values(before.pids).map(isAlive))).toEqual([false, false, false]);
  await here.endJob(before.address, 'survivor');
  await attachment.detach();
  expect(await Promise.all([supervisorPid, ...Object.values(pids)].map(isAlive))).toEqual([false, false, false, false]);
});

test('a detached job outlives the supervisor that was killed', async () => {
  const { stack, detach } = await here.attach();
  await here.startJob(stack.address, 'survivor');
  await detach();
  process.kill(stack.supervisorPid, 'SIGKILL');
  const next = await until(async () => {
    const now = await describeLocalStack(here.folder);
    return now && now.supervisorPid !== stack.supervisorPid ? now : undefined;
  });
  expect(next.address).toBe(stack.address);
  await here.endJob(stack.address, 'survivor');
  await untilGone(here.folder);
});

test('children that outlive both supervisor and guard are ended by the next supervisor', async () => {
  const { stack, detach } = await here.attach();
  await here.startJob(stack.address, 'survivor'); // else the stack would end itself on detach
  await detach();
  const guard = await guardOf(stack.supervisorPid);
  process.kill(guard, 'SIGSTOP'); // deaf, so that it cannot follow its supervisor
  process.kill(stack.supervisorPid, 'SIGKILL');
  await until(async () => !(await isAlive(stack.supervisorPid)));
  process.kill(guard, 'SIGKILL');
  expect(await Promise.all(Object.values(stack.pids).map(isAlive))).toContain(true);
  const next = await here.attach();
  expect(await Promise.all(Object.values(stack.pids).map(isAlive))).toEqual([false, false, false]);
  await here.endJob(next.stack.address, 'survivor');
  await next.detach();
});

test('a command that is killed is detached, and the stack does not wait for it', async () => {
  const program = `
    const { attachLocalStack } = await import(${JSON.stringify(resolve(DIST, 'local/local-stack.js'))});
    const { stack } = await attachLocalStack(${JSON.stringify({ folder: here.folder, env: stackEnv(), programs })});
    console.log(stack.supervisorPid);
    setInterval(() => undefined, 60_000);`;
  const command = spawn(process.execPath, ['--input-type=module', '--eval', program], { env: stackEnv() });
  const [line] = (await once(command.stdout, 'data')) as [Buffer];
  const supervisorPid = Number(line.toString());
  command.kill('SIGKILL');
  await until(async () => !(await isAlive(supervisorPid)));
  expect(await describeLocalStack(here.folder)).toBeUndefined();
});

/** The guard is the supervisor's one child outside its process group. */
async function guardOf(supervisorPid: number): Promise<number> {
  for (const pid of await readdir('/proc')) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(`dxo-guard\0${supervisorPid}\0`)) return Number(pid);
  }
  throw new Error(`supervisor ${supervisorPid} has no guard`);
}
