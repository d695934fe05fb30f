/** Today's workflow code takes every history that a release left behind: no deploy may break a job that runs. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { HISTORIES } from '../support/record-histories.js';
import { DIST } from '../support/worker-process.js';

/** What a worker runs. */
const workflowBundle = { codePath: resolve(DIST, 'workflow-bundle.js') };
beforeAll(() => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
});

const files = readHistories();

function readHistories(): string[] {
  return readdirSync(HISTORIES, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(HISTORIES, name));
}

const replay = (history: unknown, id: string): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle }, history, id);

test.each(files)('%s replays', async (file) => {
  await replay(JSON.parse(readFileSync(file, 'utf8')), basename(file, '.json'));
});

test('there are histories of jobs that end in every way, and one with another order of steps does not replay', async () => {
  expect(files.length).toBeGreaterThanOrEqual(10);
  const history = readFileSync(files.find((file) => file.endsWith('plain.json')) ?? '', 'utf8');
  const changed = history.replaceAll('"createModel"', '"createAnotherModel"');
  expect(changed).not.toBe(history);
  await expect(replay(JSON.parse(changed), 'plain')).rejects.toMatchObject({ name: 'DeterminismViolationError' });
});
