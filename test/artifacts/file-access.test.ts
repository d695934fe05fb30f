import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type FileAccess, resolveReadable, resolveWritable } from '../../src/artifacts/file-access.js';

let folder: string;
let inside: string;
let access: FileAccess;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'dxo-access-')));
  inside = join(folder, 'root');
  access = { readRoots: [inside], writeRoots: [inside] };
  await mkdir(join(folder, 'root-beside'), { recursive: true });
  await mkdir(inside);
  for (const path of ['root/in.csv', 'root/ä b.csv', 'root-beside/in.csv', 'outside.csv']) {
    await writeFile(join(folder, path), 'a\n1\n');
  }
  await symlink(join(folder, 'outside.csv'), join(inside, 'leads-out.csv'));
  await symlink(join(folder, 'root-beside'), join(inside, 'leads-out'));
  await symlink(join(inside, 'in.csv'), join(inside, 'leads-in.csv'));
  await symlink(join(folder, 'nowhere'), join(inside, 'dangling'));
  await symlink(inside, join(folder, 'link-to-root'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const KEEP = { overwrite: false };
const isRoot = process.getuid?.() === 0;

describe('resolveReadable', () => {
  test.each([
    ['root/in.csv', 'root/in.csv'],
    ['root/ä b.csv', 'root/ä b.csv'],
    ['root/x/../in.csv', 'root/in.csv'],
    ['root/leads-in.csv', 'root/in.csv'],
    ['link-to-root/in.csv', 'root/in.csv'],
  ])('%s is read as %s, as a path and as a file:// URI', async (path, real) => {
    const absolute = join(folder, path);
    expect(await resolveReadable(absolute, access)).toBe(join(folder, real));
    expect(await resolveReadable(pathToFileURL(absolute).href, access)).toBe(join(folder, real));
  });

  test.each([
    'outside.csv',
    'not-there.csv',
    'root/../outside.csv',
    'root-beside/in.csv',
    'root/leads-out.csv',
    'root/leads-out/in.csv',
    'root/leads-out/not-there.csv',
    'root/dangling',
    'root/dangling/in.csv',
  ])('%s is not allowed, whether it is there or not, and the setting is named', async (path) => {
    const absolute = `${folder}/${path}`;
    for (const uri of [absolute, `file://${absolute}`, `file://localhost${absolute}`]) {
      await expect(resolveReadable(uri, access, 'table.uri')).rejects.toMatchObject({
        code: 'path_not_allowed',
        param: 'table.uri',
        message: expect.stringContaining('DATAXID_READ_ROOTS'),
      });
    }
  });

  test('an encoded way out is a way out', async () => {
    const encoded = `file://${inside}/%2e%2e/outside.csv`;
    await expect(resolveReadable(encoded, access)).rejects.toMatchObject({ code: 'path_not_allowed' });
    await expect(resolveReadable(`file://${inside}/..%2foutside.csv`, access)).rejects.toMatchObject({
      code: 'path_not_allowed',
    });
    await expect(resolveReadable(`${inside}/%2e%2e/outside.csv`, access)).rejects.toMatchObject({
      code: 'file_not_found',
    });
  });

  test.each([
    ['s3://bucket/in.csv', /local files only, not s3:/],
    ['https://host/in.csv', /local files only/],
    ['file://other.host/in.csv', /another host/],
    ['in.csv', /absolute/],
    ['../in.csv', /absolute/],
    ['~/in.csv', /absolute/],
    ['', /absolute/],
    ['/a\0b', /NUL/],
  ])('%j is refused with what to write instead', async (uri, message) => {
    const refused = resolveReadable(uri, { readRoots: ['/'], writeRoots: [] });
    await expect(refused).rejects.toMatchObject({ code: 'path_not_allowed', message: expect.stringMatching(message) });
  });

  test('no roots allow nothing, a root of one file allows that file, the root / allows all', async () => {
    const read = (readRoots: string[]) => resolveReadable(join(inside, 'in.csv'), { readRoots, writeRoots: [inside] });
    await expect(read([])).rejects.toMatchObject({ code: 'path_not_allowed' });
    await expect(read([join(inside, 'ä b.csv'), join(inside, 'in')])).rejects.toMatchObject({
      code: 'path_not_allowed',
    });
    for (const root of [join(inside, 'in.csv'), join(inside, 'leads-in.csv'), `${inside}/`, '/']) {
      expect(await read([root])).toBe(join(inside, 'in.csv'));
    }
  });

  test('what is not there, a folder and a pipe each have their own error', async () => {
    execFileSync('mkfifo', [join(inside, 'pipe')]);
    await expect(resolveReadable(join(inside, 'no.csv'), access)).rejects.toMatchObject({ code: 'file_not_found' });
    await expect(resolveReadable(join(inside, 'in.csv', 'x'), access)).rejects.toMatchObject({
      code: 'file_not_found',
    });
    await expect(resolveReadable(inside, access)).rejects.toMatchObject({ code: 'file_unreadable' });
    await expect(resolveReadable(join(inside, 'pipe'), access)).rejects.toMatchObject({ code: 'file_unreadable' });
  });

  (isRoot ? test.skip : test)('a file without permission is file_unreadable', async () => {
    await chmod(join(inside, 'in.csv'), 0o000);
    await expect(resolveReadable(join(inside, 'in.csv'), access)).rejects.toMatchObject({ code: 'file_unreadable' });
  });
});

describe('resolveWritable', () => {
  test('a new file is allowed below a root, its folder is made', async () => {
    expect(await resolveWritable(join(inside, 'out.csv'), access, KEEP)).toBe(join(inside, 'out.csv'));
    expect(await resolveWritable(join(folder, 'link-to-root/a/b/out.csv'), access, KEEP)).toBe(
      join(inside, 'a/b/out.csv'),
    );
    expect((await stat(join(inside, 'a/b'))).isDirectory()).toBe(true);
  });

  test('a root that is one file which is not there yet allows it and not its neighbour', async () => {
    const only = { readRoots: [], writeRoots: [join(inside, 'out.csv')] };
    expect(await resolveWritable(join(inside, 'out.csv'), only, KEEP)).toBe(join(inside, 'out.csv'));
    await expect(resolveWritable(join(inside, 'out.csv2'), only, KEEP)).rejects.toMatchObject({
      code: 'path_not_allowed',
    });
  });

  test.each([
    'outside.csv',
    'new/out.csv',
    'root/../new.csv',
    'root-beside/new.csv',
    'root/leads-out.csv',
    'root/leads-out/new.csv',
    'root/leads-out/new/new.csv',
    'root/dangling',
    'root/dangling/new.csv',
  ])('%s is not allowed, and nothing is made', async (path) => {
    await expect(resolveWritable(`${folder}/${path}`, access, { overwrite: true }, 'output.uri')).rejects.toMatchObject(
      {
        code: 'path_not_allowed',
        param: 'output.uri',
        message: expect.stringContaining('DATAXID_WRITE_ROOTS'),
      },
    );
    await expect(stat(join(folder, 'new'))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(stat(join(folder, 'root-beside/new'))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(stat(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('a file that exists is refused unless it may be overwritten', async () => {
    const path = join(inside, 'in.csv');
    await expect(resolveWritable(path, access, KEEP)).rejects.toMatchObject({
      code: 'output_exists',
      message: expect.stringContaining('--overwrite'),
    });
    expect(await resolveWritable(path, access, { overwrite: true })).toBe(path);
    expect(await resolveWritable(join(inside, 'leads-in.csv'), access, { overwrite: true })).toBe(path);
  });

  test('a folder, the name of a folder, and a file in the place of one are unwritable', async () => {
    await mkdir(join(inside, 'folder'));
    for (const path of ['folder', 'folder/', 'new-folder/', 'in.csv/out.csv', 'in.csv/a/out.csv']) {
      await expect(resolveWritable(`${inside}/${path}`, access, { overwrite: true })).rejects.toMatchObject({
        code: 'output_unwritable',
      });
    }
  });

  (isRoot ? test.skip : test)('a folder without permission is unwritable', async () => {
    await chmod(inside, 0o500);
    for (const path of ['out.csv', 'new/out.csv']) {
      await expect(resolveWritable(join(inside, path), access, KEEP)).rejects.toMatchObject({
        code: 'output_unwritable',
      });
    }
    await chmod(inside, 0o700);
  });
});
