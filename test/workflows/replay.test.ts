/** Today's workflow code takes every history that a release left behind: no deploy may break a job that runs. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { HISTORIES } from '../support/keep-histories.js';
import { DIST } from '../support/worker-process.js';

/** What a worker runs. */
const workflowBundle = { codePath: resolve(DIST, 'workflow-bundle.js') };
beforeAll(() => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
});

/** All that a worker bundles but `claim`, which ends with its first task: no deploy meets one half done. */
const WORKFLOWS = [...readFileSync('src/workflows/index.ts', 'utf8').matchAll(/^export \{ (\w+) \}/gm)]
  .map(([, name]) => name)
  .filter((name) => name !== 'claim')
  .sort();

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

test.each(readdirSync(HISTORIES))('release %s left histories of every workflow', (release) => {
  const types = files
    .filter((file) => file.startsWith(join(HISTORIES, release)))
    .map(
      (file) =>
        JSON.parse(readFileSync(file, 'utf8')).events[0].workflowExecutionStartedEventAttributes.workflowType.name,
    );
  expect([...new Set(types)].sort()).toEqual(WORKFLOWS);
});

test('a history with another order of steps does not replay', async () => {
  const history = readFileSync(files.find((file) => file.endsWith('plain.json')) ?? '', 'utf8');
  const changed = history.replaceAll('"createModel"', '"createAnotherModel"');
  expect(changed).not.toBe(history);
  await expect(replay(JSON.parse(changed), 'plain')).rejects.toMatchObject({ name: 'DeterminismViolationError' });
});
