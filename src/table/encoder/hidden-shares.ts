/**
 * What each code of a sub-column adds to the hidden layer: its lookup, multiplied through the feature's column layer (if it
 * has one) and the feature's part of the hidden layer. Each product is summed in float64 and rounded once, to float32.
 */
import type { EncoderWeights, FeatureWeights } from './weights.js';

export interface HiddenShare {
  readonly key: string;
  readonly codes: number;
  /** Writes the code's share, one number a hidden unit. */
  rowOf(code: number, row: Float32Array): void;
}

/** @returns the shares in sub-column order, and the hidden layer's bias with that of the column layers in it */
export function hiddenSharesOf(weights: EncoderWeights): { shares: HiddenShare[]; bias: Float64Array } {
  const bias = Float64Array.from(weights.hidden.bias);
  const shares: HiddenShare[] = [];
  let firstInput = 0;
  for (const feature of weights.features) {
    shares.push(...sharesOfFeature(feature, weights, firstInput, bias));
    firstInput += widthOf(feature);
  }
  return { shares, bias };
}

function sharesOfFeature(
  feature: FeatureWeights,
  { hidden }: EncoderWeights,
  firstInput: number,
  hiddenBias: Float64Array,
): HiddenShare[] {
  const weights = combinedWeights(feature, hidden.matrix, firstInput);
  if (feature.column) {
    const { bias } = feature.column;
    for (let unit = 0; unit < hiddenBias.length; unit += 1) {
      for (let n = 0; n < bias.length; n += 1) {
        hiddenBias[unit]! += hidden.matrix.values[unit * hidden.matrix.columns + firstInput + n]! * bias[n]!;
      }
    }
  }
  let firstOfLookup = 0;
  return feature.lookups.map(({ key, table }) => {
    const first = firstOfLookup;
    firstOfLookup += table.columns;
    return {
      key,
      codes: table.rows,
      rowOf(code, row) {
        const start = code * table.columns;
        for (let unit = 0; unit < hiddenBias.length; unit += 1) {
          const firstWeight = unit * weights.columns + weights.first + first;
          let sum = 0;
          for (let d = 0; d < table.columns; d += 1) sum += table.values[start + d]! * weights.values[firstWeight + d]!;
          row[unit] = sum;
        }
      },
    };
  });
}

/** A row a hidden unit, beginning at `first`: the weights of the feature's lookups, the column layer multiplied in. */
function combinedWeights(
  feature: FeatureWeights,
  hidden: EncoderWeights['hidden']['matrix'],
  firstInput: number,
): { values: Float32Array | Float64Array; columns: number; first: number } {
  if (!feature.column) return { values: hidden.values, columns: hidden.columns, first: firstInput };
  const { matrix } = feature.column;
  const combined = new Float64Array(hidden.rows * matrix.columns);
  for (let unit = 0; unit < hidden.rows; unit += 1) {
    for (let n = 0; n < matrix.rows; n += 1) {
      const weight = hidden.values[unit * hidden.columns + firstInput + n]!;
      for (let i = 0; i < matrix.columns; i += 1) {
        combined[unit * matrix.columns + i]! += weight * matrix.values[n * matrix.columns + i]!;
      }
    }
  }
  return { values: combined, columns: matrix.columns, first: 0 };
}

function widthOf(feature: FeatureWeights): number {
  return feature.column?.bias.length ?? feature.lookups.reduce((sum, { table }) => sum + table.columns, 0);
}
