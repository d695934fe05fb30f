/**
 * From a trained model to an output file: chunks asked for and decoded a few at a time, then assembled in order. An
 * operator's `salvage` stops the asking; what is there is written, and the result says how much that is.
 */
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { ArtifactRef } from '../contract/artifact.js';
import { type Chunk, planChunks, seedOfChunk } from '../contract/chunks.js';
import { CHUNKS_AT_ONCE } from '../contract/limits.js';
import type { GenerationSettings, OutputRequest, TrainedModel } from '../contract/requests.js';
import type { OutputResult } from '../contract/results.js';
import { eachAtMost } from './each-at-most.js';
import type { Job } from './job.js';
import { dataStep } from './steps.js';

export interface GenerateTableInput {
  trained: TrainedModel;
  generation: GenerationSettings;
  output: OutputRequest;
  rowsPerChunk: number;
}

export async function generateTable(job: Job, input: GenerateTableInput): Promise<OutputResult> {
  const { trained, generation, output, rowsPerChunk } = input;
  const { modelId } = trained;
  const rows = generation.n_samples ?? trained.rows;
  const chunks = planChunks(rows, rowsPerChunk);
  const parts = new Map<number, ArtifactRef>();
  let rowsDone = 0;
  job.enter({ stage: 'generating', modelId, rowsDone, rows });

  const scope = new CancellationScope();
  // Salvaging cuts what is asked for, not the decoding of what has come: it is paid for.
  const asking = new CancellationScope({ cancellable: true, parent: scope });
  let isSalvaged = false;
  job.generates({
    rowsDone: () => rowsDone,
    stop() {
      isSalvaged = true;
      asking.cancel();
    },
  });
  try {
    await eachAtMost(scope, CHUNKS_AT_ONCE, chunks, async (chunk) => {
      if (isSalvaged) return;
      const codes = await asking
        .run(() => askForChunk(job, input, chunk, chunks.length))
        .catch((error: unknown) => {
          if (isSalvaged && isCancellation(error) && !scope.consideredCancelled) return undefined;
          throw error;
        });
      if (codes === undefined) return;
      parts.set(chunk.index, await decode(job, input, chunk, chunks.length, codes));
      rowsDone += chunk.rows;
      job.enter({ stage: 'generating', modelId, rowsDone, rows });
    });
  } finally {
    job.generates(undefined);
  }
  if (isSalvaged) {
    job.warnings.push(`Salvaged: ${rowsDone} of ${rows} rows were there when an operator ended the generation.`);
  }

  job.enter({ stage: 'assembling', rows: rowsDone });
  const written = await dataStep('write the output').assembleOutput({
    job: job.artifacts,
    parts: [...parts].sort(([one], [other]) => one - other).map(([, part]) => part),
    rows: rowsDone,
    output,
  });
  job.note(
    'output',
    `${written.uri} (${written.rows} rows, ${written.bytes} bytes, sha256 ${written.sha256.slice(0, 12)}…)`,
  );
  return written;
}

async function askForChunk(
  job: Job,
  { trained: { modelId, metadata }, generation }: GenerateTableInput,
  chunk: Chunk,
  count: number,
): Promise<ArtifactRef> {
  const summary = `generate chunk ${chunk.index + 1} of ${count}`;
  const seed = seedOfChunk(generation.seed ?? job.seed, chunk.index);
  const { codes } = await job.askOnce('generate', chunk.index, summary, (api, key) =>
    api.generateCodes({ key, job: job.artifacts, modelId, metadata, generation, chunk, seed }),
  );
  return codes;
}

async function decode(
  job: Job,
  { trained: { metadata }, generation }: GenerateTableInput,
  chunk: Chunk,
  count: number,
  codes: ArtifactRef,
): Promise<ArtifactRef> {
  const { part } = await dataStep(`decode chunk ${chunk.index + 1} of ${count}`).decodeChunk({
    job: job.artifacts,
    metadata,
    codes,
    chunk,
    rareStrategy: generation.rare_strategy,
    seed: job.seedFor('decode', chunk.index),
  });
  return part;
}
