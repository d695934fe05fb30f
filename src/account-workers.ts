/**
 * One account in this process: a worker on its budget queue, which every process has, and one on its API queue, which only
 * that process has which spends the budget now. So a single process sends all requests of an account, and counts them.
 */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { apiActivities, budgetActivities } from './activities/index.js';
import { DataxidApi } from './api/dataxid-api.js';
import type { ArtifactStore } from './artifacts/artifact-store.js';
import type { Turns } from './budget/turns.js';
import { BUDGET_WORKFLOW, budgetQueueOf, budgetWorkflowIdOf, type Reservation } from './contract/budget.js';
import { apiQueueOf, WORKFLOW_QUEUE } from './contract/messages.js';
import type { Account } from './settings.js';

/** Each partition of a queue needs a poller, or it starves under a backlog; the server's default is 4. */
const API_POLLERS = 5;
/** The budget's heartbeat is what the next spender knows; the SDK's default would be 4 s old. */
const HEARTBEAT_INTERVAL_MS = 1_000;
/** Somebody may have terminated the workflow; then it is started again within this. */
const ENSURE_INTERVAL_MS = 30_000;

export interface AccountWorkers {
  /** By task queue; the API queue is there while this process serves it. */
  workers(): Readonly<Record<string, Worker>>;
  budgetWorker: Worker;
  close(): Promise<void>;
}

export async function openAccountWorkers(options: {
  account: Account;
  artifacts: ArtifactStore;
  client: Client;
  common: Omit<WorkerOptions, 'taskQueue'>;
  apiSlots: number;
  log: Logger;
}): Promise<AccountWorkers> {
  const { account, artifacts, client, common, apiSlots, log } = options;
  const api = new DataxidApi(account);
  const apiQueue = apiQueueOf(account.name);
  let apiWorker: Worker | undefined;
  /** A process that is given the budget again while it still lets go of it waits for itself. */
  let serving: Promise<void> = Promise.resolve();

  const serve = async (turns: Turns, signal: AbortSignal): Promise<void> => {
    await serving;
    if (signal.aborted) return;
    const worker = await Worker.create({
      ...common,
      taskQueue: apiQueue,
      activities: apiActivities({ api, artifacts, turns, keyUseMs: account.keyUseMs }),
      maxConcurrentActivityTaskExecutions: apiSlots,
      maxConcurrentActivityTaskPolls: API_POLLERS,
    });
    const stop = (): void => {
      turns.close();
      if (worker.getState() === 'RUNNING') worker.shutdown();
    };
    apiWorker = worker;
    const running = worker.run();
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    serving = running.catch(() => undefined);
    try {
      await running;
    } finally {
      apiWorker = undefined;
    }
  };

  const budgetWorker = await Worker.create({
    ...common,
    taskQueue: budgetQueueOf(account.name),
    activities: budgetActivities({
      account: account.name,
      limit: account.rateLimit,
      windowMs: account.rateWindowMs,
      meter: Runtime.instance().metricMeter,
      quotaRows: account.quotaRows,
      isRunning: (reservation) => isRunning(client, reservation),
      serve,
    }),
    maxConcurrentActivityTaskExecutions: 2,
    maxHeartbeatThrottleInterval: HEARTBEAT_INTERVAL_MS,
    // A stop lets go of the budget at once; the API queue's worker has its own grace.
    shutdownGraceTime: 0,
  });

  const ensure = async (): Promise<void> => {
    await client.workflow.start(BUDGET_WORKFLOW, {
      workflowId: budgetWorkflowIdOf(account.name),
      taskQueue: WORKFLOW_QUEUE,
      args: [{ account: account.name }],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `request budget of the account ${account.name}`,
    });
  };
  await ensure();
  const ensuring = setInterval(() => {
    ensure().catch((error: unknown) =>
      log.warn({ account: account.name, reason: String(error) }, 'budget not ensured'),
    );
  }, ENSURE_INTERVAL_MS);

  return {
    budgetWorker,
    workers: () => ({
      [budgetQueueOf(account.name)]: budgetWorker,
      ...(apiWorker === undefined ? {} : { [apiQueue]: apiWorker }),
    }),
    async close() {
      clearInterval(ensuring);
      await api.close();
    },
  };
}

/** True where Temporal does not say. */
async function isRunning(client: Client, { job, run }: Reservation): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(job, run).describe();
    return status.name === 'RUNNING' || status.name === 'PAUSED';
  } catch (error) {
    return !(error instanceof WorkflowNotFoundError);
  }
}
