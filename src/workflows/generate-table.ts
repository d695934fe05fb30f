/**
 * From a trained model to an output file: chunks asked for and decoded a few at a time, then assembled in order. An
 * operator's `salvage` stops the asking; what is there is written, and the result says how much that is.
 */
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { GivenRows } from '../activities/given-rows.js';
import type { ArtifactRef } from '../contract/artifact.js';
import { type Chunk, planChunks, seedOfChunk } from '../contract/chunks.js';
import { trialsOf } from '../contract/given-table.js';
import { CHUNKS_AT_ONCE } from '../contract/limits.js';
import type { GenerationSettings, OutputRequest, TrainedModel } from '../contract/requests.js';
import type { OutputResult } from '../contract/results.js';
import type { ReusableChunk } from '../contract/reusable.js';
import { eachAtMost } from './each-at-most.js';
import type { Job } from './job.js';
import { rowsToBill } from './rows-to-bill.js';
import { dataStep } from './steps.js';

export interface GenerateTableInput {
  trained: TrainedModel;
  generation: GenerationSettings;
  given: GivenRows | undefined;
  output: OutputRequest;
  rowsPerChunk: number;
  /** Chunks that the job before had made, where this one is a retry. */
  made: readonly ReusableChunk[];
}

export async function generateTable(job: Job, input: GenerateTableInput): Promise<OutputResult> {
  const { trained, generation, given, output, rowsPerChunk } = input;
  const { modelId } = trained;
  const rows = given?.rows ?? generation.n_samples ?? trained.rows;
  const chunks = planChunks(rows, rowsPerChunk, trialsOf(generation));
  const parts = new Map<number, ArtifactRef>();
  let rowsDone = 0;
  const madeBefore = new Map(input.made.map((chunk) => [chunk.firstRow, chunk]));
  for (const chunk of chunks) {
    const part = madeBefore.get(chunk.firstRow)?.part;
    if (part === undefined) continue;
    parts.set(chunk.index, part);
    rowsDone += chunk.rows;
  }
  // Codes of one of several trials are no answer.
  const codesBefore = ({ firstRow }: Chunk): ArtifactRef[] | undefined => {
    const codes = madeBefore.get(firstRow)?.codes;
    return codes === undefined || trialsOf(generation) > 1 ? undefined : [codes];
  };
  const toMake = chunks.filter(({ index }) => !parts.has(index));
  let rowsLeft = rowsToBill({ rows, rowsPerChunk, generation, made: input.made });
  const bill = {
    rowsLeft: () => rowsLeft,
    add(billedRows: number): void {
      rowsLeft -= billedRows;
    },
  };
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
    await eachAtMost(scope, CHUNKS_AT_ONCE, toMake, async (chunk) => {
      if (isSalvaged) return;
      const codes =
        codesBefore(chunk) ??
        (await asking
          .run(() => askForTrials(job, input, chunk, chunks.length, bill))
          .catch((error: unknown) => {
            if (isSalvaged && isCancellation(error) && !scope.consideredCancelled) return undefined;
            throw error;
          }));
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

/** The codes of a chunk: once, or as often as imputing has trials. */
async function askForTrials(
  job: Job,
  { trained: { modelId, metadata }, generation, given }: GenerateTableInput,
  chunk: Chunk,
  count: number,
  bill: { rowsLeft: () => number; add: (rows: number) => void },
): Promise<ArtifactRef[]> {
  const trials = trialsOf(generation);
  const answers: ArtifactRef[] = [];
  for (let trial = 0; trial < trials; trial += 1) {
    const which = trials === 1 ? '' : `, trial ${trial + 1} of ${trials}`;
    const summary = `generate chunk ${chunk.index + 1} of ${count}${which}`;
    const seed = seedOfChunk(generation.seed ?? job.seed, chunk.index, trial);
    const { codes } = await job.askOnce('generate', chunk.index * trials + trial, summary, (api, key, isAskedAgain) =>
      api.generateCodes({
        key,
        job: job.artifacts,
        modelId,
        metadata,
        generation,
        chunk,
        trial,
        seed,
        ...(given === undefined ? {} : { given: given.index }),
        rowsLeft: bill.rowsLeft(),
        isAskedAgain,
      }),
    );
    bill.add(chunk.rows);
    answers.push(codes);
  }
  return answers;
}

async function decode(
  job: Job,
  { trained: { metadata }, generation, given }: GenerateTableInput,
  chunk: Chunk,
  count: number,
  [codes, ...furtherTrials]: ArtifactRef[],
): Promise<ArtifactRef> {
  const { part } = await dataStep(`decode chunk ${chunk.index + 1} of ${count}`).decodeChunk({
    job: job.artifacts,
    metadata,
    codes: codes as ArtifactRef,
    chunk,
    rareStrategy: generation.rare_strategy,
    seed: job.seedFor('decode', chunk.index),
    ...(given === undefined ? {} : { given: given.index, furtherTrials, pick: generation.impute?.pick }),
  });
  return part;
}
