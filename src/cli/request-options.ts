/**
 * From flags and `--request file` to the request that a workflow takes. Flags win over the file; whatever the schema
 * allows is reachable through the file. All faults are told at once, each under the flag that caused it, or its path.
 * Paths become absolute here, from the current folder: a worker's folder is nobody's business.
 */
import { basename, extname, join, resolve } from 'node:path';
import type { z } from 'zod';
import { InvalidRequestError } from '../client/errors.js';
import { describeIssue } from '../contract/describe-issue.js';
import { ENCODING_TYPES } from '../contract/encoding.js';
import { InputError } from '../contract/input-error.js';
import { ROWS_MAX } from '../contract/limits.js';
import { type JobKind, REQUEST_SCHEMAS } from '../contract/requests.js';
import { readDocument } from './read-document.js';
import { type TextFlags, textSourceOf } from './text-options.js';

/** What commander hands over, still as text. */
export interface RequestFlags extends TextFlags {
  rows?: string;
  output?: string;
  seed?: string;
  encoding?: string[];
  modelSize?: string;
  maxEpochs?: string;
  onQuota?: string;
  keepModel?: true;
  overwrite?: true;
  /** synthesize: where the report is written. */
  report?: string;
  request?: string;
  /** generate: a file with what `train --json` printed. */
  model?: string;
}

type Document = Record<string, unknown>;

const FLAG_OF_PATH: Readonly<Record<string, string>> = {
  'generation.n_samples': '--rows',
  'output.uri': '--output',
  'report.uri': '--report',
  seed: '--seed',
  'model.model_size': '--model-size',
  'model.max_epochs': '--max-epochs',
  'policy.onQuota': '--on-quota',
  trained: '--model',
  'table.uri': '<file>',
};

/** @throws InvalidRequestError that lists every fault; InputError for a file that cannot be read */
export async function requestOf<K extends JobKind>(
  kind: K,
  file: string | undefined,
  flags: RequestFlags,
  folder: string,
): Promise<z.output<(typeof REQUEST_SCHEMAS)[K]>> {
  const document = flags.request === undefined ? {} : await readDocument(resolve(folder, flags.request), '--request');
  const merged = merge(document, documentOfFlags(file, flags));
  if (flags.model !== undefined) merged.trained = await trainedOf(resolve(folder, flags.model));
  makeAbsolute(merged.table, folder);
  if (kind !== 'train') defaultOutput(kind, merged, folder);
  makeAbsolute(merged.output, folder);
  makeAbsolute(merged.report, folder);
  if (isObject(merged.generation)) {
    makeAbsolute(merged.generation.conditions, folder);
    if (isObject(merged.generation.impute)) makeAbsolute(merged.generation.impute.X, folder);
  }
  const parsed = REQUEST_SCHEMAS[kind].safeParse(merged);
  if (parsed.success) return parsed.data as z.output<(typeof REQUEST_SCHEMAS)[K]>;
  const { issues } = parsed.error;
  throw new InvalidRequestError(
    ['The request is wrong:', ...issues.map((issue) => `  ${sentenceOf(issue, merged)}`)].join('\n'),
    issues.map(({ path }) => path.join('.')),
  );
}

function documentOfFlags(file: string | undefined, flags: RequestFlags): Document {
  const said = withoutUndefined({
    table: withoutUndefined({ uri: file, ...textSourceOf(flags) }),
    columns: withoutUndefined({ encoding: flags.encoding === undefined ? undefined : encodingOf(flags.encoding) }),
    model: withoutUndefined({ model_size: flags.modelSize, max_epochs: numberOf(flags.maxEpochs) }),
    generation: withoutUndefined({ n_samples: numberOf(flags.rows) }),
    output: withoutUndefined({ uri: flags.output, overwrite: flags.overwrite }),
    report:
      flags.report === undefined ? undefined : withoutUndefined({ uri: flags.report, overwrite: flags.overwrite }),
    policy: withoutUndefined({ onQuota: flags.onQuota, keepModel: flags.keepModel }),
    seed: numberOf(flags.seed),
  });
  return said ?? {};
}

