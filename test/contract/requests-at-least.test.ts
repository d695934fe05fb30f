/** The requests of a job: what it needs in all, and what is left in each stage. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { planChunks } from '../../src/contract/chunks.js';
import { modelIdSchema } from '../../src/contract/ids.js';
import { type JobSize, requestsAtLeast, requestsLeft } from '../../src/contract/requests-at-least.js';
import type { Stage } from '../../src/contract/stage.js';

const modelId = modelIdSchema.parse('mdl_0123456789ab');
const synthesis: JobSize = { kind: 'synthesize', rows: 25, rowsPerChunk: 10, trials: 1, keepsModel: false };

test.each<[JobSize, number | undefined]>([
  [synthesis, 3 + 3 + 1],
  [{ ...synthesis, keepsModel: true }, 3 + 3],
  [{ ...synthesis, trials: 4 }, 3 + 12 + 1],
  [{ ...synthesis, kind: 'generate' }, 3 + 1],
  [{ ...synthesis, rows: undefined }, undefined],
  [{ kind: 'train', trials: 1, keepsModel: true }, 3],
])('%j needs %s', (size, requests) => {
  expect(requestsAtLeast(size)).toBe(requests);
});

test.each<[Stage, number | undefined]>([
  [{ stage: 'preparing' }, 7],
  [{ stage: 'uploading', modelId, bytes: 1 }, 6],
  [{ stage: 'training', modelId, epoch: 3, epochsMax: 9 }, 4],
  [{ stage: 'generating', modelId, rowsDone: 0, rows: 25 }, 4],
  [{ stage: 'generating', modelId, rowsDone: 20, rows: 25 }, 2],
  [{ stage: 'assembling', rows: 25 }, 1],
  [{ stage: 'held', reason: 'quota_exceeded', message: '', until: '' }, undefined],
  [{ stage: 'done' }, 0],
])('in %j %s are left', (stage, left) => {
  expect(requestsLeft(synthesis, stage)).toBe(left);
});

test('whichever chunks are there, the rows that are missing tell how many chunks are', () => {
  const jobs = fc.record({ rows: fc.integer({ min: 1, max: 500 }), rowsPerChunk: fc.integer({ min: 1, max: 60 }) });
  fc.assert(
    fc.property(jobs, fc.func(fc.boolean()), ({ rows, rowsPerChunk }, isThere) => {
      const chunks = planChunks(rows, rowsPerChunk);
      const there = chunks.filter(({ index }) => isThere(index));
      const rowsDone = there.reduce((sum, chunk) => sum + chunk.rows, 0);
      const left = requestsLeft(
        { kind: 'generate', rows, rowsPerChunk, trials: 1, keepsModel: true },
        { stage: 'generating', modelId, rowsDone, rows },
      );
      expect(left).toBe(chunks.length - there.length);
    }),
    { seed: 5 },
  );
});
