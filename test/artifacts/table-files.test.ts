import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { resolveTableFiles } from '../../src/artifacts/table-files.js';
import { TABLE_FILES_MAX } from '../../src/contract/limits.js';

let root: string;
let outside: string;
beforeEach(async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'dxo-table-files-')));
  [root, outside] = [join(folder, 'root'), join(folder, 'outside')];
  await mkdir(root);
  await mkdir(outside);
  await writeFile(join(outside, 'part-9.csv'), 'a\n9\n');
});
afterEach(() => rm(join(root, '..'), { recursive: true }));

const write = async (...names: string[]) => {
  for (const name of names) await writeFile(join(root, name), 'a\n1\n');
};
const resolved = async (pattern: string, readRoots: string[] = [root]) =>
  (await resolveTableFiles(join(root, pattern), { readRoots, writeRoots: [] }, 'table.uri')).map((path) =>
    path.replace(`${root}/`, ''),
  );

test('a pattern names the files that match, in the order of their names', async () => {
  await write('part-2.csv', 'part-10.csv', 'part-1.csv', 'part-1.csv.bak', 'other.csv', '.part-0.csv', 'part(1).csv');
  expect(await resolved('part-*.csv')).toEqual(['part-1.csv', 'part-10.csv', 'part-2.csv']);
  expect(await resolved('part-?.csv')).toEqual(['part-1.csv', 'part-2.csv']);
  expect(await resolved('*.csv')).not.toContain('.part-0.csv');
  expect(await resolved('part(*).csv')).toEqual(['part(1).csv']);
});

test('a file whose name is the pattern itself is that one file', async () => {
  await write('part-*.csv', 'part-1.csv');
  expect(await resolved('part-*.csv')).toEqual(['part-*.csv']);
});

test('nothing that matches is a missing file', async () => {
  await expect(resolved('part-*.csv')).rejects.toMatchObject({ code: 'file_not_found', param: 'table.uri' });
  await expect(resolved('none/part-*.csv')).rejects.toMatchObject({ code: 'file_not_found' });
});

test('a folder outside the roots answers as if nothing were there', async () => {
  const messageOf = (pattern: string) =>
    resolved(pattern).then(
      () => 'allowed',
      ({ code, message }) => [code, message.replaceAll(/part|none/g, 'x')],
    );
  expect(await messageOf('../outside/part-*.csv')).toEqual(await messageOf('../outside/none-*.csv'));
  await expect(resolved('../outside/part-*.csv')).rejects.toMatchObject({ code: 'path_not_allowed' });
});

test('a link out of the roots refuses the whole', async () => {
  await write('part-1.csv');
  await symlink(join(outside, 'part-9.csv'), join(root, 'part-2.csv'));
  await expect(resolved('part-*.csv')).rejects.toMatchObject({ code: 'path_not_allowed' });
  await expect(resolved('part-*.csv')).rejects.toThrow(/part-2\.csv/);
  expect(await resolved('part-*.csv', [root, outside])).toEqual(['part-1.csv', join(outside, 'part-9.csv')]);
});

test('a pattern that was granted allows what lies in its folder, and no link out of it', async () => {
  await write('part-1.csv', 'other.csv');
  const grants = [join(root, 'part-*.csv')];
  expect(await resolved('part-*.csv', grants)).toEqual(['part-1.csv']);
  await expect(resolved('*.csv', grants)).rejects.toMatchObject({ code: 'path_not_allowed' });
  await symlink(join(outside, 'part-9.csv'), join(root, 'part-2.csv'));
  await expect(resolved('part-*.csv', grants)).rejects.toMatchObject({ code: 'path_not_allowed' });
});

test('a folder that matches is no file', async () => {
  await mkdir(join(root, 'part-1.csv'));
  await expect(resolved('part-*.csv')).rejects.toMatchObject({ code: 'file_unreadable' });
});

test('too many files are refused with the limit', async () => {
  const names = Array.from({ length: TABLE_FILES_MAX + 1 }, (_, i) => `part-${i}.csv`);
  await write(...names);
  await expect(resolved('part-*.csv')).rejects.toThrow(`${TABLE_FILES_MAX + 1} files match`);
});
