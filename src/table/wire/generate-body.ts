/**
 * The body of POST /v1/models/{id}/generate for flat tables (data-plane 8): a zero embedding of the wanted number of rows,
 * and what the caller wants of the result. A pure function of its input, so that a repeated request carries the same bytes.
 * Not here: how a table of conditions becomes codes (conditions.ts).
 */
import { InputError } from '../../contract/input-error.js';
import type { GenerationSettings, ModelSettings } from '../../contract/requests.js';
import { type Analysis, PROTECTED } from '../stats.js';
import { type Body, bodyOf } from './body.js';
import { fixedProbs, requestedProbs } from './fixed-probs.js';
import { float, jsonText, list, object, type WireObject } from './wire-json.js';

const FLOAT_BYTES = 4;
/** Base64 text written at once, in characters; a multiple of 4, of which each stands for 3 zero bytes. */
const ZERO_PIECE = 'A'.repeat(256 * 1024);

export interface GenerateBodyRequest {
  rows: number;
  model: ModelSettings;
  generation: GenerationSettings;
  /** Sent when given; `generation.seed` is the caller's to turn into one seed a chunk. */
  seed?: number;
  /** What the rows are given, where they are. */
  given?: GivenCodes;
}

export interface GivenCodes {
  /** Trained columns that are given, and of those the ones with holes to impute. */
  columns: readonly string[];
  imputed: readonly string[];
  /** `fixed_values` of these rows, as JSON (fixed-values.ts). */
  fixedValues: string;
}

/** @throws InputError as checkGeneration */
export function generateBody(analysis: Analysis, { rows, model, generation, seed, given }: GenerateBodyRequest): Body {
  checkGeneration(analysis, generation);
  const { distribution, bias, diversity, rare_cutoff } = generation;
  const rareStrategy = generation.rare_strategy ?? model.privacy.rare_strategy;
  const imputed = given?.imputed ?? [];
  const fixed = fixedProbs(analysis, rareStrategy, { distribution, imputed });
  const order = columnOrder(analysis, generation, given);
  return bodyOf(function* () {
    yield* zeroEmbedding(rows, model.embedding_dim);
    if (fixed.size > 0) yield* member('fixed_probs', jsonText(fixed));
    if (given) yield* member('fixed_values', [given.fixedValues]);
    if (order) yield* member('column_order', jsonText(list(order.map((name) => `feat:/${name}`))));
    if (seed !== undefined) yield* member('seed', jsonText(seed));
    if (imputed.length > 0) yield* member('imputation_columns', jsonText(list(imputed)));
    if (bias) yield* member('bias', jsonText(biasOf(analysis, bias)));
    if (diversity !== 1) yield* member('diversity', jsonText(float(diversity)));
    if (rare_cutoff !== 1) yield* member('rare_cutoff', jsonText(float(rare_cutoff)));
    yield '}';
  });
}

function* member(key: string, value: Iterable<string>): Generator<string> {
  yield `,${JSON.stringify(key)}:`;
  yield* value;
}

/**
 * Whether this model can do what `distribution` and `bias` ask: call it before training, not after.
 * @returns warnings, as sentences without values
 * @throws InputError request_invalid, naming `generation.distribution.…` or `generation.bias.…`
 */
export function checkGeneration(analysis: Analysis, { distribution, bias }: GenerationSettings): string[] {
  const warnings: string[] = [];
  if (distribution) {
    const stats = categoricalStats(analysis, distribution.column, 'generation.distribution.column');
    const requested = requestedProbs(stats, distribution);
    const unknown = Object.keys(distribution.probabilities).length - requested.size;
    const param = 'generation.distribution.probabilities';
    if (requested.size === 0) {
      throw new InputError(
        'request_invalid',
        `None of the categories in the distribution of column "${distribution.column}" is one the model knows. ` +
          'Name values that occur in the column often enough not to be withheld as rare.',
        param,
      );
    }
    const isEveryCodeZero =
      stats.vocabulary.every((token, code) => token === PROTECTED || requested.has(code)) &&
      [...requested.values()].every((share) => share === 0);
    if (isEveryCodeZero) {
      throw new InputError(
        'request_invalid',
        `The distribution of column "${distribution.column}" leaves no category possible. Give one a share above 0.`,
        param,
      );
    }
    if (unknown > 0) {
      warnings.push(
        `${unknown} categories in the distribution of column "${distribution.column}" are unknown and ignored.`,
      );
    }
  }
  if (bias) {
    categoricalStats(analysis, bias.target, 'generation.bias.target');
    for (const name of bias.sensitive) categoricalStats(analysis, name, 'generation.bias.sensitive');
  }
  return warnings;
}

