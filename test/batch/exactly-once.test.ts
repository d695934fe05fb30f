/**
 * A batch whose worker is killed again and again: every output is there once, whole, with the digest that the manifest
 * of outputs says; every item had one effect on the API; nothing is left alive.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TrainedModel } from '../../src/contract/requests.js';
import { type Fleet, startFleet } from '../support/fleet.js';
import { resultsOf, startBatch, statusOf, trainModel, writeManifest } from './batch-jobs.js';

const ITEMS = 40;
const ROWS = 20;
const KILLS = 3;

let fleet: Fleet;
let trained: TrainedModel;

beforeAll(async () => {
  fleet = await startFleet({ speed: 600 });
  trained = await trainModel(fleet);
});
afterAll(async () => {
  await fleet.sandbox.deleteModel(trained.modelId);
  await fleet.stop();
});

test('a batch whose worker is killed again and again writes every output once', async () => {
  const results = join(fleet.folder, 'results.jsonl');
  const batch = await startBatch(fleet, 'killed', {
    kind: 'generate',
    manifest: { uri: writeManifest(fleet, 'killed', ITEMS, ROWS) },
    defaults: { trained },
    output: { uri: results },
    seed: 7,
  });
  for (let kill = 0; kill < KILLS; kill += 1) {
    await delay(1_000 + 400 * kill);
    await fleet.worker().kill('SIGKILL');
    await fleet.restartWorker();
  }
  const result = await batch.result();
  expect(result).toMatchObject({
    counts: { items: ITEMS, done: ITEMS, failed: 0, cancelled: 0, running: 0, waiting: 0 },
    rows: ITEMS * ROWS,
    output: { uri: results, sha256: createHash('sha256').update(readFileSync(results)).digest('hex') },
  });
  const lines = resultsOf(results);
  expect(lines.map(({ name, status }) => `${name} ${status}`)).toEqual(
    Array.from({ length: ITEMS }, (_, index) => `item-${String(index).padStart(3, '0')} done`),
  );
  for (const { output } of lines) {
    const bytes = readFileSync(output!.uri);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(output!.sha256);
    expect(bytes.toString('utf8').trimEnd().split('\n')).toHaveLength(ROWS + 1);
  }
  expect(new Set(lines.map(({ output }) => output!.sha256)).size).toBe(ITEMS);
  expect(readdirSync(join(fleet.folder, 'killed'))).toHaveLength(ITEMS);
  const ledger = await fleet.sandbox.ledger();
  const generations = ledger.filter(({ call, effect }) => call === 'generate' && effect === 'applied');
  expect(generations).toHaveLength(ITEMS);
  expect(new Set(generations.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(ITEMS);
  expect(await fleet.sandbox.summary()).toMatchObject({ rowsBilled: ITEMS * ROWS });
  expect(await statusOf(fleet, 'killed')).toMatchObject({ stage: { stage: 'done' }, counts: { done: ITEMS } });
}, 120_000);
