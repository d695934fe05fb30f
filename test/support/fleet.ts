/**
 * All a job needs, for one test file: a namespace of its own on the run's Temporal server, a sandbox on real HTTP (or a lane
 * for each scenario that runs beside others), a worker process, a client. At the end it fails the test if a model or a
 * process is left behind.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JobHandle, SynthesisClient } from '../../src/index.js';
import { keepHistories } from './keep-histories.js';
import { type Lanes, startLanes } from './lanes.js';
import type { TestSandbox } from './sandbox.js';
import { testNamespace } from './temporal.js';
import { startWorker, type WorkerProcess } from './worker-process.js';

export interface Fleet {
  client: SynthesisClient;
  /** The API of requests that name no account. */
  sandbox: TestSandbox;
  /** What requests may read and write. */
  folder: string;
  env: NodeJS.ProcessEnv;
  worker: () => WorkerProcess;
  restartWorker(): Promise<void>;
  stop(): Promise<void>;
}

export interface LanedFleet extends Fleet {
  inLane: Lanes['inLane'];
}

interface FleetOptions {
  /** A virtual minute of the sandbox lasts a second, unless a test needs another clock. */
  speed?: number;
  rateLimit?: number;
  quotaRows?: number;
  lanes?: number;
  env?: NodeJS.ProcessEnv;
  /** Workflows whose histories a release keeps (keep-histories.ts). */
  histories?: readonly string[];
}

const SPEED = 60;
/** The setting's own; a sandbox that stands still has no window to keep. */
const RATE_WINDOW_S_MAX = 3_600;

export async function startFleet(options: FleetOptions = {}): Promise<LanedFleet> {
  const folder = mkdtempSync(join(tmpdir(), 'dxo-fleet-'));
  const speed = options.speed ?? SPEED;
  const { rateLimit = 60, quotaRows = 1_000_000 } = options;
  const [{ address, namespace }, lanes] = await Promise.all([
    testNamespace(),
    startLanes(options.lanes ?? 1, { speed, rateLimit, quotaRows, seed: 1 }),
  ]);
  const env: NodeJS.ProcessEnv = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    DATAXID_API_KEY: 'dx_test_sandbox',
    DATAXID_BASE_URL: lanes.first.sandbox.url,
    DATAXID_ACCOUNTS_FILE: lanes.writeAccounts(folder),
    DATAXID_ARTIFACTS: join(folder, 'artifacts'),
    DATAXID_READ_ROOTS: folder,
    DATAXID_WRITE_ROOTS: folder,
    DATAXID_RATE_LIMIT: String(rateLimit),
    DATAXID_RATE_WINDOW_SECONDS: String(Math.min(60 / speed, RATE_WINDOW_S_MAX)),
    ...options.env,
  };
  let worker = await startWorker(env);
  const client = await SynthesisClient.connect({ address, namespace });
  return {
    client,
    sandbox: lanes.first.sandbox,
    inLane: lanes.inLane,
    folder,
    env,
    worker: () => worker,
    async restartWorker() {
      worker = await startWorker(env);
    },
    async stop() {
      await keepHistories(client.temporal, options.histories ?? []);
      const left = (await Promise.all(lanes.all.map(({ sandbox }) => sandbox.models()))).flat();
      await worker.kill('SIGTERM');
      await client.close();
      await lanes.close();
      rmSync(folder, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`the test left models behind: ${left.map(({ id }) => id).join(', ')}`);
    },
  };
}

/** What a job ended with, as an error to look into. */
export async function failureOf(job: JobHandle<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await job.result();
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error(`job ${job.id} was expected to fail and succeeded`);
}
