/**
 * Each example is run as its README says, by a new user: in a folder with a table, the examples, and the package installed.
 * They share one local stack, which this file holds, so that each README finds it warm.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { JobDescription } from '../../src/index.js';
import { jsonOf, runDxo } from '../cli/run-dxo.js';
import { hasPython } from '../support/python.js';
import { writeSmallTable } from '../support/small-table.js';
import { DIST } from '../support/worker-process.js';

const folder = mkdtempSync(join(tmpdir(), 'dxo-examples-'));
const bin = join(folder, 'bin');
let dev: ChildProcess;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  cpSync('examples', join(folder, 'examples'), { recursive: true });
  writeSmallTable(folder);
  const installed = join(folder, 'node_modules', 'dataxid-orchestrator');
  mkdirSync(installed, { recursive: true });
  cpSync('package.json', join(installed, 'package.json'));
  symlinkSync(resolve(DIST), join(installed, 'dist'));
  symlinkSync(resolve('node_modules/fastify'), join(folder, 'node_modules', 'fastify'));
  mkdirSync(bin);
  writeProgram('dxo', `exec "${process.execPath}" "${resolve(DIST, 'cli/main.js')}" "$@"`);
  writeProgram('npx', 'exec "$@"');
  const kept = Object.entries(process.env).filter(([name]) => !/^(DATAXID|TEMPORAL|DXO)_/.test(name));
  env = {
    ...Object.fromEntries(kept),
    PATH: `${bin}:${process.env.PATH}`,
    TEMPORAL_CLI_PATH: process.env.TEST_TEMPORAL_CLI,
    DXO_SANDBOX_SPEED: '60',
  };
  const roots = { DATAXID_READ_ROOTS: folder, DATAXID_WRITE_ROOTS: folder };
  dev = spawn(join(bin, 'dxo'), ['dev', '--json'], {
    cwd: folder,
    env: { ...env, ...roots },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(dev.stdout!, 'data');
}, 120_000);

afterAll(async () => {
  const ended = once(dev, 'exit');
  dev.kill('SIGINT');
  await ended;
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

function writeProgram(name: string, line: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${line}\n`);
  chmodSync(join(bin, name), 0o755);
}

/** All ```sh blocks of the page, in order. What they left in the background is ended with them. */
async function runPage(page: string, change = (script: string): string => script): Promise<string> {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block ?? '');
  const script = change(['set -eu', "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT", ...blocks].join('\n'));
  const child = spawn('bash', ['-c', script], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  await once(child, 'close');
  expect({ code: child.exitCode, said: child.exitCode === 0 ? '' : said }).toEqual({ code: 0, said: '' });
  return said;
}

const jobsOf = async (id: string): Promise<JobDescription[]> => {
  const { jobs } = jsonOf<{ jobs: JobDescription[] }>(
    await runDxo(folder, ['jobs', 'list', '--json'], { DATAXID_READ_ROOTS: folder, DATAXID_WRITE_ROOTS: folder }),
  );
  return jobs.filter((job) => job.id.startsWith(id));
};
const linesOf = (file: string): number => readFileSync(join(folder, file), 'utf8').trim().split('\n').length;

test('examples/service: a table is ordered twice, made once, streamed to its end', async () => {
  const port = await freePort();
  const said = await runPage('examples/service/README.md', (script) => script.replaceAll('3210', `${port}`));
  expect(said).toContain('{"id":"order-17"}{"id":"order-17"}');
  expect(said).toMatch(/event: progress\ndata: {"stage":{"stage":"[a-z]+"[\s\S]*event: end\ndata: {"result":{"output"/);
  expect(said).toMatch(/"status":"COMPLETED".*"rows":500/);
  expect(linesOf('order-17.csv')).toBe(501);
  expect(await jobsOf('order-17')).toHaveLength(1);
}, 120_000);

test('examples/nightly: started twice at once, there is one job and one table', async () => {
  const said = await runPage('examples/nightly/README.md');
  const lines = said.split('\n').filter((line) => /^nightly-customers-.*200 rows in .*\.parquet, sha256/.test(line));
  expect(lines).toHaveLength(2);
  expect(lines[0]).toBe(lines[1]);
  expect(await jobsOf('nightly-customers')).toHaveLength(1);
}, 120_000);

if (!hasPython()) process.stderr.write('SKIPPED: there is no python3, so examples/python is not run\n');
(hasPython() ? test : test.skip)(
  'examples/python: a job from Python, and a failure with its code',
  async () => {
    const said = await runPage('examples/python/README.md');
    expect(said).toContain('"rows": 500');
    expect(said).toMatch(/"code": "file_not_found", "param": "table.uri"[\s\S]*exit code 1/);
    expect(linesOf('from-python.csv')).toBe(501);
  },
  300_000,
);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
