/**
 * A batch that outgrows one history goes on in new runs with its window full: jobs that an earlier run began are neither
 * begun again nor forgotten, also when one of them fails, hangs, or the batch is cancelled. The server is told to suggest
 * a new run after a few hundred events, where it would after 4 096.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TrainedModel } from '../../src/contract/requests.js';
import { type DevServer, startDevServer } from '../../src/devserver/start-dev-server.js';
import { JobCancelledError, SynthesisClient } from '../../src/index.js';
import { type Fleet, failureOf } from '../support/fleet.js';
import { startTestSandbox } from '../support/sandbox.js';
import { testTemporalCli } from '../support/temporal.js';
import { until } from '../support/until.js';
import { startWorker } from '../support/worker-process.js';
import { resultsOf, startBatch, statusOf, trainModel, writeManifest } from './batch-jobs.js';

const EVENTS_PER_RUN = 150;
const SPEED = 600;
const ITEMS = 50;

let server: DevServer;
let fleet: Fleet;
let trained: TrainedModel;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dxo-batch-'));
  const cliPath = join(folder, 'temporal');
  const setting = `limit.historyCount.suggestContinueAsNew=${EVENTS_PER_RUN}`;
  writeFileSync(cliPath, `#!/bin/sh\nexec '${testTemporalCli()}' "$@" --dynamic-config-value ${setting}\n`);
  chmodSync(cliPath, 0o755);
  server = await startDevServer({ cliPath, headless: true, fastTimers: true });
  const sandbox = await startTestSandbox({ speed: SPEED, rateLimit: 60, quotaRows: 1_000_000, seed: 1 });
  const env = {
    TEMPORAL_ADDRESS: server.address,
    DATAXID_API_KEY: 'dx_test_sandbox',
    DATAXID_BASE_URL: sandbox.url,
    DATAXID_ARTIFACTS: join(folder, 'artifacts'),
    DATAXID_READ_ROOTS: folder,
    DATAXID_WRITE_ROOTS: folder,
    DATAXID_RATE_WINDOW_SECONDS: String(60 / SPEED),
  };
  const worker = await startWorker(env);
  const client = await SynthesisClient.connect({ address: server.address, namespace: 'default' });
  fleet = {
    client,
    sandbox,
    folder,
    env,
    worker: () => worker,
    restartWorker: async () => undefined,
    async stop() {
      await worker.kill('SIGTERM');
      await client.close();
      await sandbox.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  trained = await trainModel(fleet);
});
afterAll(async () => {
  await fleet.sandbox.deleteModel(trained.modelId);
  expect(await fleet.sandbox.models()).toEqual([]);
  await fleet.stop();
});

const runsOf = async (id: string): Promise<{ events: number; status: string }[]> => {
  const runs = [];
  for await (const { historyLength, status } of fleet.client.temporal.workflow.list({
    query: `WorkflowId = '${id}'`,
  })) {
    runs.push({ events: historyLength, status: status.name });
  }
  return runs;
};

test('a batch goes on in new runs, each item once, the ones that hang and fail across runs too', async () => {
  await fleet.sandbox.addFaults(
    { call: 'generate', kind: 'slow', seconds: 8, nth: 2 },
    { call: 'generate', kind: 'error', code: 'parameter_invalid', nth: 20 },
  );
  const results = join(fleet.folder, 'long-results.jsonl');
  const batch = await startBatch(fleet, 'long', {
    kind: 'generate',
    manifest: { uri: writeManifest(fleet, 'long', ITEMS) },
    defaults: { trained },
    output: { uri: results },
    policy: { atOnce: 4 },
  });
  expect((await batch.result()).counts).toMatchObject({
    items: ITEMS,
    done: ITEMS - 1,
    failed: 1,
    running: 0,
    waiting: 0,
  });
  const lines = resultsOf(results);
  expect(lines.filter(({ status }) => status === 'done')).toHaveLength(ITEMS - 1);
  const ledger = await fleet.sandbox.ledger();
  expect(ledger.filter(({ call, effect }) => call === 'generate' && effect === 'applied')).toHaveLength(ITEMS - 1);
  const runs = await runsOf('long');
  expect(runs.length).toBeGreaterThan(1);
  expect(runs.filter(({ status }) => status === 'CONTINUED_AS_NEW')).toHaveLength(runs.length - 1);
  expect(Math.max(...runs.map(({ events }) => events))).toBeLessThan(2 * EVENTS_PER_RUN);
  // Handed over while it hung: asked of by an activity, and begun once.
  expect(await runsOf('long.item-001')).toHaveLength(1);
});

test('a cancel reaches jobs that an earlier run began', async () => {
  const results = join(fleet.folder, 'cut-results.jsonl');
  await fleet.sandbox.clearFaults();
  await fleet.sandbox.addFaults({ call: 'generate', kind: 'slow', seconds: 120, nth: 1 });
  const batch = await startBatch(fleet, 'cut', {
    kind: 'generate',
    manifest: { uri: writeManifest(fleet, 'cut', 200) },
    defaults: { trained },
    output: { uri: results },
    policy: { atOnce: 3 },
  });
  await until('a second run', async () => (await runsOf('cut')).length > 1);
  expect((await statusOf(fleet, 'cut')).counts.running).toBeGreaterThan(0);
  await batch.cancel();
  expect(await failureOf(batch)).toBeInstanceOf(JobCancelledError);
  const lines = resultsOf(results);
  expect(lines.filter(({ status }) => status === 'cancelled').length).toBeGreaterThan(0);
  const hung = lines.find(({ job, status }) => status === 'cancelled' && job !== undefined);
  expect(await runsOf(hung?.job ?? '')).toEqual([expect.objectContaining({ status: 'CANCELLED' })]);
  const running = (await fleet.client.list({ limit: 500 })).filter(({ status }) => status === 'RUNNING');
  expect(running).toEqual([]);
});
