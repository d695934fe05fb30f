/** What a killed process left in the folder for temporary files is taken away by the next one; what is in use never is. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DIST } from '../support/worker-process.js';

let root: string;
/** The folder for temporary files of what is started. */
let scratch: string;
let children: ChildProcess[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dxo-sweep-'));
  scratch = root;
  children = [];
});
afterEach(async () => {
  for (const child of children) await kill(child);
  rmSync(root, { recursive: true, force: true });
});

const MODULE = JSON.stringify(resolve(DIST, 'table', 'scratch-folder.js'));

function run(work: string): ChildProcess {
  const program = `const { withScratchFolder } = await import(${MODULE}); await withScratchFolder(${work});`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, TMPDIR: scratch },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

/** A process with a folder in use. */
async function holder(): Promise<{ child: ChildProcess; name: string }> {
  const child = run('(folder) => { console.log(folder); return new Promise((done) => setTimeout(done, 600_000)); }');
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, name: basename(line.toString().trim()) };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function runOnce(): Promise<void> {
  const [code] = await once(run('async () => {}'), 'exit');
  expect(code).toBe(0);
}

test('the folder of a killed process goes with the start of another, that of a living one stays, even if it stands still', async () => {
  const [killed, alive, stopped] = [await holder(), await holder(), await holder()];
  stopped.child.kill('SIGSTOP');
  await kill(killed.child);
  expect(readdirSync(scratch).sort()).toEqual([killed, alive, stopped].map(({ name }) => name).sort());
  await runOnce();
  expect(readdirSync(scratch).sort()).toEqual([alive, stopped].map(({ name }) => name).sort());
});

test('a folder of which nobody can say whose it is goes when it is too old to be in use', async () => {
  const old = mkdtempSync(join(scratch, 'dxo-scratch-'));
  utimesSync(old, 0, 0);
  const young = mkdtempSync(join(scratch, 'dxo-scratch-'));
  const other = mkdtempSync(join(scratch, 'somebody-elses-'));
  utimesSync(other, 0, 0);
  await runOnce();
  expect(readdirSync(scratch).sort()).toEqual([young, other].map((path) => basename(path)).sort());
});

test('a path that is too long for a socket is no fault', async () => {
  scratch = join(root, 'x'.repeat(100));
  mkdirSync(scratch);
  const { child, name } = await holder();
  await runOnce();
  expect(readdirSync(scratch)).toEqual([name]);
  await kill(child);
});
