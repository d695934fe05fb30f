/**
 * kill -9 of the worker, of the Temporal server and of the sandbox, each at five stages of a job: the job ends right, the
 * ledger shows one model, one training, each chunk billed once, and nothing is left alive.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type DevServer, startDevServer } from '../../src/devserver/start-dev-server.js';
import { type JobHandle, SynthesisClient, type SynthesizeResult } from '../../src/index.js';
import { sandboxControl } from '../support/sandbox.js';
import { type SandboxProcess, startSandboxProcess } from '../support/sandbox-process.js';
import { writeSmallTable } from '../support/small-table.js';
import { testTemporalCli } from '../support/temporal.js';
import { until } from '../support/until.js';
import { startWorker, type WorkerProcess } from '../support/worker-process.js';

const ROWS = 300;
const ROWS_PER_CHUNK = 100;

let folder: string;
let server: DevServer;
let sandbox: SandboxProcess;
let worker: WorkerProcess;
let client: SynthesisClient;
let table: string;

const startServer = (port?: number): Promise<DevServer> =>
  startDevServer({
    cliPath: testTemporalCli(),
    databaseFile: join(folder, 'temporal.db'),
    port,
    fastTimers: true,
    headless: true,
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dxo-crash-'));
  table = writeSmallTable(folder);
  [server, sandbox] = await Promise.all([startServer(), startSandboxProcess(join(folder, 'sandbox'))]);
  worker = await startWorker(workerEnv());
  client = await SynthesisClient.connect({ address: server.address, namespace: 'default' });
});
afterAll(async () => {
  await client.close();
  await worker.kill('SIGTERM');
  await sandbox.kill('SIGTERM');
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const workerEnv = (): NodeJS.ProcessEnv => ({
  TEMPORAL_ADDRESS: server.address,
  DATAXID_API_KEY: 'dx_test_sandbox',
  DATAXID_BASE_URL: sandbox.url,
  DATAXID_ARTIFACTS: join(folder, 'artifacts'),
  DATAXID_READ_ROOTS: folder,
  DATAXID_WRITE_ROOTS: folder,
  DATAXID_RATE_WINDOW_SECONDS: '1',
});

const VICTIMS = {
  worker: async () => {
    await worker.kill('SIGKILL');
    worker = await startWorker(workerEnv());
  },
  'Temporal server': async () => {
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    server = await startServer(Number(server.address.split(':').at(-1)));
  },
  sandbox: async () => {
    await sandbox.kill('SIGKILL');
    sandbox = await startSandboxProcess(join(folder, 'sandbox'), sandbox.port);
  },
};

/** Where the job is when the blow falls: a slow answer holds the door open. */
const STAGES = {
  preparing: undefined,
  creating: 'create',
  uploading: 'init-training',
  training: 'train',
  generating: 'generate',
} as const;

const blows = (Object.keys(VICTIMS) as (keyof typeof VICTIMS)[]).flatMap((victim) =>
  (Object.keys(STAGES) as (keyof typeof STAGES)[]).map((stage) => ({ victim, stage })),
);

test.each(blows)('kill -9 of the $victim while $stage', async ({ victim, stage }) => {
  const control = sandboxControl(sandbox.url);
  await control.reset();
  const call = STAGES[stage];
  if (call !== undefined) await control.addFaults({ call, kind: 'slow', seconds: 1.5, nth: 1 });
  const id = `${victim.replace(' ', '-')}-${stage}`;
  const output = join(folder, `${id}.csv`);
  const job: JobHandle<SynthesizeResult> = await client.synthesize(
    {
      table: { uri: table },
      seed: 5,
      generation: { n_samples: ROWS },
      policy: { rowsPerChunk: ROWS_PER_CHUNK },
      output: { uri: output },
    },
    { id },
  );
  await until(`a request of ${stage}`, async () =>
    call === undefined ? (await job.describe()).status === 'RUNNING' : (await control.summary()).requestsInFlight > 0,
  );
  await VICTIMS[victim]();

  const result = await job.result();
  expect(result.output.rows).toBe(ROWS);
  expect(readFileSync(output, 'utf8').trimEnd().split('\n')).toHaveLength(ROWS + 1);
  const ledger = await control.ledger();
  const applied = (name: string): number =>
    ledger.filter((entry) => entry.call === name && entry.effect === 'applied').length;
  expect({
    models: applied('create'),
    uploads: applied('init-training'),
    trainings: applied('train'),
    chunks: applied('generate'),
  }).toEqual({
    models: 1,
    uploads: 1,
    trainings: 1,
    chunks: 3,
  });
  expect(await control.summary()).toMatchObject({ rowsBilled: ROWS, modelsAlive: 0 });
  digests.add(result.output.sha256);
});

const digests = new Set<string>();

test('whatever was killed, the output is the same to the byte', () => {
  expect(digests.size).toBe(1);
});
