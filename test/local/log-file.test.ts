import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { lastLinesOf, openLogFile } from '../../src/local/log-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dxo-log-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a log never takes more than twice its bound and a line, and keeps the newest lines', async () => {
  const path = join(folder, 'x.log');
  for (let start = 0; start < 3; start++) {
    const log = openLogFile(path, 1_000);
    for (let line = 0; line < 100; line++) log.write(`start ${start} line ${line} ${'.'.repeat(20)}`);
    log.close();
  }
  expect((await stat(path)).size).toBeLessThan(1_050);
  expect((await stat(`${path}.1`)).size).toBeLessThan(1_050);
  expect(lastLinesOf(path, 1)).toContain('start 2 line 99 ');
  expect(await readFile(`${path}.1`, 'utf8')).toContain('start 2 ');
});
