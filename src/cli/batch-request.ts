/** From flags to the request of a batch. Paths become absolute here; those inside the manifest begin at its folder. */
import { resolve } from 'node:path';
import { InvalidRequestError } from '../client/errors.js';
import { type BatchRequest, batchRequestSchema } from '../contract/batch.js';
import { InputError } from '../contract/input-error.js';
import { trainedModelSchema } from '../contract/requests.js';
import { readDocument } from './read-document.js';

/** What commander hands over, still as text. */
export interface BatchFlags {
  kind: string;
  output?: string;
  overwrite?: true;
  defaults?: string;
  model?: string;
  seed?: string;
  atOnce?: string;
  attempts?: string;
  onFailure?: string;
  maxFailures?: string;
  quotaRows?: string;
  deadline?: string;
  id?: string;
  detach?: true;
  json?: true;
}

const FLAG_OF_PATH: Readonly<Record<string, string>> = {
  seed: '--seed',
  deadline: '--deadline',
  output: '--output',
  'policy.atOnce': '--at-once',
  'policy.attempts': '--attempts',
  'policy.maxFailures': '--max-failures',
  'policy.quotaRows': '--quota-rows',
};

/** @throws InvalidRequestError that lists every fault; InputError for a file that cannot be read */
export async function batchRequestOf(manifest: string, flags: BatchFlags, folder: string): Promise<BatchRequest> {
  const absolute = (path: string): string => (/^[a-z][a-z0-9+.-]*:\/\//i.test(path) ? path : resolve(folder, path));
  const defaults =
    flags.defaults === undefined ? {} : await readDocument(resolve(folder, flags.defaults), '--defaults');
  const trained = flags.model === undefined ? {} : { trained: await trainedOf(resolve(folder, flags.model)) };
  const parsed = batchRequestSchema.safeParse({
    kind: flags.kind,
    manifest: { uri: absolute(manifest) },
    defaults: { ...defaults, ...trained },
    output: flags.output === undefined ? undefined : { uri: absolute(flags.output), overwrite: flags.overwrite },
    seed: numberOf(flags.seed),
    deadline: flags.deadline,
    policy: {
      atOnce: numberOf(flags.atOnce),
      attempts: numberOf(flags.attempts),
      onFailure: flags.onFailure,
      maxFailures: numberOf(flags.maxFailures),
      quotaRows: numberOf(flags.quotaRows),
    },
  });
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const lines = issues.map(({ path, message }) => {
    const place = path.join('.');
    return place === 'output'
      ? 'An output is needed: --output results.jsonl.'
      : `${FLAG_OF_PATH[place] ?? place}: ${message}`;
  });
  throw new InvalidRequestError(
    ['The batch is wrong:', ...lines.map((line) => `  ${line}`)].join('\n'),
    issues.map(({ path }) => path.join('.')),
  );
}

/** What is not a number stays text: the schema then says so at the right place. */
export function numberOf(text: string | undefined): number | string | undefined {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** `train --json` prints `{trained, …}`; a bare `trained` object is as good. */
async function trainedOf(path: string): Promise<unknown> {
  const document = await readDocument(path, '--model');
  const trained = trainedModelSchema.safeParse(document.trained ?? document);
  if (trained.success) return trained.data;
  throw new InputError(
    'request_invalid',
    `--model: ${path} does not hold a trained model; give the file that \`dxo train … --output-model\` wrote.`,
    '--model',
  );
}
