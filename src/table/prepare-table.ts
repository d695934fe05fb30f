/**
 * A file of any size becomes what training is started with: its analysis, how often each code occurs, and the body of the
 * upload as a stream. Columns are read one by one (DuckDB, this thread), analyzed and encoded by a thread, and kept as
 * codes in a scratch file; then threads render the upload side by side, in order. Memory holds two columns, or a few
 * stretches of the upload, never a table; this thread never computes for long.
 * The same seeds give the same bytes, here as in memory (analyze.ts, encode.ts, wire/init-training-body.ts).
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { EncodingType } from '../contract/encoding.js';
import type { ModelSettings } from '../contract/requests.js';
import { warningsOfSize } from './analyze.js';
import { buffersOf } from './column.js';
import { Random, type RandomState } from './random.js';
import type { TablePath } from './read/open-file.js';
import { type StagedTable, withStagedTable } from './read/staged-table.js';
import type { ReadOptions } from './read.js';
import { withScratchFolder } from './scratch-folder.js';
import type { Analysis, CodeCounts, SubColumn } from './stats.js';
import type { EncodedColumn, EncodingTask, Seeds } from './threads/encode-columns.js';
import { Thread } from './threads/thread.js';
import { noiseOf } from './wire/upload-bytes.js';
import { type Part, planUpload } from './wire/upload-plan.js';

export interface PrepareOptions extends ReadOptions {
  /** Column -> encoding, instead of the detected one. */
  encodings?: Readonly<Record<string, EncodingType>>;
  protectRare: boolean;
  model: ModelSettings;
  seeds: Seeds;
}

type Preparation = PrepareOptions & Pick<EncodingTask, 'codeFile'>;

export interface PreparedTable {
  readonly analysis: Analysis;
  readonly counts: CodeCounts;
  /** The body of POST /v1/models/{id}/init-training, in chunks of at most 1 MiB. */
  upload(): AsyncGenerator<Uint8Array>;
}

const THREADS_MAX = 4;
/** A thread more is not worth starting for fewer rows. */
const ROWS_PER_THREAD_MIN = 10_000;
/** Of the upload, what a thread is given at once, and how many of those wait for each thread. */
const TASK_BYTES = 2 * 1024 * 1024;
const TASKS_PER_THREAD = 2;

/**
 * Prepares the file (or files), gives it to `use`, and takes all that it made away.
 * @throws InputError as `readTable`; ThreadDied; what `signal` was aborted with or what that caused
 */
export async function withPreparedTable<T>(
  path: TablePath,
  options: PrepareOptions,
  use: (prepared: PreparedTable) => Promise<T>,
): Promise<T> {
  return await withScratchFolder((folder) =>
    withThreads(options.signal, async (threads) => {
      const codeFile = join(folder, 'codes');
      return await use(await prepare(path, { ...options, codeFile }, threads));
    }),
  );
}

async function prepare(path: TablePath, options: Preparation, threads: Thread[]): Promise<PreparedTable> {
  const { model, codeFile, protectRare } = options;
  const { rows, columns } = await withStagedTable(path, options, (staged) =>
    encodeColumns(staged, threads[0]!, options),
  );
  const encoded = columns.flatMap((column) => column.subColumns);
  const subColumns = encoded.map(({ key, feature, sub, cardinality }) => ({ key, feature, sub, cardinality }));
  const wanted = Math.min(availableParallelism(), THREADS_MAX, Math.ceil(rows / ROWS_PER_THREAD_MIN));
  while (threads.length < wanted) threads.push(new Thread());
  const { image, random } = await threads[0]!.ask('finishEncoding', { subColumns, seats: threads.length });
  const task = { codeFile, rows, model, image, subColumns, places: encoded.map(({ place }) => place) };
  await Promise.all(threads.map((thread, seat) => thread.ask('openRendering', { ...task, seat })));
  const features = columns.map(({ feature }) => feature);
  const warnings = [...warningsOfSize(rows, protectRare), ...columns.flatMap((column) => column.warnings)];
  return {
    analysis: { version: 1, rows, features, warnings },
    counts: new Map(encoded.map(({ key, counts }) => [key, counts])),
    upload: () => renderUpload(threads, { rows, subColumns, model, random, signal: options.signal }),
  };
}

