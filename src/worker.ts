/**
 * The worker process: polls the workflow queue, the data queue and what each account has (account-workers.ts), until SIGTERM.
 * A stop lets running requests finish for the grace time, then cuts them: their keys make the repeat safe.
 * Reads its settings from the environment (docs/settings.md), and Temporal's from TEMPORAL_….
 */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { openAccountWorkers } from './account-workers.js';
import { dataActivities } from './activities/index.js';
import { openLocalStore } from './artifacts/artifact-store.js';
import { accessWith } from './artifacts/grants.js';
import { connectClient } from './client/connect.js';
import { registerSearchAttributes, removeQueueRate } from './client/prepare-namespace.js';
import { readBudget } from './client/read-budget.js';
import { InputError } from './contract/input-error.js';
import { DATA_QUEUE, WORKFLOW_QUEUE } from './contract/messages.js';
import { serveHealth } from './health.js';
import { makeLog, temporalLogger } from './log.js';
import { accountsOf, readSettings, type Settings } from './settings.js';
import { sweepScratchFolders } from './table/scratch-folder.js';

/** What Temporal is given to notice that a worker does not stop. */
const FORCE_AFTER_GRACE_MS = 10_000;
/** After a worker died, a job that it had in memory stands still for so long before another one takes it: 10 s by default. */
const STICKY_MS = 5_000;
/** A local step hears of a cancel by its heartbeat; its job waits for it to end. The SDK's default would be 16 s. */
const CANCEL_NOTICED_MS = 1_000;

/** Runs until a signal ends it. @throws InputError for wrong settings, Error if Temporal cannot be reached */
export async function runWorker(settings: Settings, log: Logger): Promise<void> {
  const accounts = accountsOf(settings);
  await sweepScratchFolders();
  const artifacts = openLocalStore(settings.DATAXID_ARTIFACTS);
  const roots = { readRoots: settings.DATAXID_READ_ROOTS, writeRoots: settings.DATAXID_WRITE_ROOTS };
  installRuntime(settings, log);
  const client = await connectClient();
  await registerSearchAttributes(client);
  for (const { name } of accounts) await removeQueueRate(client, name);

  const config = loadClientConnectConfig();
  const connection = await NativeConnection.connect(config.connectionOptions);
  const graceMs = settings.DATAXID_SHUTDOWN_GRACE_SECONDS * 1_000;
  const common: Omit<WorkerOptions, 'taskQueue'> = {
    connection,
    namespace: config.namespace ?? 'default',
    shutdownGraceTime: graceMs,
    shutdownForceTime: graceMs + FORCE_AFTER_GRACE_MS,
  };
  const workers: Record<string, Worker> = {
    [WORKFLOW_QUEUE]: await Worker.create({
      ...common,
      taskQueue: WORKFLOW_QUEUE,
      stickyQueueScheduleToStartTimeout: STICKY_MS,
      // Made by the build (scripts/build.mjs), with the same version of the SDK.
      workflowBundle: { codePath: fileURLToPath(new URL('./workflow-bundle.js', import.meta.url)) },
    }),
    [DATA_QUEUE]: await Worker.create({
      ...common,
      taskQueue: DATA_QUEUE,
      activities: dataActivities({
        artifacts,
        access: () => accessWith(roots, settings.DATAXID_GRANTS),
        // Only an estimate goes by it.
        allowanceOf: async (account) => (await readBudget(client, account).catch(() => undefined))?.state,
      }),
      maxConcurrentActivityTaskExecutions: settings.DATAXID_DATA_SLOTS,
      maxHeartbeatThrottleInterval: CANCEL_NOTICED_MS,
    }),
  };
  const perAccount = await Promise.all(
    accounts.map((account) =>
      openAccountWorkers({ account, artifacts, client, common, apiSlots: settings.DATAXID_API_SLOTS, log }),
    ),
  );
  const allWorkers = (): Record<string, Worker> =>
    Object.assign({}, workers, ...perAccount.map((one) => one.workers()));

  const health = await serveHealth({ host: settings.DATAXID_HEALTH_HOST, port: settings.DATAXID_HEALTH_PORT }, () =>
    Object.fromEntries(Object.entries(allWorkers()).map(([queue, worker]) => [queue, worker.getState()])),
  );
  const running = runAll([...Object.values(workers), ...perAccount.map(({ budgetWorker }) => budgetWorker)]);
  log.info({ queues: Object.keys(allWorkers()), healthPort: health.port, pid: process.pid }, 'worker ready');
  try {
    await running;
  } finally {
    await health.close();
    await Promise.all(perAccount.map((one) => one.close()));
    await client.connection.close();
    await connection.close();
  }
  log.info('worker stopped');
}

/** @throws InputError if the address of the metrics is taken, or is not this machine's */
function installRuntime({ DATAXID_METRICS_ADDRESS: bindAddress }: Settings, log: Logger): void {
  const logger = temporalLogger(log);
  if (bindAddress === undefined) {
    Runtime.install({ logger });
    return;
  }
  try {
    const metrics = { prometheus: { bindAddress, countersTotalSuffix: true }, attachServiceName: false };
    Runtime.install({ logger, telemetryOptions: { metrics } });
  } catch (cause) {
    throw new InputError(
      'request_invalid',
      `The metrics cannot be served on ${bindAddress}: ${(cause as Error).message}. Perhaps another worker has it; set DATAXID_METRICS_ADDRESS to another address.`,
      'DATAXID_METRICS_ADDRESS',
      { cause },
    );
  }
}

/** One worker's failure stops the others: a process that polls half its queues helps nobody. */
async function runAll(workers: readonly Worker[]): Promise<void> {
  const runs = workers.map((worker) =>
    worker.run().catch((error: unknown) => {
      for (const other of workers) if (other.getState() === 'RUNNING') other.shutdown();
      throw error;
    }),
  );
  await Promise.all(runs);
}

async function main(): Promise<void> {
  const settings = readSettings(process.env);
  await runWorker(settings, makeLog(settings.DATAXID_LOG_LEVEL));
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(3);
    },
  );
}
