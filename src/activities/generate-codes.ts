/** POST /v1/models/{id}/generate: one chunk of rows. The body follows from the arguments alone, so a retry sends the same bytes. */
import type { RequestBody } from '../api/dataxid-api.js';
import type { RowsWanted } from '../budget/row-quota.js';
import type { ArtifactRef } from '../contract/artifact.js';
import type { ModelId } from '../contract/ids.js';
import type { GenerationSettings } from '../contract/requests.js';
import { generateBody } from '../table/index.js';
import { attemptRequest } from './attempt.js';
import type { ApiDeps, Attempted } from './deps.js';
import { givenCodesOf } from './given-rows.js';
import { readTrainedMetadata } from './trained-metadata.js';
import { useKey } from './use-key.js';

export interface GenerateCodesInput {
  key: string;
  /** Artifacts of this job are kept together under this name. */
  job: string;
  modelId: ModelId;
  metadata: ArtifactRef;
  generation: GenerationSettings;
  chunk: { index: number; rows: number };
  /** Which time the same rows are asked for, from 0. */
  trial?: number;
  /** What the API samples with; absent: its own choice. */
  seed?: number;
  /** Index of what the rows are given (given-rows.ts). */
  given?: ArtifactRef;
  /** What the job will still be billed, this chunk included; absent: asked by an older release. */
  rowsLeft?: number;
  /** The job was held for the quota, and goes on. */
  isAskedAgain?: boolean;
}

export const generateCodes =
  ({ api, artifacts, turns, keyUseMs }: ApiDeps) =>
  (input: GenerateCodesInput): Promise<Attempted<{ codes: ArtifactRef }>> => {
    const { generation, chunk, seed, modelId } = input;
    const prepare = async (): Promise<{ body: RequestBody; isFirstUse: boolean }> => {
      const isFirstUse = await useKey({ artifacts, keyUseMs }, input);
      const { analysis, model } = await readTrainedMetadata(artifacts, input.metadata);
      const body = generateBody(analysis, {
        rows: chunk.rows,
        model,
        generation,
        ...(seed === undefined ? {} : { seed }),
        ...(input.given === undefined ? {} : { given: await givenCodesOf(artifacts, input.given, chunk.index) }),
      });
      return { body, isFirstUse };
    };
    const quotaOf = ({ isFirstUse }: { isFirstUse: boolean }): RowsWanted => ({
      rows: chunk.rows,
      rowsLeft: input.rowsLeft ?? chunk.rows,
      isAskedAgain: input.isAskedAgain === true,
      mayHaveBeenSent: !isFirstUse,
    });
    return attemptRequest(
      { turns, kind: 'generate', modelOf: () => modelId, prepare, quotaOf },
      (signal, { body }) => api.generate(modelId, body, { idempotencyKey: input.key, signal }),
      async ({ raw }) => ({ codes: await artifacts.write(input.job, nameOf(chunk.index, input.trial), [raw]) }),
    );
  };

function nameOf(chunk: number, trial = 0): string {
  return trial === 0 ? `codes-${chunk}.json` : `codes-${chunk}-trial-${trial}.json`;
}
