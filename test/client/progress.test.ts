/** Following a job from a service: each change once, over a worker that dies, until the iterator ends with the job. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { JobHandle, SynthesizeResult } from '../../src/index.js';
import { type Fleet, startFleet } from '../support/fleet.js';
import { writeSmallTable } from '../support/small-table.js';

const SPEED = 300;
/** A training that lasts until the clock is set forward again. */
const STANDSTILL = 0.001;
const LOOK_MS = 50;

let fleet: Fleet;
let job: JobHandle<SynthesizeResult>;
beforeAll(async () => {
  fleet = await startFleet({ speed: STANDSTILL, rateLimit: 1_000_000 });
  job = await fleet.client.synthesize(
    { table: { uri: writeSmallTable(fleet.folder) }, output: { uri: join(fleet.folder, 'out.csv') } },
    { id: 'followed' },
  );
}, 60_000);
afterAll(() => fleet.stop());

test('progress goes on when the worker is killed and another one comes, and ends when the job has ended', async () => {
  const stages: string[] = [];
  let before = '';
  let isKilled = false;
  for await (const status of job.progress(LOOK_MS)) {
    const text = JSON.stringify(status);
    expect(text).not.toBe(before);
    before = text;
    if (stages.at(-1) !== status.stage.stage) stages.push(status.stage.stage);
    if (status.stage.stage !== 'training' || isKilled) continue;
    isKilled = true;
    await fleet.worker().kill('SIGKILL');
    await Promise.all([fleet.restartWorker(), fleet.sandbox.setSpeed(SPEED)]);
  }
  expect(isKilled).toBe(true);
  expect(stages.at(-1)).toBe('done');
  expect((await job.result()).output.rows).toBe(200);
  expect((await job.describe()).status).toBe('COMPLETED');
}, 90_000);

test('the progress of an ended job ends, even when no worker is left to say how far it came', async () => {
  const last: string[] = [];
  for await (const { stage } of job.progress(LOOK_MS)) last.push(stage.stage);
  expect(last).toEqual(['done']);
  await fleet.worker().kill('SIGTERM');
  for await (const { stage } of job.progress(LOOK_MS)) last.push(stage.stage);
  expect(last).toEqual(['done']);
}, 60_000);
