import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { publishFile } from '../../src/artifacts/publish.js';

let folder: string;
let temporary: string;
let final: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dxo-publish-'));
  temporary = join(folder, '.out.csv.1');
  final = join(folder, 'out.csv');
  await writeFile(temporary, 'new');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const NEW = { bytes: 3, sha256: createHash('sha256').update('new').digest('hex') };

describe('publishFile', () => {
  test.each([true, false])('gives the file its name and says what is in it (overwrite %s)', async (overwrite) => {
    expect(await publishFile(temporary, final, { overwrite })).toEqual(NEW);
    expect(await readdir(folder)).toEqual(['out.csv']);
    expect(await readFile(final, 'utf8')).toBe('new');
  });

  test('overwrites when it may', async () => {
    await writeFile(final, 'old');
    expect(await publishFile(temporary, final, { overwrite: true })).toEqual(NEW);
    expect(await readFile(final, 'utf8')).toBe('new');
  });

  test("leaves somebody else's file as it is", async () => {
    await writeFile(final, 'old');
    await expect(publishFile(temporary, final, { overwrite: false })).rejects.toMatchObject({
      code: 'output_exists',
      message: expect.stringContaining(final),
    });
    expect(await readFile(final, 'utf8')).toBe('old');
  });

  test('is content with its own bytes, from a try whose answer was lost', async () => {
    await writeFile(final, 'new');
    expect(await publishFile(temporary, final, { overwrite: false })).toEqual(NEW);
    expect(await readdir(folder)).toEqual(['out.csv']);
  });

  test('of many at once with different bytes, one wins and the others are refused', async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, async (_, index) => {
        const path = join(folder, `.out.csv.try${index}`);
        await writeFile(path, `bytes of ${index}`);
        await publishFile(path, final, { overwrite: false });
        return `bytes of ${index}`;
      }),
    );
    const won = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(won).toEqual([await readFile(final, 'utf8')]);
  });

  test.each([true, false])('refuses a folder in the place of the file (overwrite %s)', async (overwrite) => {
    await mkdir(final);
    await expect(publishFile(temporary, final, { overwrite })).rejects.toMatchObject({ code: 'output_unwritable' });
  });
});
