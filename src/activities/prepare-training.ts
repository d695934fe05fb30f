/**
 * Reads the private table and writes the bodies that will be sent: metadata for the model, encoded batches for its
 * training. Everything a caller can get wrong is found here, before a request is spent; raw rows end here.
 * A cancel ends the reading and the threads that encode.
 */

import { checkDistinct } from '../artifacts/distinct-files.js';
import { type FileAccess, resolveReadable, resolveWritable } from '../artifacts/file-access.js';
import type { ArtifactRef } from '../contract/artifact.js';
import { seedOf } from '../contract/keys.js';
import type {
  ColumnsRequest,
  GenerationSettings,
  ModelSettings,
  OutputRequest,
  ReportRequest,
  TableSource,
} from '../contract/requests.js';
import {
  type Analysis,
  analyzeByColumn,
  type Codes,
  checkGeneration,
  createBodyOf,
  encodeByColumn,
  finishWithPauses,
  Random,
  type ReadOptions,
  readTable,
  withPreparedTable,
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
  report?: ReportRequest | undefined;
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
    attempt(async (signal) => {
      const { model, seed } = input;
      const { path, options } = await checkFiles(input, await access());
      const preparation = {
        ...options,
        encodings: input.columns?.encoding ?? {},
        protectRare: model.privacy.protect_rare,
        model,
        seeds: { thresholds: seed, fills: seedOf(seed, 'fills'), batches: seedOf(seed, 'batches') },
        signal,
      };
      return await withPreparedTable(path, preparation, async ({ analysis: found, counts, upload: uploadBody }) => {
        const analysis = withWarnings(found, input.generation);
        const metadata = await writeTrainedMetadata(artifacts, input.modelGroup, { analysis, model });
        const create = await artifacts.write(input.job, 'create.json', createBodyOf(analysis, counts, model).chunks());
        const upload = await artifacts.write(input.job, 'init-training.json', uploadBody());
        return { metadata, create, upload, rows: analysis.rows, warnings: analysis.warnings };
      });
    });

/** The same checks, then the table as codes in memory: what `dxo plan` shows. @throws InputError */
export async function encodeTable(
  input: Omit<PrepareTrainingInput, 'job' | 'modelGroup'>,
  access: FileAccess,
): Promise<{ analysis: Analysis; codes: Codes }> {
  const { columns, model, generation, seed } = input;
  const { path, options } = await checkFiles(input, access);
  const read = await readTable(path, options);
  const analysis = await finishWithPauses(
    analyzeByColumn(read, {
      encodings: columns?.encoding ?? {},
      protectRare: model.privacy.protect_rare,
      random: new Random(seed),
    }),
  );
  return {
    analysis: withWarnings(analysis, generation),
    codes: await finishWithPauses(encodeByColumn(read, analysis, new Random(seedOf(seed, 'fills')))),
  };
}

async function checkFiles(
  { table, columns, output, report }: Pick<PrepareTrainingInput, 'table' | 'columns' | 'output' | 'report'>,
  access: FileAccess,
): Promise<{ path: string; options: ReadOptions }> {
  const { uri, ...how } = table;
  const path = await resolveReadable(uri, access, 'table.uri');
  const files = [{ path, param: 'table.uri' }];
  for (const [param, file] of [
    ['output.uri', output],
    ['report.uri', report],
  ] as const) {
    if (file === undefined) continue;
    files.push({ path: await resolveWritable(file.uri, access, { overwrite: file.overwrite }, param), param });
  }
  checkDistinct(files);
  return { path, options: { ...how, ...(columns === undefined ? {} : { columns }) } };
}

function withWarnings(analysis: Analysis, generation: GenerationSettings | undefined): Analysis {
  const warnings = generation === undefined ? [] : checkGeneration(analysis, generation);
  return { ...analysis, warnings: [...analysis.warnings, ...warnings] };
}
