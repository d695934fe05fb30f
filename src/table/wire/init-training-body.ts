/**
 * The body of POST /v1/models/{id}/init-training for a table whose codes are in memory: the rows in random order, cut into
 * batches. Everything random is drawn from one source, in this order: the order of rows, the encoder's weights, noise.
 * Not here: the same body of a table of any size, by threads (prepare-upload.ts).
 */
import type { ModelSettings } from '../../contract/requests.js';
import { createEncoder } from '../encoder/encoder.js';
import { drawWeights } from '../encoder/weights.js';
import type { Random } from '../random.js';
import type { Analysis, Codes } from '../stats.js';
import { subColumnsOf } from '../sub-columns.js';
import { uploadBytes } from './upload-bytes.js';
import { planUpload } from './upload-plan.js';

/**
 * The body in chunks of at most 1 MiB, to be walked once: it draws from `random` as it goes.
 * @param codes of all rows; the table's row count is `analysis.rows`
 */
export function* initTrainingBody(
  analysis: Analysis,
  codes: Codes,
  model: ModelSettings,
  random: Random,
): Generator<Uint8Array> {
  const order = random.permutation(analysis.rows);
  const subColumns = subColumnsOf(analysis);
  const encoder = createEncoder(drawWeights(subColumns, model, random));
  const columns = subColumns.map(({ key }) => {
    const column = codes.get(key);
    if (!column) throw new Error(`bug: no codes for sub-column ${key}`);
    return column;
  });
  const codesOf = (subColumn: number, firstRow: number, rows: number) => {
    const column = columns[subColumn]!;
    const picked = column.slice(0, rows);
    for (let i = 0; i < rows; i += 1) picked[i] = column[order[firstRow + i]!]!;
    return picked;
  };
  yield* uploadBytes(planUpload(analysis.rows, subColumns, model), { subColumns, model, encoder, codesOf, random });
}