/** One thread to begin with; those that `use` adds are ended too, at the end or at once by `signal`. */
async function withThreads<T>(signal: AbortSignal | undefined, use: (threads: Thread[]) => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  const threads = [new Thread()];
  const end = () => Promise.all(threads.map((thread) => thread.end()));
  signal?.addEventListener('abort', end, { once: true });
  try {
    return await use(threads);
  } finally {
    signal?.removeEventListener('abort', end);
    await end();
  }
}

/** While the thread encodes a column, the next one is read. */
async function encodeColumns(
  staged: StagedTable,
  thread: Thread,
  { encodings = {}, protectRare, model, seeds, codeFile, signal }: Preparation,
): Promise<{ rows: number; columns: EncodedColumn[] }> {
  const { rows } = staged;
  const columns: EncodedColumn[] = [];
  let encoding: Promise<EncodedColumn | undefined> = thread.ask('openEncoding', {
    rows,
    codeFile,
    encodings,
    protectRare,
    model,
    seeds,
  });
  for (const planned of staged.columns) {
    signal?.throwIfAborted();
    const reading = staged.read(planned);
    // Also when the thread has died: the file is closed on the way out, and DuckDB may not be read from then.
    await Promise.allSettled([reading, encoding]);
    const [read, encoded] = await Promise.all([reading, encoding]);
    if (encoded !== undefined) columns.push(encoded);
    encoding = thread.ask('encodeColumn', read, buffersOf(read));
  }
  const last = await encoding;
  return { rows, columns: last === undefined ? columns : [...columns, last] };
}

/** Each thread has its turn; what they render is given out in order. */
async function* renderUpload(
  threads: readonly Thread[],
  { rows, subColumns, model, random: state, signal }: Rendering,
): AsyncGenerator<Uint8Array> {
  const random = Random.from(state);
  const rendering: Promise<Uint8Array[]>[] = [];
  let turn = 0;
  for (const parts of tasksOf(planUpload(rows, subColumns, model), bytesPerRow(subColumns, model))) {
    signal?.throwIfAborted();
    const task = threads[turn % threads.length]!.ask('render', { parts, random: random.state() });
    // Whoever waits for it hears of its failure; nobody may be left that waits.
    task.catch(() => undefined);
    rendering.push(task);
    if (noiseOf(model) > 0) random.skipNormals(embeddedRows(parts) * model.embedding_dim);
    turn += 1;
    if (rendering.length >= threads.length * TASKS_PER_THREAD) yield* await rendering.shift()!;
  }
  for (const task of rendering) {
    yield* await task;
    signal?.throwIfAborted();
  }
}

interface Rendering {
  readonly rows: number;
  readonly subColumns: readonly SubColumn[];
  readonly model: ModelSettings;
  /** Where noise is drawn from. */
  readonly random: RandomState;
  readonly signal: AbortSignal | undefined;
}

function* tasksOf(parts: Iterable<Part>, bytesPerRow: number): Generator<Part[]> {
  let task: Part[] = [];
  let bytes = 0;
  for (const part of parts) {
    task.push(part);
    if (part.kind === 'text') bytes += part.text.length;
    else bytes += part.rows * (part.kind === 'codes' ? CODE_BYTES : bytesPerRow);
    if (bytes < TASK_BYTES) continue;
    yield task;
    task = [];
    bytes = 0;
  }
  if (task.length > 0) yield task;
}

/** Roughly: an embedding in base64, and a code with its comma. */
function bytesPerRow(subColumns: readonly unknown[], { embedding_dim }: ModelSettings): number {
  return (embedding_dim * 4 * 4) / 3 + subColumns.length * CODE_BYTES;
}
const CODE_BYTES = 3;

function embeddedRows(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => {
    return part.kind === 'batch' || part.kind === 'embeddings' ? sum + part.rows : sum;
  }, 0);
}
