/**
 * The body of POST /v1/models/{id}/init-training (data-plane 7.1 to 7.3): the rows in random order, cut into batches, each
 * with its embeddings and its codes. Written batch by batch and, inside, block by block: memory does not grow with rows.
 * Privacy noise goes on training and validation batches alike (the SDK leaves validation clean, BUG-11).
 */
import type { ModelSettings } from '../../contract/requests.js';
import { createEncoder, type Encoder } from '../encoder/encoder.js';
import { drawWeights } from '../encoder/weights.js';
import type { Random } from '../random.js';
import { roundHalfEven } from '../round-half-even.js';
import type { Analysis, Codes, SubColumn } from '../stats.js';
import { subColumnsOf } from '../sub-columns.js';
import { chunksOf } from './body.js';
import { float, jsonText, object } from './wire-json.js';

/** Embedded at once. A multiple of 3, so that a block's bytes end on a base64 quantum and blocks can be joined. */
const EMBEDDED_ROWS = 384;
const CODES_PER_PIECE = 4096;

/** The defaults of the SDK: 0.001 for 32 rows a batch, growing with the square root, rounded to 5 decimals. */
export function learningRateOf({ learning_rate, batch_size }: ModelSettings): number {
  return learning_rate ?? roundHalfEven(0.001 * Math.sqrt(batch_size / 32) * 1e5) / 1e5;
}

/**
 * The body in chunks of at most 1 MiB, to be walked once: it draws from `random` (order, weights, noise) as it goes.
 * @param codes of all rows; the table's row count is `analysis.rows`
 */
export function* initTrainingBody(
  analysis: Analysis,
  codes: Codes,
  model: ModelSettings,
  random: Random,
): Generator<Uint8Array> {
  yield* chunksOf(pieces(analysis, codes, model, random));
}

function* pieces(analysis: Analysis, codes: Codes, model: ModelSettings, random: Random): Generator<string> {
  const order = random.permutation(analysis.rows);
  const subColumns = subColumnsOf(analysis);
  const encoder = createEncoder(drawWeights(subColumns, model, random));
  const noise = model.privacy.enabled ? model.privacy.noise : 0;
  const settings = [...jsonText(settingsOf(model))].join('');
  yield `${settings.slice(0, -1)},"batches":[`;
  let separator = '';
  for (const batch of batchesOf(order, model)) {
    yield separator;
    yield* embeddingText(encoder, codes, batch.rows, noise, random);
    yield* targetsText(subColumns, codes, batch.rows);
    yield `,"is_validation":${batch.isValidation}}`;
    separator = ',';
  }
  yield model.seed === undefined ? ']}' : `],"seed":${model.seed}}`;
}

function settingsOf(model: ModelSettings) {
  return object([
    ['max_epochs', model.max_epochs],
    ['patience', model.early_stop_patience],
    ['learning_rate', float(learningRateOf(model))],
    ['label_smoothing', float(model.label_smoothing)],
    ['embedding_dropout', float(model.embedding_dropout)],
    ['time_limit_seconds', float(model.time_limit_seconds)],
  ]);
}

/** Training batches of `batch_size`, the last one shorter, then one validation batch with all the rest. */
function* batchesOf(order: Uint32Array, model: ModelSettings): Generator<{ rows: Uint32Array; isValidation: boolean }> {
  const validationRows = Math.max(1, roundHalfEven(order.length * model.val_split));
  const trainingRows = order.length - validationRows;
  for (let first = 0; first < trainingRows; first += model.batch_size) {
    yield { rows: order.subarray(first, Math.min(first + model.batch_size, trainingRows)), isValidation: false };
  }
  yield { rows: order.subarray(Math.max(0, trainingRows)), isValidation: true };
}

function* embeddingText(
  encoder: Encoder,
  codes: Codes,
  rows: Uint32Array,
  noise: number,
  random: Random,
): Generator<string> {
  yield '{"embedding":{"embedding_b64":"';
  for (let first = 0; first < rows.length; first += EMBEDDED_ROWS) {
    const embeddings = encoder.embed(codes, rows.subarray(first, first + EMBEDDED_ROWS));
    if (noise > 0) {
      for (let i = 0; i < embeddings.length; i += 1) embeddings[i]! += noise * random.normal();
    }
    yield littleEndianBytes(embeddings).toString('base64');
  }
  yield `","dtype":"float32","shape":[${rows.length},${encoder.embeddingDim}],"encoding":"numpy-b64"}`;
}

function* targetsText(subColumns: readonly SubColumn[], codes: Codes, rows: Uint32Array): Generator<string> {
  yield ',"targets":';
  let opening = '{';
  for (const { key } of subColumns) {
    const column = codes.get(key);
    if (!column) throw new Error(`bug: no codes for sub-column ${key}`);
    yield `${opening}${JSON.stringify(key)}:[`;
    for (let first = 0; first < rows.length; first += CODES_PER_PIECE) {
      if (first > 0) yield ',';
      yield Array.from(rows.subarray(first, first + CODES_PER_PIECE), (row) => column[row]!).join(',');
    }
    yield ']';
    opening = ',';
  }
  yield subColumns.length === 0 ? '{}' : '}';
}

function littleEndianBytes(values: Float32Array): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 4);
  for (let i = 0; i < values.length; i += 1) bytes.writeFloatLE(values[i]!, i * 4);
  return bytes;
}
