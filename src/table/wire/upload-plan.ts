/**
 * What stands where in the body of POST /v1/models/{id}/init-training (data-plane 7.1 to 7.3): the rows, already in random
 * order, cut into batches, each with its embeddings and its codes. A plan of stretches, each small enough to be
 * rendered at once and by any thread, in this order.
 * Not here: the bytes of a stretch (upload-bytes.ts).
 */
import type { ModelSettings } from '../../contract/requests.js';
import { roundHalfEven } from '../round-half-even.js';
import type { SubColumn } from '../stats.js';
import { float, jsonText, object } from './wire-json.js';

/** A stretch of the body. Rows count in the order of the upload, sub-columns by their place. */
export type Stretch =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'embeddings'; readonly firstRow: number; readonly rows: number }
  | { readonly kind: 'codes'; readonly subColumn: number; readonly firstRow: number; readonly rows: number };

/** A whole batch that is small, or a stretch of a large one. */
export type Part = Stretch | ({ readonly kind: 'batch' } & Batch);

export interface Batch {
  readonly firstRow: number;
  readonly rows: number;
  readonly isValidation: boolean;
}

/** Embedded at once. A multiple of 3, so that a stretch's bytes end on a base64 quantum and stretches can be joined. */
export const EMBEDDED_ROWS = 384;
const CODES_AT_ONCE = 65_536;
/** A larger batch is cut into stretches. */
const WHOLE_BATCH_ROWS = 4_096;

/** The defaults of the SDK: 0.001 for 32 rows a batch, growing with the square root, rounded to 5 decimals. */
export function learningRateOf({ learning_rate, batch_size }: ModelSettings): number {
  return learning_rate ?? roundHalfEven(0.001 * Math.sqrt(batch_size / 32) * 1e5) / 1e5;
}

/** The body of a table of `rows` rows, part by part. */
export function* planUpload(rows: number, subColumns: readonly SubColumn[], model: ModelSettings): Generator<Part> {
  const settings = [...jsonText(settingsOf(model))].join('');
  yield text(`${settings.slice(0, -1)},"batches":[`);
  for (const batch of batchesOf(rows, model)) {
    if (batch.rows <= WHOLE_BATCH_ROWS) yield { kind: 'batch', ...batch };
    else yield* planBatch(batch, subColumns, model);
  }
  yield text(model.seed === undefined ? ']}' : `],"seed":${model.seed}}`);
}

/** One batch, stretch by stretch. */
export function* planBatch(
  { firstRow, rows, isValidation }: Batch,
  subColumns: readonly SubColumn[],
  { embedding_dim }: Pick<ModelSettings, 'embedding_dim'>,
): Generator<Stretch> {
  yield text(`${firstRow === 0 ? '' : ','}{"embedding":{"embedding_b64":"`);
  for (const part of cut(firstRow, rows, EMBEDDED_ROWS)) yield { kind: 'embeddings', ...part };
  yield text(`","dtype":"float32","shape":[${rows},${embedding_dim}],"encoding":"numpy-b64"},"targets":{`);
  for (const [subColumn, { key }] of subColumns.entries()) {
    yield text(`${subColumn === 0 ? '' : ','}${JSON.stringify(key)}:[`);
    for (const part of cut(firstRow, rows, CODES_AT_ONCE)) {
      if (part.firstRow > firstRow) yield text(',');
      yield { kind: 'codes', subColumn, ...part };
    }
    yield text(']');
  }
  yield text(`},"is_validation":${isValidation}}`);
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
function* batchesOf(rows: number, { val_split, batch_size }: ModelSettings): Generator<Batch> {
  const trainingRows = Math.max(0, rows - Math.max(1, roundHalfEven(rows * val_split)));
  for (const part of cut(0, trainingRows, batch_size)) yield { ...part, isValidation: false };
  yield { firstRow: trainingRows, rows: rows - trainingRows, isValidation: true };
}

function* cut(firstRow: number, rows: number, atOnce: number): Generator<{ firstRow: number; rows: number }> {
  for (let done = 0; done < rows; done += atOnce) {
    yield { firstRow: firstRow + done, rows: Math.min(atOnce, rows - done) };
  }
}

const text = (json: string): Stretch => ({ kind: 'text', text: json });
