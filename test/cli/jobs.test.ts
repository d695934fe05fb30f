/** `dxo jobs`: looking at jobs of a fleet, steering them, and where the Web UI shows them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { JobHandle, JobStatus, SynthesizeResult } from '../../src/index.js';
import { type Fleet, startFleet } from '../support/fleet.js';
import { writeSmallTable } from '../support/small-table.js';
import { until } from '../support/until.js';
import { type Answer, jsonOf, runDxo } from './run-dxo.js';

/** A training that lasts. */
const STANDSTILL = 0.001;

let fleet: Fleet;
let job: JobHandle<SynthesizeResult>;
beforeAll(async () => {
  fleet = await startFleet({ speed: STANDSTILL, rateLimit: 1_000_000 });
  const table = writeSmallTable(fleet.folder);
  const request = {
    table: { uri: table },
    output: { uri: join(fleet.folder, 'out.csv') },
    generation: { n_samples: 50 },
  };
  job = await fleet.client.synthesize(request, { id: 'steered', deadline: new Date(Date.now() + 3_600_000) });
  await fleet.client.synthesize({ ...request, table: { uri: join(fleet.folder, 'none.csv') } }, { id: 'no-table' });
  await until('the job trains', async () => (await job.describe()).stage === 'training');
}, 60_000);
afterAll(async () => {
  await fleet.sandbox.reset();
  await fleet.stop();
});

const dxo = (...args: string[]): Promise<Answer> => {
  const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = fleet.env;
  return runDxo(fleet.folder, ['jobs', ...args], { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE });
};
const idsOf = async (...flags: string[]): Promise<string[]> =>
  jsonOf<{ jobs: { id: string }[] }>(await dxo('list', '--json', ...flags)).jobs.map(({ id }) => id);

test.each([
  ['--stage training', ['steered']],
  ['--status Running --table customers.csv', ['steered']],
  ['--failure file_not_found', ['no-table']],
  ['--wait quota', []],
  ['--account default --since 1h', ['no-table', 'steered']],
  ['--since 2100-01-01', []],
])('list %s', async (flags, expected) => {
  await until(`${flags} lists ${expected}`, async () => {
    const ids = (await idsOf(...flags.split(' '))).sort();
    return JSON.stringify(ids) === JSON.stringify(expected);
  });
});

test.each([
  ['--since', 'yesterday'],
  ['--limit', '0'],
  ['--table', ''],
  ['--wait', 'godot'],
  ['--account', "x' OR 1=1"],
])('list %s %j is wrong usage', async (...flags) => {
  expect((await dxo('list', ...flags)).code).toBe(2);
});

test('list shows why a job failed, and show what a job waits for and its deadline', async () => {
  expect((await dxo('list')).stdout).toMatch(/^no-table +synthesize +failed +failed +file_not_found /m);
  const { stdout } = await dxo('show', 'steered');
  expect(stdout).toMatch(/^steered {2}synthesize {2}running {2}started \d{4}-[^\n]* UTC\n[\s\S]*now +training/);
  expect(stdout).toMatch(/deadline: \d{4}-.* UTC$/m);
  const failed = await dxo('show', 'no-table');
  expect(failed.stdout).toMatch(/^ {2}fail +preparing/m);
  expect(failed.stdout).toContain('(code file_not_found, param table.uri)');
});

test('list --web names the page of the list and of everyday questions, for a Web UI that is named', async () => {
  const answer = await dxo('list', '--status', 'Failed', '--web', 'http://ui.test:8080/', '--json');
  const { links } = jsonOf<{ links: { question: string; url: string; query: string }[] }>(answer);
  expect(links.map(({ question }) => question)).toEqual([
    'this list',
    'what runs',
    'what waits for quota',
    'what failed today',
    'which models may be left over',
  ]);
  for (const { url, query } of links) {
    expect(url.startsWith(`http://ui.test:8080/namespaces/${fleet.env.TEMPORAL_NAMESPACE}/workflows?query=`)).toBe(
      true,
    );
    expect(new URL(url).searchParams.get('query')).toBe(query);
    // The server takes each of them.
    const found: string[] = [];
    for await (const { workflowId } of fleet.client.temporal.workflow.list({ query })) found.push(workflowId);
    expect(found.includes('no-table')).toBe(/ExecutionStatus = 'Failed'/.test(query));
  }
  expect(await dxo('list', '--web')).toMatchObject({ code: 2, stderr: expect.stringContaining('--web http://') });
});

