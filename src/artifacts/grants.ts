/**
 * Single paths that the local command line was told to use (`dxo synthesize in.csv --output out.csv`), kept in a file
 * beside the local state, so that the background worker may touch exactly those and nothing else.
 */
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FileAccess } from './file-access.js';

export interface Grant {
  read?: string;
  write?: string;
}

export async function grant(grantsFile: string, grants: readonly Grant[]): Promise<void> {
  await mkdir(dirname(grantsFile), { recursive: true, mode: 0o700 });
  await appendFile(grantsFile, grants.map((one) => `${JSON.stringify(one)}\n`).join(''), { mode: 0o600 });
}

/** The settings' roots and the grants, read anew. A missing file grants nothing; a half-written last line is not one. */
export async function accessWith(roots: FileAccess, grantsFile: string | undefined): Promise<FileAccess> {
  if (grantsFile === undefined) return roots;
  const text = await readFile(grantsFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const grants = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Grant);
  return {
    readRoots: [...roots.readRoots, ...grants.flatMap(({ read }) => read ?? [])],
    writeRoots: [...roots.writeRoots, ...grants.flatMap(({ write }) => write ?? [])],
  };
}
