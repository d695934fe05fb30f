/** Checks what `generate` was given before a request is spent: the metadata is there and whole, the settings fit it, the output can be written. */

import { resolveWritable } from '../artifacts/file-access.js';
import type { ArtifactRef } from '../contract/artifact.js';
import type { GenerationSettings, OutputRequest } from '../contract/requests.js';
import { checkGeneration } from '../table/index.js';
import { attempt } from './attempt.js';
import type { DataDeps } from './deps.js';
import { readTrainedMetadata } from './trained-metadata.js';

export interface PrepareGenerationInput {
  metadata: ArtifactRef;
  generation: GenerationSettings;
  output: OutputRequest;
}

export const prepareGeneration =
  ({ artifacts, access }: DataDeps) =>
  ({ metadata, generation, output }: PrepareGenerationInput): Promise<void> =>
    attempt(async () => {
      const { analysis } = await readTrainedMetadata(artifacts, metadata);
      checkGeneration(analysis, generation);
      await resolveWritable(output.uri, await access(), { overwrite: output.overwrite }, 'output.uri');
    });
