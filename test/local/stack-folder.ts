/** A folder with a local stack of its own for one test: our supervisor, small programs in place of sandbox and worker. */
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import {
  type AttachOptions,
  attachLocalStack,
  describeLocalStack,
  stopLocalStack,
} from '../../src/local/local-stack.js';
import { testTemporalCli } from '../support/temporal.js';
import { DIST } from '../support/worker-process.js';

const POLL_MS = 20;

export const programs = {
  supervisor: resolve(DIST, 'local/supervisor.js'),
  worker: resolve('test/local/programs/worker.mjs'),
  sandbox: resolve('test/local/programs/sandbox.mjs'),
};

/** What a user's shell would hold. */
export function stackEnv(env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, TEMPORAL_CLI_PATH: testTemporalCli(), ...env };
}

export interface StackFolder {
  folder: string;
  attach(options?: Partial<AttachOptions>): ReturnType<typeof attachLocalStack>;
  read(...path: string[]): Promise<string>;
  /** Starts a workflow that no worker takes, so that it runs until it is terminated. */
  startJob(address: string, workflowId: string): Promise<void>;
  endJob(address: string, workflowId: string): Promise<void>;
  remove(): Promise<void>;
}

export async function makeStackFolder(name = ''): Promise<StackFolder> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), `dxo-local-${name}`)));
  const use = async (address: string, act: (client: Client) => Promise<unknown>) => {
    const connection = await Connection.connect({ address });
    await act(new Client({ connection })).finally(() => connection.close());
  };
  return {
    folder,
    attach: (options) => attachLocalStack({ folder, env: stackEnv(), programs, ...options }),
    read: (...path) => readFile(join(folder, '.dxo', ...path), 'utf8'),
    startJob: (address, workflowId) =>
      use(address, (client) => client.workflow.start('nothing', { taskQueue: 'nobody', workflowId, args: [] })),
    endJob: (address, workflowId) => use(address, (client) => client.workflow.getHandle(workflowId).terminate()),
    async remove() {
      await stopLocalStack(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits for something that is announced nowhere; jest's own timeout is the bound. */
export async function until<T>(look: () => T | Promise<T>): Promise<NonNullable<Awaited<T>>> {
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

export const untilGone = (folder: string) => until(async () => (await describeLocalStack(folder)) === undefined);

/** A zombie is not alive: its parent has just not looked yet. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return !/\) Z /.test(stat);
}
