/** A job that was terminated is gone on with by a new one: nothing that took effect is asked for again, nothing is left. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SynthesizeResult } from '../../src/index.js';
import { failureOf } from '../support/fleet.js';
import { until } from '../support/until.js';
import { type RetryFleet, ROWS, ROWS_PER_CHUNK, startRetryFleet } from './retry-fleet.js';

let fleet: RetryFleet;
beforeAll(async () => {
  fleet = await startRetryFleet(
    ['at-create', 'at-init-training', 'at-train', 'at-generate', 'unheard'].map((id) => `${id}-retry-1`),
  );
});
beforeEach(() => fleet.sandbox.reset());
afterEach(() => fleet.sandbox.clearFaults());
afterAll(() => fleet.stop());

describe('a job terminated while it was', () => {
  test.each([
    ['creating: its creation was answered to nobody', 'create', { kind: 'reset-after' as const, times: 100 }],
    ['uploading', 'init-training', { kind: 'slow' as const, seconds: 2, after: true }],
    ['starting its training', 'train', { kind: 'slow' as const, seconds: 2, after: true }],
    ['generating its last chunk', 'generate', { kind: 'slow' as const, seconds: 3, nth: 4 }],
  ] as const)('%s goes on, and the output is that of an undisturbed job', async (_, call, fault) => {
    const id = `at-${call}`;
    await fleet.sandbox.addFaults({ call, ...fault });
    await fleet.start(id);
    await fleet.isAsked(call, call === 'generate' ? 3 : 1);
    if (call === 'generate') await until('chunks are decoded', async () => (await rowsDone(id)) >= 3 * ROWS_PER_CHUNK);
    await fleet.terminate(id);
    await fleet.sandbox.clearFaults();
    const retry = await fleet.client.retry(id);
    expect(retry.id).toBe(`${id}-retry-1`);
    const { output } = (await retry.result()) as SynthesizeResult;
    expect(output.rows).toBe(ROWS);
    expect(fleet.outputOf(id)).toBe(fleet.undisturbed);
    expect(await fleet.countOf('create')).toBe(1);
    expect(await fleet.countOf('train')).toBe(1);
    await fleet.expectNothingLeft();
  });

  const rowsDone = async (id: string): Promise<number> => {
    const { stage } = await (await fleet.client.getHandle(id)).status();
    return stage.stage === 'generating' ? stage.rowsDone : 0;
  };
});

test('a job whose creation was given up without its answer goes on with the model that was created', async () => {
  await fleet.sandbox.addFaults(
    { call: 'create', kind: 'reset-after', nth: 1 },
    { call: 'create', kind: 'error', code: 'api_key_invalid', nth: 2 },
  );
  expect(await failureOf(await fleet.start('unheard'))).toMatchObject({ code: 'creation_unknown' });
  expect(await fleet.sandbox.models()).toHaveLength(1);
  await (await fleet.client.retry('unheard')).result();
  expect(fleet.outputOf('unheard')).toBe(fleet.undisturbed);
  expect(await fleet.countOf('create')).toBe(1);
  await fleet.expectNothingLeft();
});

test('a job that runs, that succeeded, or that is not there has nothing to retry', async () => {
  await expect(fleet.client.retry('undisturbed')).rejects.toMatchObject({ name: 'InvalidRequestError' });
  await expect(fleet.client.retry('nobody')).rejects.toMatchObject({ name: 'JobNotFoundError' });
  const running = await fleet.start('running');
  await expect(fleet.client.retry('running')).rejects.toThrow('still runs');
  await running.result();
});

test('a request that differs from that of the old job is refused', async () => {
  await fleet.start('differs');
  await fleet.isAsked('create');
  await fleet.terminate('differs');
  const { runId } = await (await fleet.client.getHandle('differs')).describe();
  const other = await fleet.client.synthesize(
    {
      table: { uri: fleet.table },
      output: { uri: join(fleet.folder, 'x.csv') },
      seed: 2,
      retryOf: { job: 'differs', runId },
    },
    { id: 'differs-other' },
  );
  expect(await failureOf(other)).toMatchObject({ code: 'request_invalid', param: 'seed' });
  await (await fleet.client.retry('differs')).result();
  rmSync(join(fleet.folder, 'differs.csv'));
  await fleet.expectNothingLeft();
});
