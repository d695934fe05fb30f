/**
 * Local runs as a command sees them: attach to the folder's stack, which is started if there is none, and detach. The
 * stack is kept by a supervisor of its own (supervisor.ts), so a job goes on when the command ends, however it ends.
 * Any number of commands share one stack; a command that is killed is detached by the system.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectToHolder } from './lock.js';
import { lastLinesOf, rotateWhenFull } from './log-file.js';
import { checkFreeSpace, makeStackFolders, stackFilesOf } from './stack-files.js';
import {
  type LocalStackDescription,
  receive,
  type SupervisorMessage,
  send,
  supervisorMessageSchema,
} from './stack-messages.js';
import { type SandboxSettings, stackSettingsOf } from './stack-settings.js';
import { supervisorEnv } from './supervisor-config.js';

export type { LocalStackDescription } from './stack-messages.js';

/** A first start fetches 45 MB. Each sign of life begins the time anew. */
const SILENCE_MAX_MS = 180_000;
const CONNECT_POLL_MS = 30;
/** From the closing of its sockets to the end of the process. A container may have nobody to clear away the dead. */
const EXIT_MAX_MS = 1_000;
const EXIT_POLL_MS = 5;
/** How often a stack that was killed under an attached command is brought back. */
const REATTACHES_MAX = 5;
const LOG_TAIL_LINES = 10;

const PROGRAMS = {
  supervisor: fileURLToPath(new URL('./supervisor.js', import.meta.url)),
  worker: fileURLToPath(new URL('../worker.js', import.meta.url)),
  sandbox: fileURLToPath(new URL('../sandbox/main.js', import.meta.url)),
};

export interface AttachOptions {
  /** The stack's state is in its `.dxo/`. */
  folder: string;
  env: NodeJS.ProcessEnv;
  /** What is asked of the sandbox, if it is this command that starts it; a running one must agree. */
  sandbox?: SandboxSettings | undefined;
  /** Take a stack that runs whatever its settings are: for looking at jobs and steering them. */
  asItRuns?: boolean | undefined;
  /** Told, in lines for people, what is being waited for. */
  report?: ((line: string) => void) | undefined;
  /** Other programs than ours; tests give small ones. */
  programs?: Partial<typeof PROGRAMS>;
}

export interface Attachment {
  stack: LocalStackDescription;
  /** Resolves when the stack is gone, if nobody else is attached and no job runs, else at once. */
  detach(): Promise<void>;
}

/** @throws Error when the stack cannot start, or runs with other settings; the sentence says what to do */
export async function attachLocalStack(options: AttachOptions): Promise<Attachment> {
  const folder = await realpath(options.folder);
  let isDetached = false;
  let reattaches = 0;
  let { socket, stack } = await attachOnce({ ...options, folder });
  const stayAttached = () => {
    socket.unref();
    receive(socket, supervisorMessageSchema, (message) => {
      if (message.kind === 'staying') socket.destroy();
      if (isDetached || (message.kind !== 'ending' && message.kind !== 'failed')) return;
      isDetached = true; // it was told to end, or cannot go on: starting it again would be to disobey
      options.report?.(
        message.kind === 'failed' ? `the local stack ended: ${message.message}` : 'the local stack is ending',
      );
    });
    socket.once('close', async () => {
      if (isDetached || ++reattaches > REATTACHES_MAX) return;
      options.report?.('the local stack was killed; starting it again');
      try {
        ({ socket, stack } = await attachOnce({ ...options, folder }));
        if (isDetached) socket.destroy();
        else stayAttached();
      } catch (error) {
        options.report?.((error as Error).message);
      }
    });
  };
  stayAttached();
  return {
    get stack() {
      return stack;
    },
    async detach() {
      isDetached = true;
      if (socket.destroyed) return;
      socket.ref();
      const gone = untilGone(socket);
      send(socket, { kind: 'detach' });
      await gone;
    },
  };
}

/** The folder's stack, or nothing when none runs; waits for one that is just starting. */
export async function describeLocalStack(folder: string): Promise<LocalStackDescription | undefined> {
  const socket = await connectToHolder(stackFilesOf(folder).lock);
  if (socket === undefined) return undefined;
  try {
    send(socket, { kind: 'describe' });
    const last = await lastWordOf(socket);
    return last?.kind === 'ready' ? last.stack : undefined;
  } finally {
    socket.destroy();
  }
}

