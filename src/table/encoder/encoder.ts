/**
 * The frozen encoder's forward pass (data-plane 6.3): lookups, optional column layers, linear, ReLU, linear, ReLU.
 * Everything up to the first ReLU is linear in each sub-column, so it is multiplied out once per code: a row's hidden layer
 * is then a sum of one table row per sub-column, and only the second layer is a real product.
 * Sums run in float64 (JavaScript's own arithmetic: float32 would cost a rounding per step and gain nothing); the tables are
 * stored as float32 to halve their size, which keeps results within 1e-6 of a float32 network.
 */
import type { Codes } from '../stats.js';
import type { EncoderWeights, FeatureWeights } from './weights.js';

/** What each code of one sub-column adds to the hidden layer. */
interface HiddenShare {
  readonly key: string;
  /** code x hidden width. */
  readonly table: Float32Array;
}

export interface Encoder {
  readonly embeddingDim: number;
  /**
   * Embeds the given rows, in the given order.
   * @param rows places in the code arrays
   * @returns rows.length x embeddingDim, row-major, every value >= 0
   */
  embed(codes: Codes, rows: Uint32Array): Float32Array;
}

export function createEncoder(weights: EncoderWeights): Encoder {
  const hiddenWidth = weights.hidden.bias.length;
  const embeddingDim = weights.output.bias.length;
  const hiddenBias = Float64Array.from(weights.hidden.bias);
  const shares: HiddenShare[] = [];
  let firstInput = 0;
  for (const feature of weights.features) {
    shares.push(...hiddenSharesOf(feature, weights, firstInput, hiddenBias));
    firstInput += widthOf(feature);
  }
  const outputByInput = transposed(weights.output.matrix.values, embeddingDim, hiddenWidth);

  return {
    embeddingDim,
    embed(codes, rows) {
      const columns = shares.map(({ key, table }) => ({ table, codes: codesOf(codes, key) }));
      const embeddings = new Float32Array(rows.length * embeddingDim);
      const hidden = new Float64Array(hiddenWidth);
      const output = new Float64Array(embeddingDim);
      for (let i = 0; i < rows.length; i += 1) {
        const row = rows[i]!;
        hidden.set(hiddenBias);
        for (const column of columns) {
          const start = column.codes[row]! * hiddenWidth;
          for (let h = 0; h < hiddenWidth; h += 1) hidden[h]! += column.table[start + h]!;
        }
        output.set(weights.output.bias);
        for (let h = 0; h < hiddenWidth; h += 1) {
          const activation = hidden[h]!;
          if (activation <= 0) continue;
          const start = h * embeddingDim;
          for (let o = 0; o < embeddingDim; o += 1) output[o]! += activation * outputByInput[start + o]!;
        }
        const start = i * embeddingDim;
        for (let o = 0; o < embeddingDim; o += 1) embeddings[start + o] = Math.max(0, output[o]!);
      }
      return embeddings;
    },
  };
}

/** The feature's lookups, multiplied through its column layer (if any) and its part of the hidden layer. */
function hiddenSharesOf(
  feature: FeatureWeights,
  { hidden }: EncoderWeights,
  firstInput: number,
  hiddenBias: Float64Array,
): HiddenShare[] {
  const hiddenWidth = hidden.bias.length;
  const weightOf = combinedWeight(feature, hidden.matrix, firstInput);
  if (feature.column) {
    const { bias } = feature.column;
    for (let h = 0; h < hiddenWidth; h += 1) {
      for (let n = 0; n < bias.length; n += 1) {
        hiddenBias[h]! += hidden.matrix.values[h * hidden.matrix.columns + firstInput + n]! * bias[n]!;
      }
    }
  }
  let firstOfLookup = 0;
  return feature.lookups.map(({ key, table }) => {
    const share = new Float32Array(table.rows * hiddenWidth);
    for (let code = 0; code < table.rows; code += 1) {
      for (let h = 0; h < hiddenWidth; h += 1) {
        let sum = 0;
        for (let d = 0; d < table.columns; d += 1) {
          sum += table.values[code * table.columns + d]! * weightOf(h, firstOfLookup + d);
        }
        share[code * hiddenWidth + h] = sum;
      }
    }
    firstOfLookup += table.columns;
    return { key, table: share };
  });
}

/** (hidden unit, place in the feature's concatenated lookups) -> weight, the column layer multiplied in. */
function combinedWeight(
  feature: FeatureWeights,
  hidden: EncoderWeights['hidden']['matrix'],
  firstInput: number,
): (unit: number, place: number) => number {
  if (!feature.column) return (unit, place) => hidden.values[unit * hidden.columns + firstInput + place]!;
  const { matrix } = feature.column;
  const combined = new Float64Array(hidden.rows * matrix.columns);
  for (let h = 0; h < hidden.rows; h += 1) {
    for (let n = 0; n < matrix.rows; n += 1) {
      const weight = hidden.values[h * hidden.columns + firstInput + n]!;
      for (let i = 0; i < matrix.columns; i += 1) {
        combined[h * matrix.columns + i]! += weight * matrix.values[n * matrix.columns + i]!;
      }
    }
  }
  return (unit, place) => combined[unit * matrix.columns + place]!;
}

function widthOf(feature: FeatureWeights): number {
  return feature.column?.bias.length ?? feature.lookups.reduce((sum, { table }) => sum + table.columns, 0);
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) result[column * rows + row] = values[row * columns + column]!;
  }
  return result;
}

function codesOf(codes: Codes, key: string): Int32Array {
  const found = codes.get(key);
  if (!found) throw new Error(`bug: no codes for sub-column ${key}`);
  return found;
}
