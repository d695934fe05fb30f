/**
 * The published contract, used by what is not ours: the official Python client, and the `temporal` command alone. The
 * program and the commands are those of examples/python and docs/contract.md.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { jsonSchemas } from '../../src/contract/json-schemas.js';
import {
  CANCEL_SIGNAL,
  QUERIES,
  SEARCH_ATTRIBUTES,
  UPDATES,
  WORKFLOW_QUEUE,
  WORKFLOW_TYPES,
} from '../../src/contract/messages.js';
import { type Fleet, startFleet } from '../support/fleet.js';
import { hasPython, pythonWith } from '../support/python.js';
import { writeSmallTable } from '../support/small-table.js';
import { testTemporalCli } from '../support/temporal.js';
import { until } from '../support/until.js';

const SPEED = 300;
/** A training that lasts until the clock is set forward again. */
const STANDSTILL = 0.001;
const CONTRACT = readFileSync('docs/contract.md', 'utf8');

let fleet: Fleet;
let bin: string;
beforeAll(async () => {
  fleet = await startFleet({ speed: SPEED, rateLimit: 1_000_000 });
  writeSmallTable(fleet.folder);
  bin = join(fleet.folder, 'bin');
  mkdirSync(bin);
  symlinkSync(testTemporalCli(), join(bin, 'temporal'));
}, 60_000);
afterEach(async () => {
  await fleet.sandbox.clearFaults();
  await fleet.sandbox.setSpeed(SPEED);
});
afterAll(() => fleet.stop());

interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}
interface Running {
  said: () => string;
  ended: Promise<Ran>;
}

function run(command: string, args: readonly string[]): Running {
  const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = fleet.env;
  const child = spawn(command, args, {
    cwd: fleet.folder,
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, stdout, stderr }));
  return { said: () => stdout + stderr, ended };
}

/** A ```bash block of the page, as it stands there. */
function blockWith(text: string): string {
  const blocks = [...CONTRACT.matchAll(/^```bash\n([\s\S]*?)^```$/gm)].map(([, block]) => block ?? '');
  const found = blocks.find((block) => block.includes(text));
  if (found === undefined) throw new Error(`docs/contract.md has no block with ${text}`);
  return `set -eux\n${found}`;
}

test('the page names everything that the contract has', () => {
  const names = [
    ...WORKFLOW_TYPES,
    ...Object.values(QUERIES),
    ...Object.values(UPDATES),
    CANCEL_SIGNAL,
    WORKFLOW_QUEUE,
    ...Object.values(SEARCH_ATTRIBUTES).map(({ name }) => name),
    ...Object.keys(jsonSchemas())
      .filter((name) => name !== 'schedules')
      .map((name) => `${name}.json`),
  ];
  expect(names.filter((name) => !CONTRACT.includes(`\`${name}\``))).toEqual([]);
});

test('the temporal command starts a job, describes, queries and updates it, and prints its result', async () => {
  await fleet.sandbox.setSpeed(STANDSTILL);
  const { said, ended } = run('bash', ['-c', blockWith('workflow start')]);
  await until(
    'the job is updated',
    async () => /"priority": ?1[\s\S]*workflow result/.test(said()) || said().match(/Error/),
  );
  await fleet.sandbox.setSpeed(SPEED);
  const { code, stdout, stderr } = await ended;
  expect({ code, stderr: code === 0 ? '' : `${stdout}${stderr}` }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/QueryResult .*"keepModel":false/);
  expect(readFileSync(join(fleet.folder, 'synthetic.csv'), 'utf8').trim().split('\n')).toHaveLength(201);
});

test('the temporal command cancels jobs, and shows the failure of one', async () => {
  await fleet.sandbox.setSpeed(STANDSTILL);
  writeFileSync(join(fleet.folder, 'empty.csv'), 'a,b\n');
  const start = (id: string, table: string) =>
    fleet.client.synthesize(
      { table: { uri: join(fleet.folder, table) }, output: { uri: join(fleet.folder, `${id}.csv`) } },
      { id },
    );
  const [wrong, old, empty] = await Promise.all([
    start('customers-wrong', 'customers.csv'),
    start('customers-old', 'customers.csv'),
    start('customers-empty', 'empty.csv'),
  ]);
  await expect(empty.result()).rejects.toThrow();
  const { code, stdout } = await run('bash', ['-c', blockWith('customers-wrong')]).ended;
  expect(code).toBe(0);
  expect(stdout).toContain('table_empty');
  for (const job of [wrong, old]) await expect(job.result()).rejects.toMatchObject({ name: 'JobCancelledError' });
});

const withPython = hasPython() ? test : test.skip;
if (!hasPython()) process.stderr.write('SKIPPED: there is no python3, so the Python caller is not tried\n');

withPython(
  'the official Python client starts a job, follows it, reads its result, and attaches to it again',
  async () => {
    const first = await python('customers.csv', 'from-python.csv', 'python-job');
    expect(first).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/preparing\n[\s\S]*training\n[\s\S]*done\n/),
    });
    const result: unknown = JSON.parse(first.stdout);
    expect(result).toMatchObject({ output: { rows: 40, uri: expect.stringContaining('from-python.csv') } });
    const models = (await fleet.sandbox.ledger()).filter(
      ({ call, effect }) => call === 'create' && effect === 'applied',
    ).length;
    const again = await python('customers.csv', 'from-python.csv', 'python-job');
    expect(JSON.parse(again.stdout)).toEqual(result);
    const after = (await fleet.sandbox.ledger()).filter(
      ({ call, effect }) => call === 'create' && effect === 'applied',
    );
    expect(after).toHaveLength(models);
  },
  300_000,
);

withPython(
  'the official Python client reads a failure by its code, parameter, request and documentation',
  async () => {
    const local = await python('nothing.csv', 'never.csv', 'python-no-file');
    expect(local.code).toBe(1);
    expect(JSON.parse(local.stdout)).toMatchObject({ error: { code: 'file_not_found', param: 'table.uri' } });
    await fleet.sandbox.addFaults({ call: 'create', kind: 'error', code: 'parameter_invalid', nth: 1 });
    const { error } = JSON.parse((await python('customers.csv', 'never.csv', 'python-refused')).stdout) as {
      error: Record<string, string>;
    };
    expect(error).toMatchObject({
      code: 'parameter_invalid',
      doc_url: 'https://docs.dataxid.com/docs/errors#parameter_invalid',
      message: expect.stringMatching(/^DataXID did not /),
    });
    expect(error.request_id).toMatch(/\w/);
  },
  300_000,
);

function python(table: string, output: string, id: string): Promise<Ran> {
  const interpreter = pythonWith('examples/python/requirements.txt');
  const paths = [join(fleet.folder, table), join(fleet.folder, output)];
  return run(interpreter, [resolve('examples/python/synthesize.py'), ...paths, '--rows', '40', '--id', id]).ended;
}
