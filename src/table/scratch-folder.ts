/**
 * Folders for what is too large for memory: rows and codes of a table, in the system's folder for temporary files, for the
 * owner only, and gone with the work. A process that is killed leaves its own, and the next one to start takes it away: a
 * folder's maker listens at a socket in it, which the system closes with the process, so that neither a process id used again
 * nor one of another container can mislead anybody.
 */
import { once } from 'node:events';
import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'dxo-scratch-';
const SOCKET = 'alive';
/** Its name until somebody listens at it: a socket that is only bound refuses, as a dead one does. */
const SOCKET_IN_THE_MAKING = 'waking';
/** The system takes 104 (macOS) or 108 with the 0 at the end. */
const SOCKET_PATH_BYTES_MAX = 103;
/** Longer than any step works on a table (DATA_DEADLINE_MS): a younger folder without a socket may be in use. */
const LEFT_OVER_AFTER_MS = 12 * 60 * 60 * 1000;

let sweptBefore: Promise<void> | undefined;

/** Makes a folder, gives its path to `use`, and takes it away with all that is in it. */
export async function withScratchFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  sweptBefore ??= sweepScratchFolders();
  await sweptBefore;
  const folder = await mkdtemp(join(tmpdir(), PREFIX));
  let listening: Server | undefined;
  try {
    listening = await listenIn(folder);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
    listening?.close();
  }
}

/** Removes what dead processes of this user left. Never fails: what cannot be removed stays. */
export async function sweepScratchFolders(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    if (await isLeftOver(folder)) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** @returns undefined where the path is too long for a socket, or the file system has none: such a folder goes by its age */
async function listenIn(folder: string): Promise<Server | undefined> {
  const path = join(folder, SOCKET_IN_THE_MAKING);
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX) return undefined;
  const server = createServer((caller) => caller.destroy()).unref();
  try {
    server.listen(path);
    await once(server, 'listening');
    await rename(path, join(folder, SOCKET));
    return server;
  } catch {
    server.close();
    return undefined;
  }
}

async function isLeftOver(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined || found.uid !== process.getuid?.()) return false;
  const caller = connect(join(folder, SOCKET));
  try {
    await once(caller, 'connect');
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return Date.now() - found.mtimeMs > LEFT_OVER_AFTER_MS;
    return code === 'ECONNREFUSED';
  } finally {
    caller.destroy();
  }
}
