/** The rows that a generation is still billed for: each as often as imputing has trials, and none whose codes are there. */
import { planChunks } from '../contract/chunks.js';
import { trialsOf } from '../contract/given-table.js';
import type { GenerationSettings } from '../contract/requests.js';
import type { ReusableChunk } from '../contract/reusable.js';

export interface WantedRows {
  /** All of the output. */
  rows: number;
  rowsPerChunk: number;
  generation: Pick<GenerationSettings, 'impute'>;
  /** Chunks that the job before had made, where this one is a retry. */
  made: readonly ReusableChunk[];
}

export function rowsToBill({ rows, rowsPerChunk, generation, made }: WantedRows): number {
  const trials = trialsOf(generation);
  const madeBefore = new Set(made.filter((chunk) => isMade(chunk, trials)).map(({ firstRow }) => firstRow));
  return planChunks(rows, rowsPerChunk, trials)
    .filter(({ firstRow }) => !madeBefore.has(firstRow))
    .reduce((sum, chunk) => sum + chunk.rows * trials, 0);
}

/** Whether the chunk need not be asked for. Codes of one of several trials are no answer. */
function isMade({ codes, part }: ReusableChunk, trials: number): boolean {
  return part !== undefined || (codes !== undefined && trials === 1);
}
