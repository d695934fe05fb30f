/**
 * The frozen encoder's weights: drawn once, never trained, never sent. They only turn a row of codes into an embedding of
 * the right width, so that any seed is as good as another. Shapes and distributions: data-plane 6.2, 6.3 and 6.5.
 * Not here: the forward pass (encoder.ts).
 */
import type { ModelSettings } from '../../contract/requests.js';
import type { Random } from '../random.js';
import type { SubColumn } from '../stats.js';

/** Above this many sub-columns a feature's lookups are narrowed by a layer of their own. */
const PLAIN_SUB_COLUMNS_MAX = 50;
const LOOKUP_WIDTH_MIN = 10;
const SIZES = {
  small: { factor: 2, exponent: 0.15, columnBase: 4 },
  medium: { factor: 3, exponent: 0.25, columnBase: 10 },
  large: { factor: 4, exponent: 0.33, columnBase: 16 },
} as const;

/** A matrix in row-major order. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}
/** output = matrix * input + bias; the matrix is output x input. */
export interface Layer {
  readonly matrix: Matrix;
  readonly bias: Float32Array;
}
export interface FeatureWeights {
  /** One table (code x width) a sub-column. */
  readonly lookups: readonly { readonly key: string; readonly table: Matrix }[];
  /** Narrows the feature's concatenated lookups; only in wide tables. */
  readonly column?: Layer;
}
export interface EncoderWeights {
  readonly features: readonly FeatureWeights[];
  /** 2 * embeddingDim outputs. */
  readonly hidden: Layer;
  /** embeddingDim outputs. */
  readonly output: Layer;
}

/** The width of a sub-column's lookup: min(K, max(10, trunc(factor * ceil(K^exponent)))). */
export function lookupWidth(cardinality: number, size: ModelSettings['model_size']): number {
  const { factor, exponent } = SIZES[size];
  return Math.min(cardinality, Math.max(LOOKUP_WIDTH_MIN, Math.trunc(factor * Math.ceil(cardinality ** exponent))));
}

/** Weights for these sub-columns, drawn as data-plane 6.5 says: lookups N(0,1), layers U(-1/sqrt(inputs), 1/sqrt(inputs)). */
export function drawWeights(
  subColumns: readonly SubColumn[],
  model: Pick<ModelSettings, 'model_size' | 'embedding_dim'>,
  random: Random,
): EncoderWeights {
  const { columnBase } = SIZES[model.model_size];
  const byFeature = new Map<string, SubColumn[]>();
  for (const subColumn of subColumns) {
    const group = byFeature.get(subColumn.feature);
    if (group) group.push(subColumn);
    else byFeature.set(subColumn.feature, [subColumn]);
  }
  let concatenatedWidth = 0;
  const features = [...byFeature.values()].map((group): FeatureWeights => {
    const lookups = group.map(({ key, cardinality }) => ({
      key,
      table: normalMatrix(cardinality, lookupWidth(cardinality, model.model_size), random),
    }));
    const width = lookups.reduce((sum, { table }) => sum + table.columns, 0);
    const narrowed = columnBase + group.length;
    const isNarrowed = subColumns.length > PLAIN_SUB_COLUMNS_MAX && group.length > 2 && narrowed < width;
    concatenatedWidth += isNarrowed ? narrowed : width;
    return isNarrowed ? { lookups, column: uniformLayer(narrowed, width, random) } : { lookups };
  });
  const hidden = uniformLayer(2 * model.embedding_dim, concatenatedWidth, random);
  return { features, hidden, output: uniformLayer(model.embedding_dim, 2 * model.embedding_dim, random) };
}

function normalMatrix(rows: number, columns: number, random: Random): Matrix {
  return { rows, columns, values: Float32Array.from({ length: rows * columns }, () => random.normal()) };
}

function uniformLayer(outputs: number, inputs: number, random: Random): Layer {
  const bound = 1 / Math.sqrt(inputs);
  const draw = () => (2 * random.next() - 1) * bound;
  return {
    matrix: { rows: outputs, columns: inputs, values: Float32Array.from({ length: outputs * inputs }, draw) },
    bias: Float32Array.from({ length: outputs }, draw),
  };
}