/** `column=TYPE`; a column's own name may hold `=`, a type does not. */
function encodingOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.lastIndexOf('=');
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw new InvalidRequestError(
        `--encoding takes column=TYPE; ${JSON.stringify(text)} is not. TYPE is one of ${ENCODING_TYPES.join(', ')}.`,
        ['columns.encoding'],
      );
    }),
  );
}

/** What is not a number stays text: the schema then says so at the right place. */
function numberOf(text: string | undefined): number | string | undefined {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** Objects are merged, anything else replaced. */
function merge(below: Document, above: Document): Document {
  const merged: Document = { ...below };
  for (const [name, value] of Object.entries(above)) {
    const other = merged[name];
    merged[name] = isObject(value) && isObject(other) ? merge(other, value) : value;
  }
  return merged;
}

/** `train --json` prints `{trained, …}`; a bare `trained` object is as good. */
async function trainedOf(path: string): Promise<unknown> {
  const document = await readDocument(path, '--model');
  const trained = document.trained ?? document;
  if (isObject(trained) && 'modelId' in trained && 'metadata' in trained) return trained;
  throw new InputError(
    'request_invalid',
    `--model: ${path} does not hold a trained model; give the file that \`dxo train … --output-model\` wrote.`,
    '--model',
  );
}

function makeAbsolute(place: unknown, folder: string): void {
  if (!isObject(place) || typeof place.uri !== 'string' || place.uri === '') return;
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(place.uri)) place.uri = resolve(folder, place.uri);
}

/** `customers.csv.gz` becomes `customers-synthetic.csv.gz` in the current folder, `part-*.csv` becomes `synthetic-part.csv`, which it does not match. */
function defaultOutput(kind: JobKind, request: Document, folder: string): void {
  const output = isObject(request.output) ? request.output : {};
  if (output.uri !== undefined) return;
  const { uri } = (request.table ?? {}) as { uri?: unknown };
  if (kind !== 'synthesize' || typeof uri !== 'string') return;
  const ending = /(?:\.[^.]*)?(?:\.gz|\.zst)$/i.exec(uri)?.[0] ?? extname(uri);
  const name = basename(uri, ending);
  const words = name.split(/[*?]+/).map((part) => part.replace(/^[-_. ]+|[-_. ]+$/g, ''));
  const isPattern = words.length > 1;
  const parts = isPattern ? ['synthetic', ...words.filter((part) => part !== '')] : [name, 'synthetic'];
  request.output = { ...output, uri: join(folder, `${parts.join('-')}${ending}`) };
}

function sentenceOf(issue: z.core.$ZodIssue, given: Document): string {
  const path = issue.path.join('.');
  if (path === 'generation.n_samples') {
    const { n_samples: rows } = (given.generation ?? {}) as { n_samples?: unknown };
    return `--rows must be a whole number from 1 to ${ROWS_MAX}${typeof rows === 'string' ? ', and not a text' : ''}.`;
  }
  if (path === 'table' || (path === 'table.uri' && issue.code === 'invalid_type')) {
    return 'A table is needed: name a file, or table.uri in --request.';
  }
  if (path === 'output' || (path === 'output.uri' && issue.code === 'invalid_type')) {
    return 'An output is needed: --output file, or output.uri in --request.';
  }
  if (path === 'trained')
    return 'A trained model is needed: --model file, as `dxo train … --output-model file` writes it.';
  const flag = FLAG_OF_PATH[path] ?? (path.startsWith('columns.encoding.') ? `--encoding (${path.slice(17)})` : path);
  const fault = describeIssue(issue, given);
  return flag === '' ? fault : `${flag}: ${fault}`;
}

function isObject(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Without what was not said, and undefined where nothing is left. */
function withoutUndefined(document: Document): Document | undefined {
  const said = Object.entries(document).filter(([, value]) => value !== undefined);
  return said.length === 0 ? undefined : Object.fromEntries(said);
}
