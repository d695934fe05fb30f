/**
 * What a request may touch. Whoever can start a job names paths, so a worker reads and writes only below the roots that
 * its settings allow, judged by where a path really leads, links resolved. Outside the roots every answer is the same,
 * so that nobody can ask what exists there. Between this check and the use, somebody who may write inside a root could
 * swap a link in: a root is for people who are trusted with its folder.
 */
import { constants } from 'node:fs';
import { access as checkAccess, lstat, mkdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../contract/input-error.js';
import { errnoOf, writeFailure } from './storage-failure.js';

export interface FileAccess {
  /** Each a folder or one exact file. */
  readonly readRoots: readonly string[];
  readonly writeRoots: readonly string[];
}

/**
 * The real path of a file that may be read.
 * @throws InputError path_not_allowed, file_not_found, file_unreadable
 */
export async function resolveReadable(uri: string, access: FileAccess, param?: string): Promise<string> {
  const path = pathOf(uri, param);
  const real = await realAsFarAsKnown(path);
  if (real === undefined || !(await isUnder(real, access.readRoots))) {
    throw notAllowed(path, 'read', 'DATAXID_READ_ROOTS', param);
  }
  const found = await stat(real).catch((error: unknown) => {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') {
      throw new InputError('file_not_found', `There is no file ${path}; check the path.`, param);
    }
    if (errno === 'EACCES') throw unreadable(path, 'this process may not read it', param);
    throw error;
  });
  if (!found.isFile()) throw unreadable(path, found.isDirectory() ? 'it is a folder' : 'it is not a plain file', param);
  if (!(await may(real, constants.R_OK))) throw unreadable(path, 'this process may not read it', param);
  return real;
}

/**
 * The real path of a file that may be written. Its folder exists afterwards: whether one can be made is only known
 * by making it, and a job should fail on it before anything is spent.
 * @throws InputError path_not_allowed, output_exists, output_unwritable, disk_full
 */
export async function resolveWritable(
  uri: string,
  access: FileAccess,
  { overwrite }: { overwrite: boolean },
  param?: string,
): Promise<string> {
  const path = pathOf(uri, param);
  const real = await realAsFarAsKnown(path);
  if (real === undefined || !(await isUnder(real, access.writeRoots))) {
    throw notAllowed(path, 'write', 'DATAXID_WRITE_ROOTS', param);
  }
  const folder = dirname(real);
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw writeFailure(error, folder, param);
  }
  const found = await stat(real).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw writeFailure(error, folder, param);
  });
  if (found?.isDirectory() || uri.endsWith('/')) {
    throw new InputError('output_unwritable', `${path} is a folder; name a file in it.`, param);
  }
  if (found !== undefined && !found.isFile()) {
    throw new InputError('output_unwritable', `${path} is not a plain file; name another.`, param);
  }
  if (found !== undefined && !overwrite) {
    throw new InputError(
      'output_exists',
      `${path} exists and is left as it is; name another file, or allow to overwrite it (output.overwrite, --overwrite).`,
      param,
    );
  }
  if (!(await may(folder, constants.W_OK | constants.X_OK))) {
    throw new InputError('output_unwritable', `This process may not write in ${folder}; name another folder.`, param);
  }
  return real;
}

/** A plain absolute path or a file:// URI as a normal path. */
export function pathOf(uri: string, param: string | undefined): string {
  const refuse = (why: string) => new InputError('path_not_allowed', why, param);
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  let path = uri;
  if (scheme === 'file') {
    try {
      path = fileURLToPath(uri);
    } catch {
      throw refuse('The file:// URI names another host or is not well formed; write file:///folder/file.');
    }
  } else if (scheme !== undefined && uri.startsWith('//', scheme.length + 1)) {
    throw refuse(`A worker reads and writes local files only, not ${scheme}://; copy the file below one of its roots.`);
  }
  if (path.includes('\0')) throw refuse('The path has a NUL character.');
  if (!isAbsolute(path)) {
    throw refuse('The path is relative, and a worker runs in a folder of its own; give an absolute path.');
  }
  const normal = normalize(path);
  return normal.length > 1 && normal.endsWith(sep) ? normal.slice(0, -1) : normal;
}

/** Links resolved in the part that exists, the rest appended. Undefined: a link that leads nowhere, or no way to look. */
export async function realAsFarAsKnown(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR') return undefined;
  }
  const isThere = await lstat(path).then(
    () => true,
    () => false,
  );
  if (isThere || dirname(path) === path) return undefined;
  const parent = await realAsFarAsKnown(dirname(path));
  return parent === undefined ? undefined : join(parent, basename(path));
}

export async function isUnder(real: string, roots: readonly string[]): Promise<boolean> {
  // A batch names thousands of single files: a root that is the path itself is as real as the path, and needs no look.
  if (roots.includes(real)) return true;
  for (const root of roots) {
    const realRoot = await realAsFarAsKnown(normalize(root));
    if (realRoot === undefined) continue;
    const folder = realRoot.endsWith(sep) ? realRoot : realRoot + sep;
    if (`${real}${sep}` === folder || real.startsWith(folder)) return true;
  }
  return false;
}

const may = (path: string, mode: number): Promise<boolean> =>
  checkAccess(path, mode).then(
    () => true,
    () => false,
  );

/** The setting comes first: long paths may be cut off at the end. */
export function notAllowed(path: string, verb: string, setting: string, param: string | undefined): InputError {
  return new InputError(
    'path_not_allowed',
    `${setting} does not allow the worker to ${verb} ${path} (links count by where they lead); add ${dirname(path)} to it.`,
    param,
  );
}

function unreadable(path: string, why: string, param: string | undefined): InputError {
  return new InputError('file_unreadable', `${path} cannot be read: ${why}.`, param);
}
