/** Jobs from the command line, on the local stack of a folder: run, detach, attach, look, cancel, fail, and nothing left. */

import { createHash } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Plan } from '../../src/cli/plan-job.js';
import type { LocalStackDescription } from '../../src/local/local-stack.js';
import { type Folder, jsonOf, makeFolder, type Running, runDxo, startDxo } from './run-dxo.js';

/** Virtual seconds in a second: a training of some seconds takes none. */
const SPEED = 50;
/** A training that lasts until the clock is set forward again. */
const STANDSTILL = 0.001;

let folder: Folder;
let dev: Running;
let stack: LocalStackDescription;

beforeAll(async () => {
  folder = await makeFolder();
  await copyFile('test/vectors/penguins/table.csv', join(folder.path, 'penguins.csv'));
  dev = startDxo(folder.path, ['dev', '--speed', `${SPEED}`, '--json']);
  await dev.said(/Ctrl-C leaves/);
  stack = jsonOf<LocalStackDescription>(await runDxo(folder.path, ['dev', '--status', '--json']));
}, 120_000);

afterAll(async () => {
  dev.child.kill('SIGINT');
  const { code } = await dev.ended;
  const left = [stack.supervisorPid, ...Object.values(stack.pids)].filter(isAlive);
  await folder.remove();
  expect(left).toEqual([]);
  expect(code).toBe(0);
}, 60_000);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function sandbox<T>(method: string, path: string, body?: object): Promise<T> {
  const answer = await fetch(`${stack.sandboxUrl}/_sandbox/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as T;
}

const modelsAlive = async (): Promise<number> => (await sandbox<{ models: object[] }>('GET', 'models')).models.length;

test('a table becomes a synthetic one, by the very bodies that plan showed', async () => {
  const seen = (await sandbox<{ requests: object[] }>('GET', 'ledger')).requests.length;
  const request = { policy: { rowsPerChunk: 100 } };
  await writeFile(join(folder.path, 'request.json'), JSON.stringify(request));
  const args = ['penguins.csv', '--request', 'request.json', '--rows', '250', '--seed', '7', '--json'];

  const planned = await runDxo(folder.path, ['plan', ...args, '--payload', 'bodies']);
  const ran = await runDxo(folder.path, ['synthesize', ...args]);

  expect(planned.code).toBe(0);
  expect(ran).toMatchObject({ code: 0, stderr: expect.stringMatching(/Temporal Web UI: http.*\n[\s\S]*preparing/) });
  const { output, model } = jsonOf<{ output: { uri: string; rows: number }; model: object }>(ran);
  expect(output).toMatchObject({ rows: 250, uri: expect.stringMatching(/penguins-synthetic\.csv$/) });
  expect(model).toMatchObject({ kept: false });
  expect((await readFile(output.uri, 'utf8')).trim().split('\n')).toHaveLength(251);

  const ledger = await sandbox<{ requests: { call: string; bodySha256: string }[] }>('GET', 'ledger');
  const sent = ledger.requests.slice(seen).filter(({ call }) => ['create', 'init-training', 'generate'].includes(call));
  const names = ['create', 'init-training', 'generate-000', 'generate-001', 'generate-002'];
  const digests = names.map(async (name) => {
    const bytes = await readFile(join(folder.path, 'bodies', `${name}.json`));
    return createHash('sha256').update(bytes).digest('hex');
  });
  expect(sent.map(({ bodySha256 }) => bodySha256).sort()).toEqual((await Promise.all(digests)).sort());
  const withoutLooks = ledger.requests.slice(seen).filter(({ call }) => call !== 'list');
  expect(withoutLooks).toHaveLength(jsonOf<Plan>(planned).requests.total);
});

test('Ctrl-C detaches, the same id attaches, and cancel takes the model away', async () => {
  await sandbox('POST', 'clock', { speed: STANDSTILL });
  const args = ['--id', 'nightly', '--output', 'nightly.csv'];
  const first = startDxo(folder.path, ['synthesize', 'penguins.csv', ...args]);
  await first.said(/training mdl_/);
  first.child.kill('SIGINT');
  first.child.kill('SIGINT');
  const left = await first.ended;
  expect(left).toMatchObject({ code: 130, stderr: expect.stringContaining('dxo jobs wait nightly') });

  const second = startDxo(folder.path, ['synthesize', 'gone.csv', ...args, '--json']);
  await second.said(/attached to the job that already runs: nightly/);
  const wrongKind = await runDxo(folder.path, ['train', 'penguins.csv', '--id', 'nightly']);
  expect(wrongKind.code).toBe(2);
  const shown = jsonOf(await runDxo(folder.path, ['jobs', 'show', 'nightly', '--json']));
  expect(shown).toMatchObject({ status: 'RUNNING', type: 'synthesize', stage: { stage: 'training' } });
  const listed = await runDxo(folder.path, ['jobs', 'list', '--status', 'Running']);
  expect(listed.stdout).toMatch(/nightly +synthesize +running +training/);
  expect(await modelsAlive()).toBe(1);

  const notHeld = await runDxo(folder.path, ['jobs', 'resume', 'nightly']);
  expect(notHeld).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot resume') });
  const cancelled = await runDxo(folder.path, ['jobs', 'cancel', 'nightly', '--wait', '--json']);
  expect(jsonOf(cancelled)).toMatchObject({ id: 'nightly', status: 'CANCELLED' });
  const answer = await second.ended;
  expect(answer).toMatchObject({ code: 1, stderr: expect.stringContaining('was cancelled') });
  expect(await modelsAlive()).toBe(0);
  await sandbox('POST', 'clock', { speed: SPEED });
});

test('a detached training is waited for from elsewhere, and its model generates', async () => {
  const started = await runDxo(folder.path, ['train', 'penguins.csv', '--id', 'weekly', '--detach', '--json']);
  expect(jsonOf(started)).toEqual({ id: 'weekly', detached: true });
  const waited = await runDxo(folder.path, ['jobs', 'wait', 'weekly', '--json']);
  expect(waited.code).toBe(0);
  await writeFile(join(folder.path, 'model.json'), waited.stdout);
  const generated = await runDxo(folder.path, [
    'generate',
    '--model',
    'model.json',
    '--rows',
    '20',
    '--output',
    'more.jsonl',
  ]);
  expect(generated).toMatchObject({ code: 0, stdout: expect.stringMatching(/rows +20 [\s\S]*kept/) });
  expect((await readFile(join(folder.path, 'more.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(20);
});

test('an empty list names the other APIs that the folder has jobs of', async () => {
  const list = () => runDxo(folder.path, ['jobs', 'list', '--account', 'nobodys']);
  expect(await list()).toMatchObject({ code: 0, stdout: 'no jobs\n', stderr: '' });
  await writeFile(join(folder.path, '.dxo', 'temporal-api.dataxid.com.db'), '');
  expect((await list()).stderr).toMatch(/^this folder has jobs of api\.dataxid\.com and of sandbox: DATAXID_API_KEY /);
});

test('a job that fails ends with its sentence, code and request id, and exit code 1', async () => {
  await sandbox('POST', 'faults', { call: 'create', kind: 'error', code: 'parameter_invalid', times: 1 });
  const args = ['penguins.csv', '--output', 'failed.csv', '--json'];
  const answer = await runDxo(folder.path, ['synthesize', ...args]);
  expect(answer.code).toBe(1);
  const { error } = jsonOf<{ error: Record<string, string> }>(answer);
  expect(error).toMatchObject({ code: 'parameter_invalid', request_id: expect.any(String) });
  expect(answer.stderr).toContain(`${error.request_id}`);
  expect(await folder.names()).not.toContain('failed.csv');
});
