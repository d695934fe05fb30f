import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { planChunks, seedOfChunk } from '../../src/contract/chunks.js';

test('every row is in one chunk, in order, and no chunk is empty or too large', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 10, max: 5_000 }), (rows, rowsPerChunk) => {
      let next = 0;
      for (const [position, { index, firstRow, rows: count }] of planChunks(rows, rowsPerChunk).entries()) {
        expect([index, firstRow]).toEqual([position, next]);
        expect(count > 0 && count <= rowsPerChunk).toBe(true);
        next += count;
      }
      expect(next).toBe(rows);
    }),
  );
});

test('more chunks than a history can hold are refused, with the setting that makes fewer', () => {
  expect(() => planChunks(10_010, 10)).toThrow(/1001 chunks; at most 1000 .* policy\.rowsPerChunk/);
  expect(planChunks(10_000, 10)).toHaveLength(1_000);
});

test('every trial of imputing is a request, and has a seed of its own in each chunk', () => {
  expect(planChunks(1_000, 10, 10)).toHaveLength(100);
  expect(() => planChunks(1_001, 10, 10)).toThrow(/101 chunks, each asked for 10 times; at most 1000/);
  const seeds = [0, 1, 2].flatMap((trial) => [0, 1, 2].map((index) => seedOfChunk(7, index, trial)));
  expect(seeds[0]).toBe(7);
  expect(new Set(seeds).size).toBe(9);
  expect(seedOfChunk(undefined, 1, 1)).toBeUndefined();
});

test('the first chunk has the seed itself, every other one its own, and no seed stays none', () => {
  const seeds = Array.from({ length: 100 }, (_, index) => seedOfChunk(7, index));
  expect(seeds[0]).toBe(7);
  expect(new Set(seeds).size).toBe(100);
  expect(seedOfChunk(undefined, 3)).toBeUndefined();
});
