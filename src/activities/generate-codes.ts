/** POST /v1/models/{id}/generate: one chunk of rows. The body follows from the arguments alone, so a retry sends the same bytes. */
import type { ArtifactRef } from '../contract/artifact.js';
import type { ModelId } from '../contract/ids.js';
import type { GenerationSettings } from '../contract/requests.js';
import { generateBody } from '../table/index.js';
import { attemptRequest } from './attempt.js';
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
  (input: GenerateCodesInput): Promise<Attempted<{ codes: ArtifactRef }>> =>
    attemptRequest(
      async (signal) => {
        const { analysis, model } = await readTrainedMetadata(artifacts, input.metadata);
        const { generation, chunk, seed } = input;
        const body = generateBody(analysis, {
          rows: chunk.rows,
          model,
          generation,
          ...(seed === undefined ? {} : { seed }),
        });
        return api.generate(input.modelId, body, { idempotencyKey: input.key, signal });
      },
      async ({ raw }) => ({ codes: await artifacts.write(input.job, `codes-${input.chunk.index}.json`, [raw]) }),
      () => input.modelId,
    );
