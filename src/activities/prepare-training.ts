/**
 * Reads the private table and writes the bodies that will be sent: metadata for the model, encoded batches for its
 * training. Everything a caller can get wrong is found here, before a request is spent; raw rows end here.
 * A cancel ends the reading and the threads that encode.
 */

import { checkDistinct, type FileOfRequest } from '../artifacts/distinct-files.js';
import { type FileAccess, resolveWritable } from '../artifacts/file-access.js';
import { checkNotMatched, resolveTableFiles } from '../artifacts/table-files.js';
import type { EncodingType } from '../contract/encoding.js';
import { seedOf } from '../contract/keys.js';
import { ROWS_PER_CHUNK } from '../contract/limits.js';
import type {
  ColumnsRequest,
  GenerationSettings,
  ModelSettings,
  OutputRequest,
  ReportRequest,
  TableSource,
} from '../contract/requests.js';
import type { PreparedTraining } from '../contract/reusable.js';
import {
  type Analysis,
  analyzeByColumn,
  type Codes,
  type Conditions,
  checkGeneration,
  createBodyOf,
  encodeByColumn,
  finishWithPauses,
  Random,
  type ReadOptions,
  readTable,
  type TablePath,
  withPreparedTable,
} from '../table/index.js';
import { attempt } from './attempt.js';
import type { DataDeps } from './deps.js';
import { type FoundGiven, findGiven, readGiven, storeGiven } from './given-rows.js';
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
  rowsPerChunk?: number;
  output?: OutputRequest;
  report?: ReportRequest | undefined;
  /** For rare thresholds, fills, batches and embeddings. */
  seed: number;
}

export const prepareTraining =
  ({ artifacts, access }: DataDeps) =>
  (input: PrepareTrainingInput): Promise<PreparedTraining> =>
    attempt(async (signal) => {
      const { job, model, generation, seed, rowsPerChunk = ROWS_PER_CHUNK } = input;
      const { path, options, found } = await checkFiles(input, await access());
      const preparation = {
        ...options,
        encodings: options.columns.encoding,
        protectRare: model.privacy.protect_rare,
        model,
        seeds: { thresholds: seed, fills: seedOf(seed, 'fills'), batches: seedOf(seed, 'batches') },
        signal,
      };
      return await withPreparedTable(path, preparation, async ({ analysis: table, counts, upload: uploadBody }) => {
        const { analysis, conditions } = await withGeneration(table, { generation, found, seed, signal });
        const given =
          conditions && generation
            ? { given: await storeGiven(artifacts, job, conditions, { rowsPerChunk, generation }) }
            : {};
        const metadata = await writeTrainedMetadata(artifacts, input.modelGroup, { analysis, model });
        const create = await artifacts.write(job, 'create.json', createBodyOf(analysis, counts, model).chunks());
        const upload = await artifacts.write(job, 'init-training.json', uploadBody());
        return { metadata, create, upload, rows: analysis.rows, ...given, warnings: analysis.warnings };
      });
    });

/** The same checks, then the table as codes in memory: what `dxo plan` shows. @throws InputError */
export async function encodeTable(
  input: Omit<PrepareTrainingInput, 'job' | 'modelGroup' | 'rowsPerChunk'>,
  access: FileAccess,
): Promise<{ analysis: Analysis; codes: Codes; conditions?: Conditions }> {
  const { model, seed } = input;
  const { path, options, found } = await checkFiles(input, access);
  const read = await readTable(path, options);
  const analysis = await finishWithPauses(
    analyzeByColumn(read, {
      encodings: options.columns.encoding,
      protectRare: model.privacy.protect_rare,
      random: new Random(seed),
    }),
  );
  return {
    ...(await withGeneration(analysis, { ...input, found })),
    codes: await finishWithPauses(encodeByColumn(read, analysis, new Random(seedOf(seed, 'fills')))),
  };
}

async function checkFiles(
  input: Omit<PrepareTrainingInput, 'job' | 'modelGroup' | 'rowsPerChunk' | 'seed'>,
  access: FileAccess,
): Promise<{
  path: TablePath;
  options: ReadOptions & { columns: { encoding: Record<string, EncodingType> } };
  found: FoundGiven | undefined;
}> {
  const { table, columns, model, generation, output, report } = input;
  const { uri, ...how } = table;
  const paths = await resolveTableFiles(uri, access, 'table.uri');
  const found = generation === undefined ? undefined : await findGiven(generation, access);
  // To impute the table itself is what many want.
  const given = found?.files.filter(({ path }) => !paths.includes(path)) ?? [];
  const written: FileOfRequest[] = [];
  for (const [param, file] of [
    ['output.uri', output],
    ['report.uri', report],
  ] as const) {
    if (file === undefined) continue;
    written.push({ path: await resolveWritable(file.uri, access, { overwrite: file.overwrite }, param), param });
  }
  checkDistinct([...paths.map((path) => ({ path, param: 'table.uri' })), ...given, ...written]);
  await checkNotMatched(uri, written);
  const encoding = { ...model.encoding_types, ...columns?.encoding };
  return { path: paths, options: { ...how, columns: { ...columns, encoding } }, found };
}

/** What the request asks of the generation, held against what was found in the table. */
async function withGeneration(
  table: Analysis,
  {
    generation,
    found,
    seed,
    signal,
  }: {
    generation?: GenerationSettings | undefined;
    found: FoundGiven | undefined;
    seed: number;
    signal?: AbortSignal;
  },
): Promise<{ analysis: Analysis; conditions?: Conditions }> {
  if (generation === undefined) return { analysis: table };
  const ofGeneration = checkGeneration(table, generation);
  const conditions =
    found === undefined
      ? undefined
      : await readGiven(found, generation, table, { seed: seedOf(seed, 'conditions'), signal });
  const warnings = [...table.warnings, ...ofGeneration, ...(conditions?.warnings ?? [])];
  return { analysis: { ...table, warnings }, ...(conditions === undefined ? {} : { conditions }) };
}
