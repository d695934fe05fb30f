import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { planChunks } from '../../src/workflows/plan-chunks.js';

test('every row is in one chunk, in order, and no chunk is empty or too large', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 10, max: 5_000 }), (rows, rowsPerChunk) => {
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
