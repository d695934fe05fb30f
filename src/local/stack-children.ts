/**
 * The three processes of a local stack: Temporal, the sandbox (while no real API is configured) and the worker, each
 * started again at its old port and on its old state when it dies, so that jobs go on.
 * Every child gets its own environment: the API key is the worker's alone, and no TEMPORAL_ setting of the user's shell
 * turns the worker to another server.
 */
import { join } from 'node:path';
import { KEY_USE_MS } from '../contract/limits.js';
import { cacheFolderOf } from '../devserver/cache-folder.js';
import { findTemporalCli } from '../devserver/find-temporal-cli.js';
import { freePort, isFree } from '../devserver/free-port.js';
import { type DevServer, startDevServer } from '../devserver/start-dev-server.js';
import { type KeptAlive, keepAlive } from './keep-alive.js';
import { openLogFile, rotateWhenFull } from './log-file.js';
import type { StackFiles } from './stack-files.js';
import type { LocalStackDescription } from './stack-messages.js';
import type { StackRecord } from './stack-record.js';
import { apiNameOf, apiVariablesOf, baseUrlOf, type SandboxSettings, usesSandbox } from './stack-settings.js';
import { type RunningChild, startProgram } from './start-program.js';

const NAMESPACE = 'default';
/** A request in flight may end within this; a cut one is repeated under its key. */
const WORKER_STOP_MS = 15_000;
const SANDBOX_STOP_MS = 5_000;
/** Of the API, by its own clock. */
const RATE_WINDOW_S = 60;

type Sandbox = RunningChild & { ready: string };

export interface StackChildren {
  describe(): Omit<LocalStackDescription, 'supervisorPid' | 'settingsDigest'>;
  ports: StackRecord['ports'];
  /** Resolves with a sentence when a child was given up. */
  lost: Promise<string>;
  /** The worker first, so that nobody asks a server that is gone. */
  stop(): Promise<void>;
}

export async function startChildren(options: {
  files: StackFiles;
  env: NodeJS.ProcessEnv;
  sandbox: SandboxSettings;
  programs: { worker: string; sandbox: string };
  /** Taken again where they are free: clients of the stack before this one may still be waiting there. */
  ports: StackRecord['ports'] | undefined;
  log: (line: string) => void;
  /** For the people who wait. */
  progress: (line: string) => void;
  onRestart: () => void;
}): Promise<StackChildren> {
  const { files, env, programs, log, progress, onRestart } = options;
  const ports = await choosePorts(options.ports);
  const started: KeptAlive<RunningChild>[] = [];
  const stop = async () => {
    for (const child of started.toReversed()) await child.stop();
  };
  const keep = async <T extends RunningChild>(name: string, start: () => Promise<T>): Promise<KeptAlive<T>> => {
    const kept = await keepAlive({ name, start, log, onRestart });
    started.push(kept);
    return kept;
  };
  try {
    const cli = await findTemporalCli({ env, cacheFolder: cacheFolderOf(env), report: progress });
    log(`Temporal CLI: ${cli.path} (${cli.source})`);
    progress(usesSandbox(env) ? 'starting Temporal and the sandbox' : 'starting Temporal');
    rotateWhenFull(files.log('temporal'));
    const startTemporal = () =>
      startDevServer({
        cliPath: cli.path,
        databaseFile: files.database(apiNameOf(env)),
        port: ports.temporal,
        uiPort: ports.ui,
        logFile: files.log('temporal'),
        fastTimers: true,
      });
    const sandboxLog = openLogFile(files.log('sandbox'));
    const startSandbox = (): Promise<Sandbox> =>
      startProgram({
        name: 'sandbox',
        path: programs.sandbox,
        arguments: sandboxArguments(ports.sandbox, files.sandboxState, options.sandbox),
        env: without(env, /^(DATAXID|TEMPORAL)_/),
        log: sandboxLog,
        readyOf: ({ url }) => (typeof url === 'string' ? url : undefined),
        stopTimeoutMs: SANDBOX_STOP_MS,
      });
    const [temporal, sandbox] = await all<KeptAlive<DevServer>, KeptAlive<Sandbox> | undefined>(
      keep('Temporal', startTemporal),
      usesSandbox(env) ? keep('sandbox', startSandbox) : Promise.resolve(undefined),
    );
    progress('starting the worker');
    const { address, uiUrl } = temporal.current();
    const sandboxUrl = sandbox?.current().ready;
    const workerLog = openLogFile(files.log('worker'));
    const worker = await keep('worker', () =>
      startProgram({
        name: 'worker',
        path: programs.worker,
        arguments: [],
        env: {
          ...without(env, /^TEMPORAL_/),
          // A sandbox with a faster clock lets as much more through.
          ...workerVariables(files, env, address, options.sandbox.speed ?? 1),
          ...apiVariablesOf(sandboxUrl),
        },
        log: workerLog,
        readyOf: ({ msg }) => (msg === 'worker ready' ? true : undefined),
        stopTimeoutMs: WORKER_STOP_MS,
      }),
    );
    return {
      describe: () => ({
        address,
        namespace: NAMESPACE,
        uiUrl: uiUrl!,
        sandboxUrl,
        baseUrl: baseUrlOf(env, sandboxUrl),
        pids: { temporal: temporal.current().pid, sandbox: sandbox?.current().pid, worker: worker.current().pid },
      }),
      ports,
      lost: Promise.race(started.map(({ lost }) => lost)),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Both, or the first failure, but only when neither is still starting: what starts later could not be stopped. */
async function all<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return await Promise.all([one, other]);
}

async function choosePorts(previous: StackRecord['ports'] | undefined): Promise<StackRecord['ports']> {
  const choose = async (port: number | undefined) =>
    port !== undefined && (await isFree(port)) ? port : await freePort();
  const [temporal, ui, sandbox] = await Promise.all([previous?.temporal, previous?.ui, previous?.sandbox].map(choose));
  return { temporal: temporal!, ui: ui!, sandbox: sandbox! };
}

const sandboxArguments = (port: number, state: string, { speed, rateLimit }: SandboxSettings): string[] => [
  ...['--port', `${port}`, '--state', state, '--json'],
  ...(speed === undefined ? [] : ['--speed', `${speed}`]),
  ...(rateLimit === undefined ? [] : ['--rate-limit', `${rateLimit}`]),
];

const workerVariables = (
  files: StackFiles,
  env: NodeJS.ProcessEnv,
  address: string,
  speed: number,
): NodeJS.ProcessEnv => ({
  TEMPORAL_ADDRESS: address,
  TEMPORAL_NAMESPACE: NAMESPACE,
  // No such file: a profile of the user's could turn on TLS, and envconfig fails on an empty one.
  TEMPORAL_CONFIG_FILE: join(files.state, 'no-temporal.toml'),
  DATAXID_ARTIFACTS: files.artifacts,
  DATAXID_GRANTS: files.grants,
  DATAXID_HEALTH_PORT: '0',
  DATAXID_RATE_WINDOW_SECONDS: env.DATAXID_RATE_WINDOW_SECONDS || `${RATE_WINDOW_S / speed}`,
  DATAXID_KEY_USE_SECONDS: env.DATAXID_KEY_USE_SECONDS || `${KEY_USE_MS / 1_000 / speed}`,
});

const without = (env: NodeJS.ProcessEnv, names: RegExp): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !names.test(name)));
