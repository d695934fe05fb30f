/**
 * A world whose worker, Temporal server or sandbox can be killed with -9 and comes back where it was. Only one whose server is to
 * die has a server of its own; the others share the run's.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevServer } from '../../src/devserver/start-dev-server.js';
import { SynthesisClient } from '../../src/index.js';
import { type SandboxControl, sandboxControl } from '../support/sandbox.js';
import { startSandboxProcess } from '../support/sandbox-process.js';
import { writeSmallTable } from '../support/small-table.js';
import { type TestNamespace, testNamespace, testTemporalCli } from '../support/temporal.js';
import { startWorker } from '../support/worker-process.js';

export const VICTIMS = ['worker', 'Temporal server', 'sandbox'] as const;
export type Victim = (typeof VICTIMS)[number];

export interface CrashWorld {
  client: SynthesisClient;
  folder: string;
  table: string;
  /** Of the sandbox, which listens on the same port again after its death. */
  control: SandboxControl;
  /** kill -9; the next one is there when it returns. */
  killVictim(): Promise<void>;
  stop(): Promise<void>;
}

export async function openCrashWorld(victim: Victim): Promise<CrashWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'dxo-crash-'));
  const sandboxState = join(folder, 'sandbox');
  const [temporal, firstSandbox] = await Promise.all([
    victim === 'Temporal server' ? openMortalServer(join(folder, 'temporal.db')) : openSharedServer(),
    startSandboxProcess(sandboxState),
  ]);
  let sandbox = firstSandbox;
  const { address, namespace } = temporal;
  const env = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    DATAXID_API_KEY: 'dx_test_sandbox',
    DATAXID_BASE_URL: sandbox.url,
    DATAXID_ARTIFACTS: join(folder, 'artifacts'),
    DATAXID_READ_ROOTS: folder,
    DATAXID_WRITE_ROOTS: folder,
    DATAXID_RATE_WINDOW_SECONDS: '1',
  };
  let worker = await startWorker(env);
  const client = await SynthesisClient.connect({ address, namespace });
  const kill: Record<Victim, () => Promise<void>> = {
    worker: async () => {
      await worker.kill('SIGKILL');
      worker = await startWorker(env);
    },
    'Temporal server': temporal.kill,
    sandbox: async () => {
      await sandbox.kill('SIGKILL');
      sandbox = await startSandboxProcess(sandboxState, sandbox.port);
    },
  };
  return {
    client,
    folder,
    table: writeSmallTable(folder),
    control: sandboxControl(sandbox.url),
    killVictim: kill[victim],
    async stop() {
      await client.close();
      await worker.kill('SIGTERM');
      await sandbox.kill('SIGTERM');
      await temporal.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface WorldServer extends TestNamespace {
  kill(): Promise<void>;
  stop(): Promise<void>;
}

async function openSharedServer(): Promise<WorldServer> {
  return {
    ...(await testNamespace()),
    kill: () => Promise.reject(new Error("the run's server is everybody's: it is not to be killed")),
    stop: () => Promise.resolve(),
  };
}

async function openMortalServer(databaseFile: string): Promise<WorldServer> {
  const start = (port?: number) =>
    startDevServer({ cliPath: testTemporalCli(), databaseFile, port, fastTimers: true, headless: true });
  let server = await start();
  return {
    address: server.address,
    namespace: 'default',
    async kill() {
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
      server = await start(Number(server.address.split(':').at(-1)));
    },
    stop: () => server.stop(),
  };
}