function categoricalStats({ features }: Analysis, name: string, param: string) {
  const feature = features.find((candidate) => candidate.name === name);
  if (!feature) {
    throw new InputError(
      'request_invalid',
      `The model has no column "${name}". Name one of the trained columns.`,
      param,
    );
  }
  if (feature.stats.encoding !== 'TABULAR_CATEGORICAL') {
    throw new InputError(
      'request_invalid',
      `Column "${name}" is encoded as ${feature.stats.encoding}, and this needs a categorical one. ` +
        'Choose another column, or train with the encoding TABULAR_CATEGORICAL for it.',
      param,
    );
  }
  return feature.stats;
}

/**
 * The order of generation (data-plane 8.6), when the request gives a reason for one: what is given, then the column with a
 * distribution, then what a bias protects, then the rest; what is imputed after what it is imputed from, the bias's target
 * last. Each column once, at its first place (BUG-18: with a bias, the SDK lists given columns twice).
 */
function columnOrder(
  { features }: Analysis,
  { distribution, bias }: GenerationSettings,
  given: GivenCodes | undefined,
): string[] | undefined {
  if (!bias && !distribution && !given) return undefined;
  const names = features.map(({ name }) => name);
  const imputed = new Set(given?.imputed);
  const known = new Set(given?.columns.filter((name) => !imputed.has(name)));
  const sensitive = new Set(bias?.sensitive);
  const order = [
    ...names.filter((name) => known.has(name) && !sensitive.has(name)),
    ...names.filter((name) => name === distribution?.column && !sensitive.has(name) && !imputed.has(name)),
    ...names.filter((name) => sensitive.has(name) && !imputed.has(name)),
    ...names.filter((name) => sensitive.has(name) && imputed.has(name)),
    ...names.filter((name) => !imputed.has(name)),
    ...names,
  ];
  const isTarget = (name: string) => name === bias?.target;
  return [...new Set(order.filter((name) => !isTarget(name))), ...names.filter(isTarget)];
}

function biasOf(analysis: Analysis, { target, sensitive }: NonNullable<GenerationSettings['bias']>): WireObject {
  const groups = sensitive.map((name) => {
    const { vocabulary, rareCategories } = categoricalStats(analysis, name, 'generation.bias.sensitive');
    const codes = [...vocabulary.keys()];
    return list(rareCategories === 0 ? codes.filter((code) => vocabulary[code] !== PROTECTED) : codes);
  });
  return object([
    ['target_sub_col', `feat:/${target}__cat`],
    ['sensitive_sub_cols', list(sensitive.map((name) => `feat:/${name}__cat`))],
    ['sensitive_groups', list(groups)],
  ]);
}

/** Opens the body: rows x width float32 zeros in base64, written without ever holding them. */
function* zeroEmbedding(rows: number, width: number): Generator<string> {
  yield '{"embedding":{"embedding_b64":"';
  const bytes = rows * width * FLOAT_BYTES;
  const padding = (3 - (bytes % 3)) % 3;
  let characters = ((bytes + padding) / 3) * 4 - padding;
  for (; characters > ZERO_PIECE.length; characters -= ZERO_PIECE.length) yield ZERO_PIECE;
  yield ZERO_PIECE.slice(0, characters);
  yield `${'='.repeat(padding)}","dtype":"float32","shape":[${rows},${width}],"encoding":"numpy-b64"}`;
}
