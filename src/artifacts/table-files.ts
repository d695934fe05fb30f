/**
 * The files of a table that a request names: one, or all that a pattern (`part-*.csv`) matches, in the order of their names.
 * `*` and `?` are signs in the file's name alone, not in its folder's. Each file is checked as if it had been named by itself;
 * one that may not be read refuses the whole, since a table that lacks some rows is another table.
 * A pattern may be a root itself (a command was told to read it): then it allows what lies in its folder, no link out of it.
 */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, normalize } from 'node:path';
import { InputError } from '../contract/input-error.js';
import { TABLE_FILES_MAX } from '../contract/limits.js';
import type { FileOfRequest } from './distinct-files.js';
import { type FileAccess, isUnder, notAllowed, pathOf, realAsFarAsKnown, resolveReadable } from './file-access.js';
import { errnoOf } from './storage-failure.js';

/**
 * The real paths, at least one.
 * @throws InputError as resolveReadable; file_not_found if nothing matches, request_invalid if too many files do
 */
export async function resolveTableFiles(uri: string, access: FileAccess, param: string): Promise<string[]> {
  const pattern = pathOf(uri, param);
  if (!/[*?]/.test(basename(pattern))) return [await resolveReadable(uri, access, param)];
  const single = await resolveReadable(uri, access, param).catch((error: unknown) => {
    // No file has this very name, or only its matches may be read.
    if (error instanceof InputError && ['file_not_found', 'path_not_allowed'].includes(error.code)) return undefined;
    throw error;
  });
  if (single !== undefined) return [single];
  const folder = await realAsFarAsKnown(dirname(pattern));
  const isRoot = access.readRoots.some((root) => normalize(root) === pattern);
  if (folder === undefined || !(isRoot || (await isUnder(folder, access.readRoots)))) {
    throw notAllowed(pattern, 'read', 'DATAXID_READ_ROOTS', param);
  }
  const names = await matchesIn(folder, basename(pattern), param);
  if (names.length === 0) {
    throw new InputError('file_not_found', `No file matches ${pattern}; * and ? are signs in the name alone.`, param);
  }
  const readRoots = isRoot ? [...access.readRoots, ...(await filesOf(folder, names))] : access.readRoots;
  const paths: string[] = [];
  for (const name of names) {
    paths.push(await resolveReadable(join(dirname(pattern), name), { ...access, readRoots }, param));
  }
  return paths;
}

/**
 * What a job writes is no part of the table that it was made from: not now, and not when the pattern is read again.
 * @param written links resolved, as file-access.ts gives it
 * @throws InputError output_exists
 */
export async function checkNotMatched(uri: string, written: readonly FileOfRequest[]): Promise<void> {
  const pattern = pathOf(uri, 'table.uri');
  const folder = await realAsFarAsKnown(dirname(pattern));
  const matching = expressionOf(basename(pattern));
  const matched = written.find(({ path }) => dirname(path) === folder && matching.test(basename(path)));
  if (matched === undefined) return;
  throw new InputError(
    'output_exists',
    `${matched.param} is matched by table.uri, ${pattern}: the next job would read it as part of the table. Name another file or folder.`,
    matched.param,
  );
}

async function matchesIn(folder: string, pattern: string, param: string): Promise<string[]> {
  const inFolder = await readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw new InputError('file_unreadable', `${folder} cannot be listed by this process.`, param, { cause: error });
  });
  const matching = expressionOf(pattern);
  const names = inFolder.filter((name) => matching.test(name)).sort();
  if (names.length <= TABLE_FILES_MAX) return names;
  throw new InputError(
    'request_invalid',
    `${names.length} files match ${join(folder, pattern)}; at most ${TABLE_FILES_MAX} files are taken as one table.`,
    param,
  );
}

/** As in a shell: a name that begins with a dot is matched by a dot alone. */
function expressionOf(pattern: string): RegExp {
  const signs = pattern.replace(/[\\^$.*+?()[\]{}|]/g, (sign) => ({ '*': '.*', '?': '.' })[sign] ?? `\\${sign}`);
  return new RegExp(`^${pattern.startsWith('.') ? '' : '(?!\\.)'}${signs}$`, 'su');
}

/** Those that are in the folder itself, links resolved. */
async function filesOf(folder: string, names: readonly string[]): Promise<string[]> {
  const real = await Promise.all(names.map((name) => realAsFarAsKnown(join(folder, name))));
  return real.filter((path) => path !== undefined).filter((path) => dirname(path) === folder);
}
