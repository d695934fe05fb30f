/** `dxo schedules` as a data team uses it: plan, apply, look, steer; and a broken file that changes nothing. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Folder, jsonOf, makeFolder, runDxo } from '../cli/run-dxo.js';
import { testNamespace } from '../support/temporal.js';
import { until } from '../support/until.js';

let folder: Folder;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  folder = await makeFolder();
  const { address, namespace } = await testNamespace();
  env = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
});
afterAll(() => folder.remove());

const dxo = (...args: string[]) => runDxo(folder.path, ['schedules', ...args], env);
const write = (text: string) => writeFile(join(folder.path, 'schedules.yaml'), text);
const fileOf = (...schedules: string[]): string =>
  ['version: 1', 'book: docs', 'schedules:', ...schedules.map((each) => `  - ${each}`)].join('\n');
const NIGHTLY =
  '{ name: nightly, cron: "30 2 * * *", timeZone: Europe/Istanbul, run: { train: { table: { uri: /in.csv } } } }';
const HOURLY = '{ name: hourly, interval: { every: 1h }, run: { train: { table: { uri: /in.csv } } } }';

test('from a file to schedules and back', async () => {
  await write(fileOf(NIGHTLY, HOURLY));
  const plan = await dxo('plan', '--detailed-exitcode');
  expect(plan).toMatchObject({ code: 4, stdout: expect.stringMatching(/^\+ nightly\n {4}when: 30 2 \* \* \*\n/) });
  expect(plan.stdout).toMatch(/next \(Europe\/Istanbul\): \w{3} \d{4}-\d\d-\d\d 02:30, /);
  expect(plan.stdout).not.toContain('\u001b');

  expect(jsonOf(await dxo('apply', '--json'))).toEqual({
    book: 'docs',
    applied: [
      { name: 'nightly', outcome: 'created' },
      { name: 'hourly', outcome: 'created' },
    ],
  });
  expect(await dxo('apply')).toMatchObject({ code: 0, stdout: expect.stringMatching(/2 unchanged\nnothing to do\n$/) });
  const unchanged = await dxo('plan', '--json', '--detailed-exitcode');
  expect([unchanged.code, jsonOf(unchanged)]).toMatchObject([0, { changes: [{ action: 'none' }, { action: 'none' }] }]);

  await write(fileOf(NIGHTLY.replace('30 2', '0 3')));
  await until(
    'both in the list',
    async () => jsonOf<{ schedules: unknown[] }>(await dxo('list', '--json')).schedules.length === 2,
  );
  expect(jsonOf(await dxo('plan', '--json'))).toMatchObject({
    changes: [
      { action: 'update', name: 'nightly', changes: [{ field: 'when', from: '30 2 * * *', to: '0 3 * * *' }] },
      { action: 'remove', name: 'hourly' },
    ],
    foreign: [],
  });
  const applied = await dxo('apply', '--yes');
  expect(applied.stdout).toMatch(/^~ nightly\n {4}when: 30 2 \* \* \* -> 0 3 \* \* \*\n/);
  expect(applied.stdout).toMatch(/nightly {2}updated\nhourly {2}removed\n$/);
});

test('a broken file changes nothing and tells every fault', async () => {
  await write(
    fileOf(NIGHTLY.replace('0 2', '0 25'), HOURLY.replace('1h', 'hourly'), '{ name: fresh, cron: "@daily" }'),
  );
  const { code, stderr, stdout } = await dxo('apply');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  for (const fault of [/line 4: nightly: cron: "25"/, /line 5: hourly: interval\.every: /, /line 6: fresh: run: /]) {
    expect(stderr).toMatch(fault);
  }
  expect(await dxo('backfill', 'fresh', '--from', '20 November', '--to', '2026-11-22')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--from must be a date'),
  });
  expect(await dxo('show', 'fresh')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no schedule fresh'),
  });
});

test('one schedule is looked at, paused, resumed, run, and deleted by its name', async () => {
  await write(fileOf(NIGHTLY));
  await dxo('apply', '--yes');
  expect(await dxo('pause', 'nightly', '--note', 'the source is empty')).toMatchObject({
    code: 0,
    stdout: 'nightly  paused\n',
  });
  const shown = await dxo('show', 'nightly');
  expect(shown.stdout).toMatch(
    /^nightly {2}book docs {2}paused\n {2}note: the source is empty\n {2}when: 30 2 \* \* \*\n/,
  );
  expect(await dxo('list', '--check')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/nightly.*docs.*train.*paused/),
  });
  expect(jsonOf(await dxo('resume', 'nightly', '--json'))).toEqual({ name: 'nightly', paused: false });
  expect(jsonOf(await dxo('trigger', 'nightly', '--json'))).toEqual({
    name: 'nightly',
    triggered: true,
    job: expect.stringMatching(/^train-nightly-\d{4}-/),
  });
  expect(jsonOf(await dxo('backfill', 'nightly', '--from', '2026-11-20', '--to', '2026-11-22', '--json'))).toEqual({
    name: 'nightly',
    backfilled: ['2026-11-20T23:30:00.000Z', '2026-11-21T23:30:00.000Z'],
  });
  expect(await dxo('delete', 'nightly', '--yes')).toMatchObject({ code: 0, stdout: 'nightly  deleted\n' });
});

test('a plan without a server starts none', async () => {
  const alone = join(folder.path, 'alone');
  await mkdir(alone);
  await writeFile(join(alone, 'schedules.yaml'), fileOf(NIGHTLY.replace('/in.csv', 'in.csv')));
  const plan = jsonOf(await runDxo(alone, ['schedules', 'plan', '--json']));
  expect(plan).toMatchObject({ changes: [{ action: 'create', name: 'nightly' }] });
  expect(await runDxo(alone, ['schedules', 'list'])).toMatchObject({ code: 0, stdout: 'no schedules\n' });
  expect(await readdir(alone)).toEqual(['schedules.yaml']);
});
