/**
 * Gives a finished file its final name: whole or not at all, and never over somebody else's file. A retry whose first
 * answer was lost finds its own bytes under the name and is content with them.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError } from '../contract/input-error.js';
import { errnoOf, writeFailure } from './storage-failure.js';
import { syncFolder } from './sync-folder.js';

/**
 * Both paths are in one folder. The temporary name is gone afterwards.
 * @throws InputError output_exists, output_unwritable, disk_full
 */
export async function publishFile(
  temporaryPath: string,
  finalPath: string,
  { overwrite }: { overwrite: boolean },
): Promise<{ bytes: number; sha256: string }> {
  const folder = dirname(finalPath);
  try {
    await syncFile(temporaryPath);
    const written = await digestOf(temporaryPath);
    if (overwrite) await rename(temporaryPath, finalPath);
    else await linkUnlessOther(temporaryPath, finalPath, written.sha256);
    await syncFolder(folder);
    return written;
  } catch (error) {
    throw publishFailure(error, finalPath);
  }
}

/** link() refuses a taken name, where rename() would overwrite it: no moment for a race. */
async function linkUnlessOther(temporaryPath: string, finalPath: string, sha256: string): Promise<void> {
  try {
    await link(temporaryPath, finalPath);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    if ((await digestOf(finalPath)).sha256 !== sha256) {
      throw new InputError(
        'output_exists',
        `${finalPath} has appeared meanwhile and is left as it is; name another file or allow to overwrite it.`,
        'output.uri',
      );
    }
  }
  await rm(temporaryPath, { force: true });
}

function publishFailure(error: unknown, finalPath: string): unknown {
  const errno = errnoOf(error);
  if (errno === 'EISDIR') {
    return new InputError('output_unwritable', `${finalPath} is a folder; name a file.`, 'output.uri');
  }
  if (errno === 'ENOTSUP' || errno === 'EOPNOTSUPP' || errno === 'EMLINK') {
    return new InputError(
      'output_unwritable',
      `The file system of ${finalPath} has no hard links, so a file cannot be kept from being overwritten; allow to overwrite.`,
      'output.overwrite',
    );
  }
  return writeFailure(error, dirname(finalPath), 'output.uri');
}

async function digestOf(path: string): Promise<{ bytes: number; sha256: string }> {
  const digest = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
    digest.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: digest.digest('hex') };
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