/** Ends the folder's stack, whoever is attached; jobs go on with the next one. @returns whether there was one; it is gone */
export async function stopLocalStack(folder: string): Promise<boolean> {
  const socket = await connectToHolder(stackFilesOf(folder).lock);
  if (socket === undefined) return false;
  const gone = untilGone(socket);
  send(socket, { kind: 'stop' });
  await gone;
  return true;
}

async function attachOnce(options: AttachOptions): Promise<{ socket: Socket; stack: LocalStackDescription }> {
  const { folder } = options;
  const settings = stackSettingsOf(options.env, options.sandbox);
  let deadlineMs = Date.now() + SILENCE_MAX_MS;
  let supervisor: ChildProcess | undefined;
  while (Date.now() < deadlineMs) {
    const socket = await connectToHolder(stackFilesOf(folder).lock);
    if (socket === undefined) {
      supervisor = await startUnlessStarting(supervisor, options);
      await delay(CONNECT_POLL_MS);
      continue;
    }
    send(socket, { kind: 'attach', ...(options.asItRuns === true ? {} : { settings }) });
    const last = await lastWordOf(socket, (line) => {
      deadlineMs = Date.now() + SILENCE_MAX_MS;
      options.report?.(line);
    });
    switch (last?.kind) {
      case 'ready':
        return { socket, stack: last.stack };
      case 'refused':
        socket.destroy();
        throw new Error(
          `A local stack with other settings runs in ${folder} (${last.differences.join(', ')}). ` +
            'End it with `dxo dev --stop`, or work in another folder.',
        );
      case 'failed':
        socket.destroy();
        throw new Error(`The local stack did not start: ${last.message}`);
      default: // it is ending, or was killed: wait until it is gone, and start another
        await untilGone(socket);
    }
  }
  throw new Error(
    `The local stack in ${folder} did not become ready; ${stackFilesOf(folder).log('supervisor')} says why.`,
  );
}

/** The word that ends the waiting: ready, refused, failed, ending, or nothing when the connection broke. */
async function lastWordOf(
  socket: Socket,
  onProgress?: (line: string) => void,
): Promise<Exclude<SupervisorMessage, { kind: 'progress' }> | undefined> {
  return await new Promise((resolve) => {
    socket.on('error', () => resolve(undefined)).once('close', () => resolve(undefined));
    receive(socket, supervisorMessageSchema, (message) => {
      if (message.kind === 'progress') onProgress?.(message.line);
      else resolve(message);
    });
  });
}

/** Waits until the connection is closed and, if the supervisor said that it ends, its process is gone too. */
async function untilGone(socket: Socket): Promise<void> {
  let endingPid: number | undefined;
  receive(socket, supervisorMessageSchema, (message) => {
    if (message.kind === 'ending') endingPid = message.supervisorPid;
  });
  if (!socket.closed) await new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
  const deadlineMs = Date.now() + EXIT_MAX_MS;
  while (endingPid !== undefined && isProcess(endingPid) && Date.now() < deadlineMs) await delay(EXIT_POLL_MS);
}

function isProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function startUnlessStarting(running: ChildProcess | undefined, options: AttachOptions): Promise<ChildProcess> {
  if (running !== undefined && running.exitCode === null && running.signalCode === null) return running;
  await checkFreeSpace(options.folder);
  const files = await makeStackFolders(options.folder);
  const logPath = files.log('supervisor');
  if (running?.exitCode)
    throw new Error(`The local stack did not start. ${logPath} ends with:\n${lastLinesOf(logPath, LOG_TAIL_LINES)}`);
  rotateWhenFull(logPath);
  const log = openSync(logPath, 'a', 0o600);
  const { supervisor, ...programs } = { ...PROGRAMS, ...options.programs };
  const settings = stackSettingsOf(options.env, options.sandbox);
  const child = spawn(process.execPath, [supervisor, options.folder], {
    cwd: options.folder,
    env: supervisorEnv(options.env, { settings, sandbox: options.sandbox ?? {}, programs }),
    detached: true,
    stdio: ['ignore', log, log],
  });
  child.on('error', () => undefined);
  child.unref();
  closeSync(log);
  return child;
}
