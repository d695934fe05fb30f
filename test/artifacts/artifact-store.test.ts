import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ArtifactStore, openLocalStore } from '../../src/artifacts/artifact-store.js';
import { artifactRefSchema } from '../../src/contract/artifact.js';

let folder: string;
let root: string;
let store: ArtifactStore;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'dxo-store-')));
  root = join(folder, 'deep', 'store');
  store = openLocalStore(root);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytesOf = (text: string) => Buffer.from(text);
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
async function readText(ref: Parameters<ArtifactStore['read']>[0]): Promise<string> {
  return Buffer.from(await store.readAll(ref, 1_000_000)).toString();
}
async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

describe('the local artifact store', () => {
  test('gives back what was written, under a reference that travels', async () => {
    const ref = await store.write('job 1', 'create.json', [bytesOf('{"a":'), bytesOf('1}')]);
    expect(artifactRefSchema.parse(ref)).toEqual({
      uri: expect.stringMatching(/^artifact:[0-9a-f]{24}\/create-[0-9a-f]{12}\.json$/),
      bytes: 7,
      sha256: sha256Of(bytesOf('{"a":1}')),
    });
    expect(await readText(ref)).toBe('{"a":1}');
    expect(await readFile(await store.localPath(ref), 'utf8')).toBe('{"a":1}');
  });

  test('takes asynchronous chunks and an artifact of no bytes', async () => {
    async function* chunks() {
      yield bytesOf('a');
      yield bytesOf('b');
    }
    expect(await readText(await store.write('job', 'x', chunks()))).toBe('ab');
    expect(await readText(await store.write('job', 'x', []))).toBe('');
  });

  test('gives the same bytes the same name, and other bytes another', async () => {
    const first = await store.write('job', 'x.bin', [bytesOf('same')]);
    expect(await store.write('job', 'x.bin', [bytesOf('sa'), bytesOf('me')])).toEqual(first);
    expect((await store.write('job', 'x.bin', [bytesOf('other')])).uri).not.toBe(first.uri);
    expect(await filesBelow(root)).toHaveLength(2);
  });

  test('lets only the owner read', async () => {
    const path = await store.localPath(await store.write('job', 'x', [bytesOf('private')]));
    expect((await stat(path)).mode & 0o077).toBe(0);
    expect((await stat(join(path, '..'))).mode & 0o077).toBe(0);
  });

  test('a source that fails leaves nothing and its failure is thrown as it is', async () => {
    const failure = new Error('the source failed');
    function* chunks() {
      yield bytesOf('half');
      throw failure;
    }
    await expect(store.write('job', 'x', chunks())).rejects.toBe(failure);
    expect(await filesBelow(root)).toEqual([]);
  });

  test('an artifact has its name only when it is whole', async () => {
    let seen: string[] = [];
    async function* chunks() {
      yield bytesOf('half');
      seen = await filesBelow(root);
      yield bytesOf('whole');
    }
    await store.write('job', 'x', chunks());
    expect(seen).toEqual([expect.stringMatching(/\/\.writing-[0-9a-f]+$/)]);
    expect(await filesBelow(root)).toEqual([expect.stringMatching(/\/x-[0-9a-f]{12}$/)]);
  });

  test('whatever job and name say, files stay two levels below the root', async () => {
    const nasty = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '../../x',
        '/etc/passwd',
        '%2e%2e%2fx',
        '..',
        '.',
        '',
        'a/b',
        'a\\b',
        'a\0b',
        '.writing-x',
        '-',
        'x'.repeat(5_000),
        'ü.json',
        '.json',
      ),
    );
    await fc.assert(
      fc.asyncProperty(nasty, nasty, async (job, name) => {
        const ref = await store.write(job, name, [bytesOf(name)]);
        expect(await readText(ref)).toBe(Buffer.from(name).toString());
      }),
      { seed: 3, numRuns: 60 },
    );
    const files = await filesBelow(folder);
    expect(files.filter((file) => !/^deep\/store\/[0-9a-f]{24}\/[A-Za-z0-9][A-Za-z0-9._-]*$/.test(file))).toEqual([]);
  });

  test.each([
    'artifact:../../outside',
    'artifact:/etc/passwd',
    'artifact:000000000000000000000000/../../../outside',
    'artifact:000000000000000000000000/%2e%2e%2foutside',
    'artifact:000000000000000000000000/.writing-1',
    'artifact:000000000000000000000000/gone-1',
    'artifact:',
    'file:///etc/passwd',
  ])('the reference %s is missing, not followed', async (uri) => {
    await writeFile(join(folder, 'outside'), 'secret');
    const ref = { uri, bytes: 6, sha256: sha256Of(bytesOf('secret')) };
    await expect(store.readAll(ref, 100)).rejects.toMatchObject({ code: 'artifact_missing' });
    await expect(store.localPath(ref)).rejects.toMatchObject({ code: 'artifact_missing' });
  });

  test('follows no link, be it the file or the folder of a job', async () => {
    const ref = await store.write('job', 'x', [bytesOf('secret')]);
    const path = await store.localPath(ref);
    await writeFile(join(folder, 'outside'), 'secret');
    await rm(path);
    await symlink(join(folder, 'outside'), path);
    await expect(store.localPath(ref)).rejects.toMatchObject({ code: 'artifact_corrupt' });

    await rm(join(path, '..'), { recursive: true });
    await mkdir(join(folder, 'elsewhere'));
    await symlink(join(folder, 'elsewhere'), join(path, '..'));
    await expect(store.write('job', 'x', [bytesOf('secret')])).rejects.toMatchObject({ code: 'path_not_allowed' });
    await expect(store.readAll(ref, 100)).rejects.toMatchObject({ code: 'path_not_allowed' });
    await store.removeJob('job');
    expect(await readdir(join(folder, 'elsewhere'))).toEqual([]);
    expect((await store.write('job', 'x', [bytesOf('secret')])).uri).toBe(ref.uri);
  });

  test.each([
    ['shorter', 'secre'],
    ['longer', 'secrets'],
    ['other', 'sEcret'],
  ])('bytes that became %s are corrupt', async (_, text) => {
    const ref = await store.write('job', 'x', [bytesOf('secret')]);
    await writeFile(await store.localPath(ref), text);
    await expect(store.readAll(ref, 100)).rejects.toMatchObject({ code: 'artifact_corrupt' });
    await expect(store.localPath(ref)).rejects.toMatchObject({ code: 'artifact_corrupt' });
  });

  test('a wrong size is noticed before the first chunk', async () => {
    const ref = await store.write('job', 'x', [bytesOf('secret')]);
    await writeFile(await store.localPath(ref), 'secrets');
    await expect(store.read(ref)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'artifact_corrupt' });
  });

  test('reads no more than the caller takes', async () => {
    const ref = await store.write('job', 'x', [bytesOf('12345')]);
    await expect(store.readAll(ref, 4)).rejects.toMatchObject({ code: 'artifact_corrupt' });
    expect(await store.readAll(ref, 5)).toHaveLength(5);
  });

  test('a group is known, and removed, by an artifact in it as well as by its name', async () => {
    const [mine, other] = [
      await store.write('job', 'a', [bytesOf('a')]),
      await store.write('other', 'a', [bytesOf('a')]),
    ];
    expect([store.isOfJob('job', mine), store.isOfJob('job', other)]).toEqual([true, false]);
    await store.removeGroupOf(mine);
    await expect(store.localPath(mine)).rejects.toMatchObject({ code: 'artifact_missing' });
    await store.localPath(other);
    await store.removeGroupOf({ ...other, uri: 'artifact:../other/a' });
    await store.localPath(other);
  });

  test('removeJob takes the job and what a crash left of it, and no other; twice is once', async () => {
    const ref = await store.write('job', 'x', [bytesOf('1')]);
    const other = await store.write('other job', 'x', [bytesOf('1')]);
    await writeFile(join(await store.localPath(ref), '..', '.writing-0'), 'half');
    await store.removeJob('job');
    await store.removeJob('job');
    await expect(store.readAll(ref, 100)).rejects.toMatchObject({ code: 'artifact_missing' });
    expect(await filesBelow(root)).toEqual([relative(folder, await store.localPath(other))]);
  });

  test('check leaves nothing behind', async () => {
    await store.check();
    expect(await readdir(root)).toEqual([]);
  });

  test('check says when a file stands in the place of the store', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(openLocalStore(join(folder, 'file')).check()).rejects.toMatchObject({
      code: 'output_unwritable',
      message: expect.stringContaining(join(folder, 'file')),
    });
  });
});
