/** The demo, as a newcomer runs it: a synthetic table, a table of closeness, nothing left running. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Folder, makeFolder, runDxo } from './run-dxo.js';

let folder: Folder;
beforeAll(async () => {
  folder = await makeFolder();
});
afterAll(() => folder.remove());

test('the demo shows every stage, ends with how close the columns are, and leaves no stack', async () => {
  const env = { DXO_SANDBOX_SPEED: '20', DATAXID_API_KEY: 'dx_live_never-used', TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const { code, stdout, stderr } = await runDxo(folder.path, ['demo'], env);
  expect(stderr).toContain('ignores DATAXID_API_KEY, TEMPORAL_ADDRESS');
  expect(stderr).not.toContain('dx_live_never-used');
  expect(stderr).toMatch(/Temporal Web UI: http[\s\S]*preparing[\s\S]*done/);
  const mean = Number(/^mean +([\d.]+) %/m.exec(stdout)?.[1]);
  expect(mean).toBeGreaterThan(90);
  expect(stdout.match(/^.+ {2,}[\d.]+ % +[\d.]+ % +[\d.]+ %/gm)).toHaveLength(14);
  expect(code).toBe(0);

  const rows = (await readFile(join(folder.path, 'out', 'birdstrikes-synthetic.csv'), 'utf8')).trim().split('\n');
  const real = (await readFile('examples/birdstrikes.csv', 'utf8')).split('\r\n');
  expect(rows).toHaveLength(10_001);
  expect(rows[0]?.replaceAll('"', '')).toBe(real[0]);
  const status = await runDxo(folder.path, ['dev', '--status']);
  expect(status.stdout).toContain('no local stack runs');
}, 120_000);
