/**
 * The table that a generation is given (data-plane 8.5, 8.9), in codes: row i of the output has the values of its row i. It
 * needs no more than some of the trained columns, is read in the types they were trained in, column by column, and encoded
 * by a thread.
 * Not here: what becomes of holes (encode/given.ts), how the codes are sent (wire/fixed-values.ts), and that the given values
 * stay as they are (keep-given.ts).
 */
import type { GivenTable } from '../contract/given-table.js';
import { InputError } from '../contract/input-error.js';
import { GIVEN_ROWS_MAX } from '../contract/limits.js';
import { type ColumnType, tableSourceSchema } from '../contract/requests.js';
import { buffersOf, type PlainColumn, type PlainTable } from './column.js';
import { type StagedTable, withStagedTable } from './read/staged-table.js';
import { inspectTable, type TablePath } from './read.js';
import type { Analysis, Feature } from './stats.js';
import { wireKey } from './sub-columns.js';
import { withThread } from './threads/lend-thread.js';
import type { Thread } from './threads/thread.js';

export interface Conditions {
  /** The columns that are trained ones, in the order they were trained in. */
  readonly given: PlainTable;
  /** Of those, the ones with holes to fill: none unless it is to impute. */
  readonly imputed: readonly string[];
  /** wire key -> code of each row, -1 where the model is to draw. */
  readonly codes: ReadonlyMap<string, Int32Array>;
  readonly warnings: readonly string[];
}

export interface ReadConditionsOptions {
  /** Where a null is encoded as one, the rest of its code is drawn from this. */
  seed: number;
  signal?: AbortSignal | undefined;
}

/**
 * @throws InputError as `readTable`; columns_invalid without a trained column or with cells of another kind;
 *   request_invalid for too many rows, or nothing to impute. Its param begins with that of `table`
 */
export async function readConditions(
  path: TablePath,
  table: GivenTable,
  analysis: Analysis,
  { seed, signal }: ReadConditionsOptions,
): Promise<Conditions> {
  return await namedAs(table.param, async () => {
    const { uri: _, ...how } = table.source;
    const source = { ...how, ...(signal === undefined ? {} : { signal }) };
    const names = new Set((await inspectTable(path, source)).columns.map(({ name }) => name));
    const features = analysis.features.filter(({ name }) => names.has(name));
    if (features.length === 0) {
      throw new InputError(
        'columns_invalid',
        'None of its columns is one that the model was trained on. Name at least one of them in its header.',
        'table.uri',
      );
    }
    const types = Object.fromEntries(features.map(({ name, sourceType }): [string, ColumnType] => [name, sourceType]));
    const include = features.map(({ name }) => name);
    const options = { ...source, columns: { include }, types: { ...types, ...how.types } };
    const conditions = await withStagedTable(path, options, (staged) =>
      withThread(signal, (thread) => encodeStaged(staged, features, thread, { seed, isToImpute: table.isToImpute })),
    );
    const ignored = names.size - features.length;
    if (ignored === 0) return conditions;
    const warning = `Of what is given, ${ignored} columns are ignored: the model was not trained on them.`;
    return { ...conditions, warnings: [warning, ...conditions.warnings] };
  });
}

async function encodeStaged(
  staged: StagedTable,
  features: readonly Feature[],
  thread: Thread,
  { seed, isToImpute }: { seed: number; isToImpute: boolean },
): Promise<Conditions> {
  if (staged.rows > GIVEN_ROWS_MAX) {
    throw new InputError(
      'request_invalid',
      `It has ${staged.rows} rows; at most ${GIVEN_ROWS_MAX} are taken. Split it over several jobs.`,
      'table.uri',
    );
  }
  const columns: PlainColumn[] = [];
  const codes = new Map<string, Int32Array>();
  const imputed: string[] = [];
  const warnings: string[] = [];
  for (const [place, { name, stats }] of features.entries()) {
    const read = await staged.read(staged.columns.find((planned) => planned.name === name)!);
    const task = { column: read, stats, isToImpute, seed: seed + place };
    const { column, encoded } = await thread.ask('encodeGiven', task, buffersOf(read));
    columns.push(column);
    for (const [sub, values] of encoded.codes) codes.set(wireKey(name, sub), values);
    if (isToImpute && encoded.nulls > 0) imputed.push(name);
    warnings.push(...encoded.warnings);
  }
  if (isToImpute && imputed.length === 0) {
    throw new InputError(
      'request_invalid',
      'None of its trained columns has a null, so there is nothing to impute. table.nulls says which texts mean null.',
      'table.uri',
    );
  }
  return { given: { rows: staged.rows, columns }, imputed, codes, warnings };
}

/** `table.nulls` as a message names it, and no file of such a name. */
const FIELD_OF_TABLE = new RegExp(`(?<![/\\w.-])table\\.(${Object.keys(tableSourceSchema.shape).join('|')})\\b`, 'g');

/** What is wrong with the file is told as wrong with this part of the request. */
async function namedAs<T>(param: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const renamed = (text: string) => text.replaceAll(FIELD_OF_TABLE, `${param}.$1`);
    throw new InputError(error.code, `${param}: ${renamed(error.message)}`, renamed(error.param ?? param), {
      cause: error,
    });
  }
}
