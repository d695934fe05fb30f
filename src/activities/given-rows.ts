/**
 * What a generation is given, cut into the chunks that it is asked for in: for each the codes that go into its request, and
 * the values that its rows keep. Written once, before a request is spent, so that every attempt sends the same bytes and a
 * file that changes meanwhile changes nothing. History holds one reference; the values end with the job's artifacts.
 */
import type { ArtifactStore } from '../artifacts/artifact-store.js';
import type { FileOfRequest } from '../artifacts/distinct-files.js';
import type { FileAccess } from '../artifacts/file-access.js';
import { resolveTableFiles } from '../artifacts/table-files.js';
import type { ArtifactRef } from '../contract/artifact.js';
import { planChunks } from '../contract/chunks.js';
import { type GivenTable, givenTableOf, trialsOf } from '../contract/given-table.js';
import { InputError } from '../contract/input-error.js';
import type { GenerationSettings } from '../contract/requests.js';
import {
  type Analysis,
  type Conditions,
  fixedValuesText,
  type GivenCodes,
  type ReadConditionsOptions,
  readConditions,
  readTable,
  sliceTable,
  type Table,
} from '../table/index.js';
import { storeTable } from './store-table.js';

/** A small result: what a workflow hands on to the chunks. */
export interface GivenRows {
  index: ArtifactRef;
  rows: number;
}

interface GivenIndex {
  columns: readonly string[];
  imputed: readonly string[];
  chunks: { fixedValues: ArtifactRef; values: ArtifactRef }[];
}

const INDEX_BYTES_MAX = 16 * 1024 * 1024;
/** Codes of one chunk: 100 000 rows of 1 000 sub-columns. */
const FIXED_VALUES_BYTES_MAX = 512 * 1024 * 1024;

export interface FoundGiven {
  given: GivenTable;
  /** Those that the table is made of. */
  files: FileOfRequest[];
}

/** Where the table of conditions or of imputing is; undefined where the request has none. @throws InputError as resolveTableFiles */
export async function findGiven(generation: GenerationSettings, access: FileAccess): Promise<FoundGiven | undefined> {
  const given = givenTableOf(generation);
  if (given === undefined) return undefined;
  const param = `${given.param}.uri`;
  const paths = await resolveTableFiles(given.source.uri, access, param);
  return { given, files: paths.map((path) => ({ path, param })) };
}

/** @throws InputError as readConditions; request_invalid for an n_samples that is not its number of rows */
export async function readGiven(
  { given, files }: FoundGiven,
  { n_samples }: GenerationSettings,
  analysis: Analysis,
  options: ReadConditionsOptions,
): Promise<Conditions> {
  const conditions = await readConditions(
    files.map(({ path }) => path),
    given,
    analysis,
    options,
  );
  const { rows } = conditions.given;
  if (n_samples !== undefined && n_samples !== rows) {
    throw new InputError(
      'request_invalid',
      `generation.n_samples is ${n_samples} and ${given.param} has ${rows} rows, each of them one row of the output. Leave n_samples out.`,
      'generation.n_samples',
    );
  }
  return conditions;
}

/** @throws InputError as planChunks */
export async function storeGiven(
  artifacts: ArtifactStore,
  job: string,
  { given, imputed, codes }: Conditions,
  { rowsPerChunk, generation }: { rowsPerChunk: number; generation: GenerationSettings },
): Promise<GivenRows> {
  const index: GivenIndex = { columns: given.columns.map(({ name }) => name), imputed, chunks: [] };
  for (const { index: i, firstRow, rows } of planChunks(given.rows, rowsPerChunk, trialsOf(generation))) {
    const fixedValues = await artifacts.write(
      job,
      `fixed-values-${i}.json`,
      bytesOf(fixedValuesText({ codes }, firstRow, rows)),
    );
    const values = await storeTable(artifacts, job, `given-${i}.parquet`, sliceTable(given, firstRow, rows));
    index.chunks.push({ fixedValues, values });
  }
  const ref = await artifacts.write(job, 'given.json', [Buffer.from(JSON.stringify(index))]);
  return { index: ref, rows: given.rows };
}

/** The columns whose every value is given. Where holes were filled, a column is the model's work in part. */
export async function givenColumnsOf(artifacts: ArtifactStore, ref: ArtifactRef): Promise<string[]> {
  const { columns, imputed } = await readIndex(artifacts, ref);
  return columns.filter((name) => !imputed.includes(name));
}

/** What the request of a chunk says of its rows. */
export async function givenCodesOf(artifacts: ArtifactStore, ref: ArtifactRef, chunk: number): Promise<GivenCodes> {
  const { columns, imputed, chunks } = await readIndex(artifacts, ref);
  const text = await artifacts.readAll(chunks[chunk]!.fixedValues, FIXED_VALUES_BYTES_MAX);
  return { columns, imputed, fixedValues: Buffer.from(text).toString('utf8') };
}

/** The values that the rows of a chunk keep, by column in the order of `columns`. */
export async function givenValuesOf(artifacts: ArtifactStore, ref: ArtifactRef, chunk: number): Promise<Table> {
  const { columns, chunks } = await readIndex(artifacts, ref);
  const { rows, columns: stored } = await readTable(await artifacts.localPath(chunks[chunk]!.values), {
    format: 'parquet',
  });
  // A Parquet file of ours tells names apart that differ in case alone by a suffix: their order is what counts.
  return { rows, columns: stored.map((column, place) => ({ ...column, name: columns[place]! })) };
}

async function readIndex(artifacts: ArtifactStore, ref: ArtifactRef): Promise<GivenIndex> {
  const bytes = await artifacts.readAll(ref, INDEX_BYTES_MAX);
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as GivenIndex;
}

function* bytesOf(texts: Iterable<string>): Generator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}
