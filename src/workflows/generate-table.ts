/** From a trained model to an output file: chunks asked for and decoded a few at a time, then assembled in order. */
import { CancellationScope } from '@temporalio/workflow';
import type { ArtifactRef } from '../contract/artifact.js';
import { planChunks, seedOfChunk } from '../contract/chunks.js';
import { CHUNKS_AT_ONCE } from '../contract/limits.js';
import type { GenerationSettings, OutputRequest, TrainedModel } from '../contract/requests.js';
import type { OutputResult } from '../contract/results.js';
import type { Job } from './job.js';

export interface GenerateTableInput {
  trained: TrainedModel;
  generation: GenerationSettings;
  output: OutputRequest;
  rowsPerChunk: number;
}

export async function generateTable(
  job: Job,
  { trained, generation, output, rowsPerChunk }: GenerateTableInput,
): Promise<OutputResult> {
  const { modelId, metadata } = trained;
  const rows = generation.n_samples ?? trained.rows;
  const chunks = planChunks(rows, rowsPerChunk);
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
        seed: seedOfChunk(generation.seed ?? job.seed, chunk.index),
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