test('extend, prioritize and keep change the job, and say where it is', async () => {
  const before = (await job.status()).deadline ?? '';
  expect(await dxo('extend', 'steered', '--hours', '2')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('7200 s'),
  });
  expect(
    jsonOf<JobStatus>(await dxo('prioritize', 'steered', '--priority', '1', '--fairness-key', 'acme', '--json')),
  ).toMatchObject({
    id: 'steered',
    priority: { priority: 1, fairnessKey: 'acme' },
  });
  expect((await dxo('keep', 'steered')).code).toBe(0);
  const after = await job.status();
  expect(Date.parse(after.deadline ?? '') - Date.parse(before)).toBe(7_200_000);
  expect(after).toMatchObject({ keepModel: true, priority: { priority: 1 } });
});

test.each([
  ['extend', 2],
  ['extend --seconds 0', 2],
  ['extend --seconds 5 --hours 1', 2],
  ['prioritize --priority 6', 2],
  ['salvage', 1],
  ['resume', 1],
])('%s of a job that trains is refused with %i', async (words, code) => {
  const [command = '', ...flags] = words.split(' ');
  const answer = await dxo(command, 'steered', ...flags);
  expect(answer).toMatchObject({ code, stderr: expect.stringMatching(/\S/) });
});

test.each(['resume', 'extend --hours 1'])('%s of a job that has ended is refused, and says so', async (words) => {
  const [command = '', ...flags] = words.split(' ');
  const { code, stderr } = await dxo(command, 'no-table', ...flags);
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('has ended already (failed)') });
});

test('the status of a list is asked for in the words that the list prints', async () => {
  expect(await idsOf('--status', 'failed')).toEqual(['no-table']);
  expect((await dxo('list', '--status', 'fialed')).code).toBe(2);
});

test('a batch is not resumed: its jobs are', async () => {
  const manifest = join(fleet.folder, 'one.csv');
  writeFileSync(
    manifest,
    `name,table.uri,output.uri\nonly,${writeSmallTable(fleet.folder)},${fleet.folder}/only.csv\n`,
  );
  const output = { uri: join(fleet.folder, 'one.jsonl') };
  const batch = await fleet.client.batch({ kind: 'synthesize', manifest: { uri: manifest }, output }, { id: 'many' });
  const { code, stderr } = await dxo('resume', 'many');
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('many is a batch') });
  await batch.cancel();
  await expect(batch.result()).rejects.toThrow('cancelled');
});

test('cancel --reason leaves the reason with the job, and the kept model', async () => {
  expect((await dxo('cancel', 'steered', '--reason', 'the wrong table', '--wait')).code).toBe(0);
  const { events } = await fleet.client.temporal.workflow.getHandle('steered').fetchHistory();
  const signal = events?.find(({ workflowExecutionSignaledEventAttributes: sent }) => sent?.signalName === 'cancel');
  expect(JSON.stringify(signal?.workflowExecutionSignaledEventAttributes?.input)).toContain(
    Buffer.from('{"reason":"the wrong table"}').toString('base64'),
  );
  expect((await job.describe()).status).toBe('CANCELLED');
  const waited = await dxo('wait', 'steered');
  expect(waited).toMatchObject({ code: 1, stderr: expect.stringContaining('cancelled: the wrong table') });
  expect(waited.stderr).not.toMatch(/^\s+at /m);
});
