/**
 * Reads the private table and writes the bodies that will be sent: metadata for the model, encoded batches for its
 * training. Everything a caller can get wrong is found here, before a request is spent; raw rows end here.
 */

import { type FileAccess, resolveReadable, resolveWritable } from '../artifacts/file-access.js';
import type { ArtifactRef } from '../contract/artifact.js';
import { seedOf } from '../contract/keys.js';
import type {
  ColumnsRequest,
  GenerationSettings,
  ModelSettings,
  OutputRequest,
  TableSource,
} from '../contract/requests.js';
import {
  type Analysis,
  analyzeByColumn,
  type Codes,
  checkGeneration,
  createBody,
  encodeByColumn,
  finishWithPauses,
  initTrainingBody,
  Random,
  readTable,
} from '../table/index.js';
import { attempt } from './attempt.js';
import type { DataDeps } from './deps.js';
import { writeTrainedMetadata } from './trained-metadata.js';

export interface PrepareTrainingInput {
  /** Artifacts that end with the job. */
  job: string;
  /** Artifacts that live as long as the model. */
  modelGroup: string;
  table: TableSource;
  columns?: ColumnsRequest | undefined;
  model: ModelSettings;
  /** synthesize only: checked here, since a wrong one would be found after a paid training. */
  generation?: GenerationSettings;
  output?: OutputRequest;
  /** For rare thresholds, fills, batches and embeddings. */
  seed: number;
}

export interface PreparedTraining {
  metadata: ArtifactRef;
  create: ArtifactRef;
  upload: ArtifactRef;
  rows: number;
  warnings: string[];
}

export const prepareTraining =
  ({ artifacts, access }: DataDeps) =>
  (input: PrepareTrainingInput): Promise<PreparedTraining> =>
    attempt(async () => {
      const { analysis, codes } = await encodeTable(input, await access());
      const model = input.model;
      const metadata = await writeTrainedMetadata(artifacts, input.modelGroup, { analysis, model });
      const create = await artifacts.write(input.job, 'create.json', createBody(analysis, codes, model).chunks());
      const batches = initTrainingBody(analysis, codes, model, new Random(seedOf(input.seed, 'batches')));
      const upload = await artifacts.write(input.job, 'init-training.json', batches);
      return { metadata, create, upload, rows: analysis.rows, warnings: analysis.warnings };
    });

/** The checks, then the table as codes. `dxo plan` shows what comes of it. @throws InputError */
export async function encodeTable(
  { table, columns, model, generation, output, seed }: Omit<PrepareTrainingInput, 'job' | 'modelGroup'>,
  access: FileAccess,
): Promise<{ analysis: Analysis; codes: Codes }> {
  const { uri, ...how } = table;
  const path = await resolveReadable(uri, access, 'table.uri');
  if (output !== undefined) await resolveWritable(output.uri, access, { overwrite: output.overwrite }, 'output.uri');
  const read = await readTable(path, { ...how, ...(columns === undefined ? {} : { columns }) });
  const analysis = await finishWithPauses(
    analyzeByColumn(read, {
      encodings: columns?.encoding ?? {},
      protectRare: model.privacy.protect_rare,
      random: new Random(seed),
    }),
  );
  const warnings = generation === undefined ? [] : checkGeneration(analysis, generation);
  return {
    analysis: { ...analysis, warnings: [...analysis.warnings, ...warnings] },
    codes: await finishWithPauses(encodeByColumn(read, analysis, new Random(seedOf(seed, 'fills')))),
  };
}
