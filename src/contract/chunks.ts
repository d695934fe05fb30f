/**
 * How generated rows are asked for: in chunks, one request each. Every row once, in order, no chunk empty; each chunk
 * with a seed of its own. Shared by the workflow that asks and the plan that shows what would be asked.
 */
import { InputError } from './input-error.js';
import { seedOf } from './keys.js';
import { CHUNKS_MAX } from './limits.js';

export interface Chunk {
  index: number;
  firstRow: number;
  rows: number;
}

/** @throws InputError (request_invalid) over CHUNKS_MAX */
export function planChunks(rows: number, rowsPerChunk: number): Chunk[] {
  const count = Math.ceil(rows / rowsPerChunk);
  if (count > CHUNKS_MAX) {
    throw new InputError(
      'request_invalid',
      `${rows} rows in chunks of ${rowsPerChunk} make ${count} chunks; at most ${CHUNKS_MAX} are allowed. Raise policy.rowsPerChunk.`,
      'policy.rowsPerChunk',
    );
  }
  return Array.from({ length: count }, (_, index) => {
    const firstRow = index * rowsPerChunk;
    return { index, firstRow, rows: Math.min(rowsPerChunk, rows - firstRow) };
  });
}

/**
 * The API samples with the caller's seed. One seed for all chunks would give the same rows again and again, so the
 * first chunk has the seed itself, as one undivided call would, and each later one a seed derived from it.
 */
export function seedOfChunk(seed: number | undefined, index: number): number | undefined {
  return seed === undefined || index === 0 ? seed : seedOf(seed, 'generate', index);
}
