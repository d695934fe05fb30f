/**
 * The background process behind local runs, one a folder: `node supervisor.js <folder>`. It starts Temporal, the sandbox and
 * the worker, starts again what dies, and ends, children first, when nobody is attached and no job runs, or when told to.
 *
 *   starting -> serving -> ending          (a start that fails goes to ending at once)
 *
 * In a session of its own, so that Ctrl-C in the terminal that began it reaches nobody here. Killed outright, it is
 * followed by another one (guard.ts). Settings come through the environment, never argv: argv is for all to read.
 */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startGuard } from './guard.js';
import { takeLock } from './lock.js';
import { openLogFile } from './log-file.js';
import { type RunningJobs, watchRunningJobs } from './running-jobs.js';
import { type StackChildren, startChildren } from './stack-children.js';
import { type StackClients, serveClients } from './stack-clients.js';
import { makeStackFolders, type StackFiles } from './stack-files.js';
import { endOrphans, readRecord, writeRecord } from './stack-record.js';
import { digestOf } from './stack-settings.js';
import { readSupervisorConfig } from './supervisor-config.js';

const IDLE_POLL_MS = 1_000;
/** A socket's path has room for 104 bytes on macOS, 108 on Linux. */
const SOCKET_PATH_BYTES_MAX = 100;
/** A supervisor that was killed this often in a row is not followed by another. */
const REVIVALS_MAX = 5;

async function main(folder: string, revivals: number): Promise<number> {
  const config = readSupervisorConfig(process.env);
  const files = await makeStackFolders(folder);
  const { server, remove } = await listen(files);
  let finish: (reason: string, failure?: string) => void = () => undefined;
  const finished = new Promise<{ reason: string; failure?: string | undefined }>((resolve) => {
    finish = (reason, failure) => resolve({ reason, failure });
  });
  let jobs: RunningJobs | undefined;
  const endIfIdle = async (): Promise<boolean> => {
    if (!jobs || clients.attachedCount() > 0 || !(await jobs.areNone()) || clients.attachedCount() > 0) return false;
    finish('nobody is attached and no job runs');
    return true;
  };
  const clients: StackClients = serveClients(server, config.settings, {
    stop: () => finish('it was asked to'),
    detached: endIfIdle,
  });
  if (!(await takeLock(files.lock, server.address() as string))) {
    await remove();
    return 0; // another one was faster; our client finds it
  }

  const logFile = openLogFile(files.log('supervisor'));
  const log = (line: string) => logFile.write(`${new Date().toISOString()} ${line}`);
  log(`supervisor ${process.pid} started${revivals > 0 ? `, in place of one that was killed (${revivals})` : ''}`);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => finish(`of ${signal}`));
  const guard =
    revivals < REVIVALS_MAX
      ? startGuard(
          [process.execPath, fileURLToPath(import.meta.url), folder, `${revivals + 1}`],
          openSync(files.log('supervisor'), 'a', 0o600),
        )
      : undefined;

  const starting = start(files, config, clients, log).catch((error: Error) =>
    finish('it could not start', error.message),
  );
  let children: StackChildren | undefined;
  let idleTimer: NodeJS.Timeout | undefined;
  void starting.then((started) => {
    if (!started) return;
    children = started;
    jobs = watchRunningJobs(started.describe().address, started.describe().namespace);
    idleTimer = setInterval(() => void endIfIdle(), IDLE_POLL_MS);
    void started.lost.then((sentence) => finish('a part was lost', sentence));
  });

  const { reason, failure } = await finished;
  log(`ending because ${reason}${failure === undefined ? '' : `: ${failure}`}`);
  clearInterval(idleTimer);
  clients.ending(failure);
  await starting;
  await jobs?.close();
  await children?.stop();
  await guard?.dismiss();
  log('ended');
  await remove();
  return failure === undefined ? 0 : 1;
}

async function start(
  files: StackFiles,
  { env, settings, sandbox, programs }: ReturnType<typeof readSupervisorConfig>,
  clients: StackClients,
  log: (line: string) => void,
): Promise<StackChildren> {
  const previous = await readRecord(files.record);
  const orphans = previous === undefined ? 0 : await endOrphans(previous);
  if (orphans > 0) log(`ended ${orphans} processes that a killed supervisor had left`);
  const describe = () => ({ supervisorPid: process.pid, settingsDigest: digestOf(settings), ...children.describe() });
  const record = () => {
    const { pids } = children.describe();
    const alive = [pids.temporal, pids.worker, ...(pids.sandbox === undefined ? [] : [pids.sandbox])];
    return writeRecord(files.record, { supervisorPid: process.pid, pids: alive, ports: children.ports });
  };
  const children: StackChildren = await startChildren({
    files,
    env,
    sandbox,
    programs,
    ports: previous?.ports,
    log,
    progress: (line) => {
      log(line);
      clients.progress(line);
    },
    onRestart: () => void record(),
  });
  await record();
  log(`ready: ${JSON.stringify(describe())}`);
  clients.ready(describe);
  return children;
}

/** Beside the state where the path is short enough, else in a folder of our own under the system's temporary one. */
async function listen(files: StackFiles): Promise<{ server: Server; remove: () => Promise<void> }> {
  const name = `${randomUUID().slice(0, 8)}.sock`;
  const isLong = Buffer.byteLength(join(files.state, name)) > SOCKET_PATH_BYTES_MAX;
  const socketFolder = isLong ? await mkdtemp(join(tmpdir(), 'dxo-')) : files.state;
  const path = join(socketFolder, name);
  const server = createServer().listen(path);
  await once(server, 'listening');
  return {
    server,
    remove: async () => {
      await rm(isLong ? socketFolder : path, { recursive: true, force: true });
    },
  };
}

main(process.argv[2]!, Number(process.argv[3] ?? 0)).then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
