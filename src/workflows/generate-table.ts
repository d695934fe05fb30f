/** From a trained model to an output file: chunks asked for and decoded a few at a time, then assembled in order. */
import { ApplicationFailure, CancellationScope } from '@temporalio/workflow';
import type { ArtifactRef } from '../contract/artifact.js';
import { CHUNKS_AT_ONCE, CHUNKS_MAX } from '../contract/limits.js';
import type { GenerationSettings, OutputRequest, TrainedModel } from '../contract/requests.js';
import type { OutputResult } from '../contract/results.js';
import type { Job } from './job.js';
import { type Chunk, planChunks } from './plan-chunks.js';

export interface GenerateTableInput {
  trained: TrainedModel;
  generation: GenerationSettings;
  output: OutputRequest;
  rowsPerChunk: number;
}

/** Before anything is spent. */
export function planGeneration(rows: number, rowsPerChunk: number): Chunk[] {
  const chunks = planChunks(rows, rowsPerChunk);
  if (chunks.length > CHUNKS_MAX) {
    throw ApplicationFailure.create({
      type: 'request_invalid',
      message: `${rows} rows in chunks of ${rowsPerChunk} make ${chunks.length} chunks; at most ${CHUNKS_MAX} are allowed. Raise policy.rowsPerChunk.`,
      nonRetryable: true,
      details: [{ code: 'request_invalid', param: 'policy.rowsPerChunk' }],
    });
  }
  return chunks;
}

export async function generateTable(
  job: Job,
  { trained, generation, output, rowsPerChunk }: GenerateTableInput,
): Promise<OutputResult> {
  const { modelId, metadata } = trained;
  const rows = generation.n_samples ?? trained.rows;
  const chunks = planGeneration(rows, rowsPerChunk);
  const parts: ArtifactRef[] = new Array(chunks.length);
  let rowsDone = 0;
  job.enter({ stage: 'generating', modelId, rowsDone, rows });

  await eachAtMost(CHUNKS_AT_ONCE, chunks, async (chunk) => {
    const { codes } = await job.asking('generate', chunk.index, (key) =>
      job.api.generateChunk(
        chunk.index + 1,
        chunks.length,
      )({
        key,
        job: job.artifacts,
        modelId,
        metadata,
        generation,
        chunk,
        seed: seedOfChunk(job, generation, chunk.index),
      }),
    );
    const { part } = await job.data.decodeChunk(
      chunk.index + 1,
      chunks.length,
    )({
      job: job.artifacts,
      metadata,
      codes,
      chunk,
      rareStrategy: generation.rare_strategy,
      seed: job.seedFor('decode', chunk.index),
    });
    parts[chunk.index] = part;
    rowsDone += chunk.rows;
    job.enter({ stage: 'generating', modelId, rowsDone, rows });
  });

  job.enter({ stage: 'assembling', rows });
  return job.data.assembleOutput({ job: job.artifacts, parts, rows, output });
}

/**
 * The API samples with the caller's seed. One seed for all chunks would give the same rows again and again, so the
 * first chunk has the seed itself, as one undivided call would, and each later one a seed derived from it.
 */
function seedOfChunk(job: Job, generation: GenerationSettings, index: number): number | undefined {
  const seed = generation.seed ?? job.seed;
  if (seed === undefined || index === 0) return seed;
  return job.seedFor(`generate ${seed}`, index);
}

/**
 * Runs `work` for all items in order, at most `count` at once. The first failure cancels what else is under way and is
 * thrown when all of it has ended: nothing may still be asked for while the model is being deleted.
 */
async function eachAtMost<T>(count: number, items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const scope = new CancellationScope();
  let next = 0;
  let failure: { error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    while (next < items.length && failure === undefined) {
      const item = items[next] as T;
      next += 1;
      await work(item).catch((error: unknown) => {
        failure ??= { error };
        scope.cancel();
      });
    }
  };
  await scope.run(() => Promise.all(Array.from({ length: Math.min(count, items.length) }, lane)));
  if (failure !== undefined) throw failure.error;
}
