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

/** @param trials how often each row is asked for. @throws InputError (request_invalid) over CHUNKS_MAX requests */
export function planChunks(rows: number, rowsPerChunk: number, trials = 1): Chunk[] {
  const count = Math.ceil(rows / rowsPerChunk);
  if (count * trials > CHUNKS_MAX) {
    const each = trials === 1 ? '' : `, each asked for ${trials} times`;
    throw new InputError(
      'request_invalid',
      `${rows} rows in chunks of ${rowsPerChunk} make ${count} chunks${each}; at most ${CHUNKS_MAX} are allowed. Raise policy.rowsPerChunk.`,
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
 * first chunk has the seed itself, as one undivided call would, and each later one a seed derived from it. A later trial
 * of imputing derives its own the same way: with one seed all trials would be the first (data-plane BUG-20).
 */
export function seedOfChunk(seed: number | undefined, index: number, trial = 0): number | undefined {
  if (seed === undefined) return undefined;
  const ofTrial = trial === 0 ? seed : seedOf(seed, 'trial', trial);
  return index === 0 ? ofTrial : seedOf(ofTrial, 'generate', index);
}
