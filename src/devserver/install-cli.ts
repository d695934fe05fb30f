/**
 * A fetched program becomes usable in one step: everything happens in a folder of its own beside the target, and a rename
 * comes last, after the program has answered. So a half-finished download is never used, and of two processes that fetch
 * at once both end with a whole file, whoever is second.
 */
import { mkdir, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { probeCli } from './probe-cli.js';

const INCOMING_PREFIX = '.incoming-';
/** A folder older than this was left by a process that was killed: no download takes a day. */
const INCOMING_AGE_MAX_MS = 24 * 60 * 60 * 1000;

/**
 * @param targetPath where the program is to be
 * @param fetchInto gets an empty folder and puts the program there under the name it returns
 */
export async function installCli(targetPath: string, fetchInto: (folder: string) => Promise<string>): Promise<void> {
  const cacheFolder = dirname(targetPath);
  await mkdir(cacheFolder, { recursive: true, mode: 0o700 });
  await removeAbandoned(cacheFolder);
  const folder = await mkdtemp(join(cacheFolder, INCOMING_PREFIX));
  try {
    const path = join(folder, await fetchInto(folder));
    await probeCli(path);
    await rename(path, targetPath);
    await flushFolder(cacheFolder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function removeAbandoned(cacheFolder: string): Promise<void> {
  for (const name of await readdir(cacheFolder)) {
    if (!basename(name).startsWith(INCOMING_PREFIX)) continue;
    const path = join(cacheFolder, name);
    const changedMs = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Number.POSITIVE_INFINITY, // its owner removed it just now
    );
    if (Date.now() - changedMs > INCOMING_AGE_MAX_MS) await rm(path, { recursive: true, force: true });
  }
}

async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
