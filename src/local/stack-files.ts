/** What a local stack keeps in a folder: `.dxo/`, readable by its owner alone, since artifacts are made from real rows. */
import { mkdir, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../contract/input-error.js';

/** For the database, the logs and the artifacts of a small job; a server that meets a full disk dies without a clear word. */
const FREE_BYTES_MIN = 64 * 1024 * 1024;

export interface StackFiles {
  state: string;
  /** One file a generation; see lock.ts. */
  lock: string;
  /** Jobs belong to one API: a job of the real one must never go on against the sandbox, which knows no model of it.
   * @param api `sandbox`, or the host of the real one */
  database(api: string): string;
  sandboxState: string;
  artifacts: string;
  /** Files that commands named; the worker may touch these and no others. */
  grants: string;
  /** Ports and processes of the stack, for the one that comes after it. */
  record: string;
  log(part: 'supervisor' | 'temporal' | 'sandbox' | 'worker'): string;
}

export function stackFilesOf(folder: string): StackFiles {
  const state = join(folder, '.dxo');
  return {
    state,
    lock: join(state, 'lock'),
    database: (api) => join(state, `temporal-${api.replace(/[^A-Za-z0-9.-]/g, '-')}.db`),
    sandboxState: join(state, 'sandbox', 'state.jsonl'),
    artifacts: join(state, 'artifacts'),
    grants: join(state, 'grants.jsonl'),
    record: join(state, 'stack.json'),
    log: (part) => join(state, 'logs', `${part}.log`),
  };
}

/** The APIs whose jobs a folder has, as their databases are named. */
export async function apisIn(folder: string): Promise<string[]> {
  const names = await readdir(stackFilesOf(folder).state);
  return names.flatMap((name) => /^temporal-(.+)\.db$/.exec(name)?.[1] ?? []).sort();
}

/** @throws InputError (disk_full) where a stack could not live */
export async function checkFreeSpace(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= FREE_BYTES_MIN) return;
  throw new InputError(
    'disk_full',
    `Less than ${FREE_BYTES_MIN / 1024 / 1024} MiB are free in ${folder}, and a local stack needs them. Free some space, or work in another folder.`,
  );
}

export async function makeStackFolders(folder: string): Promise<StackFiles> {
  const files = stackFilesOf(folder);
  for (const path of [
    files.state,
    files.lock,
    files.artifacts,
    join(files.state, 'sandbox'),
    join(files.state, 'logs'),
  ])
    await mkdir(path, { recursive: true, mode: 0o700 });
  return files;
}
