/**
 * Exactly one supervisor a folder, whatever is killed when. A lock is a numbered file that names its holder's socket, and
 * the highest number counts. The holder lives as long as its socket answers: the system closes that with the process, so
 * neither a stale file nor a process id used again can mislead anybody.
 * Taking over from a dead holder is making the next number, which only one can; then looking again, since a slow taker
 * may have made a number that was passed long ago. The highest file is never removed, not even at a graceful end:
 * numbers that start again would let two taking from different listings both win.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';

/** @param socketPath where the taker already listens. @returns whether the lock is ours now */
export async function takeLock(lockFolder: string, socketPath: string): Promise<boolean> {
  for (;;) {
    const before = await highestOf(lockFolder);
    const holder = before === 0 ? undefined : await connectTo(lockFolder, before);
    if (holder !== undefined) {
      holder.destroy();
      return false;
    }
    const mine = before + 1;
    if (!(await makeWhole(lockFolder, mine, socketPath))) continue; // somebody was faster
    const highest = await highestOf(lockFolder);
    if (highest === mine) {
      await removeBelow(lockFolder, mine);
      return true;
    }
    await rm(join(lockFolder, `${mine}`), { force: true });
  }
}

/** A connection to the folder's supervisor, or nothing when none lives. */
export async function connectToHolder(lockFolder: string): Promise<Socket | undefined> {
  const highest = await highestOf(lockFolder);
  return highest === 0 ? undefined : await connectTo(lockFolder, highest);
}

async function highestOf(lockFolder: string): Promise<number> {
  const names = await readdir(lockFolder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return Math.max(0, ...names.filter((name) => /^[1-9]\d*$/.test(name)).map(Number));
}

async function connectTo(lockFolder: string, generation: number): Promise<Socket | undefined> {
  try {
    const socket = connect(await readFile(join(lockFolder, `${generation}`), 'utf8'));
    await once(socket, 'connect');
    return socket;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined; // no such socket, or nobody behind it
    throw error;
  }
}

/** The file appears with its whole content or not at all, and only if nobody made that number. */
async function makeWhole(lockFolder: string, generation: number, content: string): Promise<boolean> {
  const draft = join(lockFolder, `draft-${randomUUID()}`);
  await writeFile(draft, content, { mode: 0o600 });
  try {
    await link(draft, join(lockFolder, `${generation}`));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Whoever held these is dead, and so are their sockets. */
async function removeBelow(lockFolder: string, generation: number): Promise<void> {
  for (const name of await readdir(lockFolder)) {
    if (!/^\d+$/.test(name) || Number(name) >= generation) continue;
    const path = join(lockFolder, name);
    const socketPath = await readFile(path, 'utf8').catch(() => undefined);
    if (socketPath !== undefined) await rm(socketPath, { force: true });
    await rm(path, { force: true });
  }
}
