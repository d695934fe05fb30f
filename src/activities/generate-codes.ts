/** POST /v1/models/{id}/generate: one chunk of rows. The body follows from the arguments alone, so a retry sends the same bytes. */
import { activityInfo } from '@temporalio/activity';
import type { ArtifactRef } from '../contract/artifact.js';
import type { ModelId } from '../contract/ids.js';
import type { GenerationSettings } from '../contract/requests.js';
import { generateBody } from '../table/index.js';
import { attempt } from './attempt.js';
import type { ApiDeps, Attempted } from './deps.js';
import { readTrainedMetadata } from './trained-metadata.js';

export interface GenerateCodesInput {
  key: string;
  /** Artifacts of this job are kept together under this name. */
  job: string;
  modelId: ModelId;
  metadata: ArtifactRef;
  generation: GenerationSettings;
  chunk: { index: number; rows: number };
  /** What the API samples with; absent: its own choice. */
  seed?: number;
}

export const generateCodes =
  ({ api, artifacts }: ApiDeps) =>
  ({
    key,
    job,
    modelId,
    metadata,
    generation,
    chunk,
    seed,
  }: GenerateCodesInput): Promise<Attempted<{ codes: ArtifactRef }>> =>
    attempt(async (signal) => {
      const { analysis, model } = await readTrainedMetadata(artifacts, metadata);
      const body = generateBody(analysis, {
        rows: chunk.rows,
        model,
        generation,
        ...(seed === undefined ? {} : { seed }),
      });
      const { data } = await api.generate(modelId, body, { idempotencyKey: key, signal });
      const codes = await artifacts.write(job, `codes-${chunk.index}.json`, [data.raw]);
      return { codes, attempts: activityInfo().attempt };
    });
