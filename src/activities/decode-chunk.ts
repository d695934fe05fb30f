/**
 * Turns one chunk's codes back into values, as a Parquet part: types are kept until the output is assembled. Where rows were
 * asked for several times, each cell is one of what came; what they were given stays as it was.
 */
import type { ArtifactStore } from '../artifacts/artifact-store.js';
import type { ArtifactRef } from '../contract/artifact.js';
import { seedOf } from '../contract/keys.js';
import { ANSWER_BYTES_MAX } from '../contract/limits.js';
import type { ImputePick } from '../contract/requests.js';
import { decodeAnswer, finishWithPauses, keepGiven, type PlainTable, pickOverTrials } from '../table/index.js';
import { attempt } from './attempt.js';
import type { DataDeps } from './deps.js';
import { givenValuesOf } from './given-rows.js';
import { storeTable } from './store-table.js';
import { readTrainedMetadata } from './trained-metadata.js';

export interface DecodeChunkInput {
  job: string;
  metadata: ArtifactRef;
  codes: ArtifactRef;
  /** What came when the same rows were asked for again. */
  furtherTrials?: ArtifactRef[];
  chunk: { index: number; rows: number };
  rareStrategy?: 'mask' | 'sample' | undefined;
  /** For values inside a bin and for masked categories. */
  seed: number;
  /** Index of what the rows are given (given-rows.ts). */
  given?: ArtifactRef;
  pick?: ImputePick;
}

export const decodeChunk =
  ({ artifacts }: DataDeps) =>
  (input: DecodeChunkInput): Promise<{ part: ArtifactRef }> =>
    attempt(async (signal) => {
      const { job, chunk, pick = 'mode', given } = input;
      const decoded = await decodeTrials(artifacts, input, signal);
      const values = given === undefined ? undefined : await givenValuesOf(artifacts, given, chunk.index);
      const table = await finishWithPauses(puttingTogether(decoded, values, pick));
      return { part: await storeTable(artifacts, job, `part-${chunk.index}.parquet`, table) };
    });

/** Each with randomness of its own: inside a bin, the same code is not the same value twice. */
async function decodeTrials(
  artifacts: ArtifactStore,
  { metadata, codes, furtherTrials = [], chunk, rareStrategy, seed }: DecodeChunkInput,
  signal: AbortSignal,
): Promise<PlainTable[]> {
  const { analysis, model } = await readTrainedMetadata(artifacts, metadata);
  const tables: PlainTable[] = [];
  for (const [trial, ref] of [codes, ...furtherTrials].entries()) {
    const task = {
      answer: await artifacts.readAll(ref, ANSWER_BYTES_MAX),
      analysis,
      rows: chunk.rows,
      rareStrategy: rareStrategy ?? model.privacy.rare_strategy,
      seed: trial === 0 ? seed : seedOf(seed, 'trial', trial),
    };
    tables.push(await decodeAnswer(task, signal));
  }
  return tables;
}

/** Rests after each column. */
function* puttingTogether(
  trials: readonly PlainTable[],
  given: PlainTable | undefined,
  pick: ImputePick,
): Generator<void, PlainTable> {
  const [first] = trials as [PlainTable];
  const givenByName = new Map(given?.columns.map((column) => [column.name, column]));
  const columns = [];
  for (const [place, column] of first.columns.entries()) {
    const picked =
      trials.length === 1
        ? column
        : pickOverTrials(
            trials.map((trial) => trial.columns[place]!),
            pick,
          );
    const values = givenByName.get(column.name);
    columns.push(values === undefined ? picked : keepGiven(picked, values));
    yield;
  }
  return { rows: first.rows, columns };
}
