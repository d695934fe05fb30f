/**
 * Checks what `generate` was given before a request is spent: the metadata is there and whole, the settings fit it, the output
 * can be written; and cuts what the rows are given into chunks.
 */

import { checkDistinct } from '../artifacts/distinct-files.js';
import { resolveWritable } from '../artifacts/file-access.js';
import type { ArtifactRef } from '../contract/artifact.js';
import type { GenerationSettings, OutputRequest } from '../contract/requests.js';
import { checkGeneration } from '../table/index.js';
import { attempt } from './attempt.js';
import type { DataDeps } from './deps.js';
import { findGiven, type GivenRows, readGiven, storeGiven } from './given-rows.js';
import { readTrainedMetadata } from './trained-metadata.js';

export interface PrepareGenerationInput {
  /** Artifacts that end with the job. */
  job: string;
  metadata: ArtifactRef;
  generation: GenerationSettings;
  output: OutputRequest;
  rowsPerChunk: number;
  /** For fills of nulls. */
  seed: number;
}

export interface PreparedGeneration {
  given?: GivenRows;
  warnings: string[];
}

export const prepareGeneration =
  ({ artifacts, access }: DataDeps) =>
  ({ job, metadata, generation, output, rowsPerChunk, seed }: PrepareGenerationInput): Promise<PreparedGeneration> =>
    attempt(async (signal) => {
      const { analysis } = await readTrainedMetadata(artifacts, metadata);
      const warnings = checkGeneration(analysis, generation);
      const roots = await access();
      const path = await resolveWritable(output.uri, roots, { overwrite: output.overwrite }, 'output.uri');
      const found = await findGiven(generation, roots);
      if (found === undefined) return { warnings };
      checkDistinct([...found.files, { path, param: 'output.uri' }]);
      const conditions = await readGiven(found, generation, analysis, { seed, signal });
      const given = await storeGiven(artifacts, job, conditions, { rowsPerChunk, generation });
      return { given, warnings: [...warnings, ...conditions.warnings] };
    });
