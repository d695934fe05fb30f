/** Turns one chunk's codes back into values, as a Parquet part: types are kept until the output is assembled. */
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactRef } from '../contract/artifact.js';
import { ANSWER_BYTES_MAX } from '../contract/limits.js';
import { decodeAnswer, writeTable } from '../table/index.js';
import { attempt } from './attempt.js';
import type { DataDeps } from './deps.js';
import { readTrainedMetadata } from './trained-metadata.js';

export interface DecodeChunkInput {
  job: string;
  metadata: ArtifactRef;
  codes: ArtifactRef;
  chunk: { index: number; rows: number };
  rareStrategy?: 'mask' | 'sample' | undefined;
  /** For values inside a bin and for masked categories. */
  seed: number;
}

export const decodeChunk =
  ({ artifacts }: DataDeps) =>
  ({ job, metadata, codes, chunk, rareStrategy, seed }: DecodeChunkInput): Promise<{ part: ArtifactRef }> =>
    attempt(async (signal) => {
      const { analysis, model } = await readTrainedMetadata(artifacts, metadata);
      const task = {
        answer: await artifacts.readAll(codes, ANSWER_BYTES_MAX),
        analysis,
        rows: chunk.rows,
        rareStrategy: rareStrategy ?? model.privacy.rare_strategy,
        seed,
      };
      const table = await decodeAnswer(task, signal);
      const folder = await mkdtemp(join(tmpdir(), 'dxo-part-'));
      try {
        const path = join(folder, 'part.parquet');
        await writeTable(table, path, 'parquet');
        return { part: await artifacts.write(job, `part-${chunk.index}.parquet`, createReadStream(path)) };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
