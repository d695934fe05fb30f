/**
 * A Temporal server of our own on this machine, with its Web UI, ready to be used when the promise resolves: the port
 * opens half a second before the namespace exists, so it is the namespace that is waited for.
 * Not here: where the program comes from (find-temporal-cli.ts), its flags (dev-server-arguments.ts), starting it again
 * when it dies (local/), search attributes (the worker registers its own).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { devServerArguments } from './dev-server-arguments.js';
import { freePort, isFree, isOpen, LOOPBACK } from './free-port.js';

/** It takes 0.2 to 0.6 s; a machine that is busy with other things may need much longer. */
const READY_TIMEOUT_MS = 60_000;
const READY_POLL_MS = 25;
const STOP_TIMEOUT_MS = 10_000;
const LOG_TAIL_LINES = 20;
/** What a crash says about itself comes first, and a trace follows that is longer than the tail. */
const CRASH_LINES = 3;
/** A port that we chose may be taken before the server has it, and once in some hundred starts the server panics. */
const STARTS_MAX = 3;
const DEFAULT_NAMESPACE = 'default';

export interface DevServer {
  /** `127.0.0.1:7233`: what TEMPORAL_ADDRESS would say. */
  address: string;
  uiUrl?: string | undefined;
  pid: number;
  /** The exit code, or null after a signal. */
  exited: Promise<number | null>;
  /** Ends the server: SIGTERM, and SIGKILL when it takes longer than 10 s. */
  stop(): Promise<void>;
}

export interface StartDevServerOptions {
  cliPath: string;
  /** Without one everything is lost when the server ends. */
  databaseFile?: string | undefined;
  /** @default a free one */
  port?: number | undefined;
  /** @default a free one */
  uiPort?: number | undefined;
  /** Without the Web UI. */
  headless?: boolean | undefined;
  /** Beside `default`. */
  namespaces?: readonly string[] | undefined;
  /** @default 1 */
  partitions?: 1 | 4 | undefined;
  /** What the server prints is appended here. */
  logFile?: string | undefined;
  /** Timers and retries fire within about 10 ms of their time instead of about 1 s. */
  fastTimers?: boolean | undefined;
}

/** @throws Error with the server's last words when it does not start, or that names the port that is taken */
export async function startDevServer(options: StartDevServerOptions): Promise<DevServer> {
  for (let start = 1; ; start++) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (!(error instanceof EndedEarlyError && start < STARTS_MAX)) throw error;
    }
  }
}

class EndedEarlyError extends Error {
  override readonly name = 'EndedEarlyError';
}

async function startOnce(options: StartDevServerOptions): Promise<DevServer> {
  const port = options.port ?? (await freePort());
  const uiPort = options.headless ? undefined : (options.uiPort ?? (await freePort()));
  for (const wanted of [port, uiPort]) {
    // The server itself goes on without its Web UI when that port is taken.
    if (wanted !== undefined && !(await isFree(wanted))) throw portTaken(wanted);
  }
  const address = `${LOOPBACK}:${port}`;
  const child = spawn(options.cliPath, devServerArguments({ ...options, port, uiPort }), {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
    child.once('error', () => resolve(null));
  });
  const output = keepOutput(child, options.logFile);
  try {
    await once(child, 'spawn');
    const ended = new AbortController();
    const death = once(child, 'close', { signal: ended.signal }).then(() => {
      throw new EndedEarlyError(`The Temporal dev server ended before it was ready. It said:\n${output.lastWords()}`);
    });
    await Promise.race([
      waitUntilReady([port, ...(uiPort === undefined ? [] : [uiPort])], options.namespaces?.at(-1), ended.signal),
      death,
    ]).finally(() => ended.abort());
  } catch (error) {
    await stop(child, exited);
    throw error;
  }
  return {
    address,
    uiUrl: uiPort === undefined ? undefined : `http://${LOOPBACK}:${uiPort}`,
    pid: child.pid!,
    exited,
    stop: () => stop(child, exited),
  };
}

/** Keeps the last lines for an error; a log file gets all of them. */
function keepOutput(child: ChildProcess, logFile: string | undefined): { lastWords(): string } {
  const crash: string[] = [];
  const tail: string[] = [];
  const log = logFile === undefined ? undefined : createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  log?.on('error', (error) => tail.push(`the log ${logFile} cannot be written: ${error.message}`));
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on('line', (line) => {
      log?.write(`${line}\n`);
      if (line.startsWith('panic:') || (crash.length > 0 && crash.length < CRASH_LINES)) crash.push(line);
      tail.push(line);
      if (tail.length > LOG_TAIL_LINES) tail.shift();
    });
  }
  child.once('close', () => log?.end());
  return { lastWords: () => (crash.length > 0 ? crash : tail).join('\n') || '(nothing)' };
}

const portTaken = (port: number) =>
  new Error(`Port ${port} on ${LOOPBACK} is taken by another program; choose another one.`);

async function waitUntilReady(
  ports: readonly number[],
  namespace = DEFAULT_NAMESPACE,
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = Date.now() + READY_TIMEOUT_MS;
  // gRPC that meets a closed port looks again only a second later, so it is not asked before the port opens.
  for (const port of ports) {
    while (!(await isOpen(port)) && !signal.aborted && Date.now() < deadlineMs) await delay(READY_POLL_MS);
  }
  const connection = Connection.lazy({ address: `${LOOPBACK}:${ports[0]}` });
  try {
    for (;;) {
      try {
        await connection.withDeadline(Date.now() + 1_000, () =>
          connection.workflowService.describeNamespace({ namespace }),
        );
        return;
      } catch (cause) {
        if (signal.aborted) return;
        if (Date.now() > deadlineMs)
          throw new Error(`The Temporal dev server did not serve ${namespace} within ${READY_TIMEOUT_MS / 1000} s.`, {
            cause,
          });
        await delay(READY_POLL_MS);
      }
    }
  } finally {
    await connection.close();
  }
}

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.pid === undefined) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}
