/**
 * Folders for what is too large for memory: rows and codes of a table, in the system's folder for temporary files, for the
 * owner only, and gone with the work. A process that is killed leaves its own; a later one takes them away.
 */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'dxo-scratch-';
/** Longer than any step works on a table (DATA_DEADLINE_MS): a younger folder may be that of a process we cannot see. */
const LEFT_OVER_AFTER_MS = 12 * 60 * 60 * 1000;

/** Makes a folder, gives its path to `use`, and takes it away with all that is in it. */
export async function withScratchFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  await removeLeftOver();
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function removeLeftOver(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(PREFIX))) {
    const path = join(tmpdir(), name);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || Date.now() - found.mtimeMs < LEFT_OVER_AFTER_MS) continue;
    if (isAlive(Number(name.slice(PREFIX.length).split('-')[0]))) continue;
    // Another user's is not ours to remove.
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
