import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { createEncoder } from '../../src/table/encoder/encoder.js';
import { hiddenSharesOf } from '../../src/table/encoder/hidden-shares.js';
import { drawWeights, type EncoderWeights, lookupWidth } from '../../src/table/encoder/weights.js';
import { Random } from '../../src/table/random.js';
import type { Codes, SubColumn } from '../../src/table/stats.js';

interface RecordedMatrix {
  shape: number[];
  float32_b64: string;
}

test('the forward pass agrees with the recorded network to 1e-6', async () => {
  const { weights, weights_embedding: recorded } = await recordedNetwork();
  const keys = Object.keys(recorded.codes);
  const codes: Codes = new Map(keys.map((key) => [key, Int32Array.from(recorded.codes[key]!)]));
  const encoder = createEncoder(weightsOf(weights, keys));
  const embedding = encoder.embed(rowsOf(codes, recorded.rows), recorded.rows.length);
  const expected = floatsOf(recorded.float32_b64);
  expect(embedding).toHaveLength(6 * 8);
  expect(expected).toHaveLength(6 * 8);
  expect(Math.max(...embedding)).toBeGreaterThan(0.1);
  for (const [i, value] of embedding.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-6);
});

test('rows are embedded in the order asked for', async () => {
  const { weights, weights_embedding: recorded } = await recordedNetwork();
  const codes: Codes = new Map(Object.entries(recorded.codes).map(([key, column]) => [key, Int32Array.from(column)]));
  const encoder = createEncoder(weightsOf(weights, [...codes.keys()]));
  const forward = encoder.embed(rowsOf(codes, [0, 1, 2]), 3);
  const backward = encoder.embed(rowsOf(codes, [2, 1, 0]), 3);
  expect(backward.subarray(0, 8)).toEqual(forward.subarray(16, 24));
  expect(forward.subarray(0, 8)).not.toEqual(forward.subarray(16, 24));
});

// Widths of data-plane 6.2.
test.each([
  ['small', [1, 2, 5, 10, 10, 10, 10, 10, 10, 10, 10]],
  ['medium', [1, 2, 5, 10, 10, 10, 12, 15, 18, 27, 36]],
  ['large', [1, 2, 5, 10, 11, 16, 20, 32, 40, 68, 108]],
] as const)('lookups of a %s model have the documented widths', (size, widths) => {
  const cardinalities = [1, 2, 5, 10, 11, 50, 103, 500, 1000, 5000, 20000];
  expect(cardinalities.map((cardinality) => lookupWidth(cardinality, size))).toEqual(widths);
});

test('more than 50 sub-columns narrow a feature by its own layer, and the folded product equals the plain one', () => {
  const subColumns = Array.from({ length: 52 }, (_, place): SubColumn => {
    const feature = place < 48 ? 'wide' : `narrow${place}`;
    return { key: `feat:/${feature}__P${place}`, feature, sub: `P${place}`, cardinality: 12 };
  });
  const weights = drawWeights(subColumns, { model_size: 'medium', embedding_dim: 4 }, new Random(2));
  expect(weights.features.map(({ column }) => column?.bias.length)).toEqual([
    58,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  const codes: Codes = new Map(subColumns.map(({ key }, place) => [key, Int32Array.of(place % 12, (place * 5) % 12)]));
  const embedding = createEncoder(weights).embed(codes, 2);
  expect([...embedding.entries()].some(([, value]) => value > 0)).toBe(true);
  for (const [row, expected] of [0, 1].map((row) => plainForward(weights, codes, row)).entries()) {
    for (const [i, value] of expected.entries()) expect(Math.abs(value - embedding[row * 4 + i]!)).toBeLessThan(1e-5);
  }
});

test.each([1, 5, 8, 64])('embeddings of width %i are the sums in their order, to the last bit', (embedding_dim) => {
  const subColumns = Array.from({ length: 13 }, (_, place): SubColumn => {
    return { key: `feat:/f__P${place}`, feature: 'f', sub: `P${place}`, cardinality: 7 };
  });
  const random = new Random(3);
  const weights = drawWeights(subColumns, { model_size: 'small', embedding_dim }, random);
  const rows = 1_000;
  const codes: Codes = new Map(
    subColumns.map(({ key }) => [key, Uint8Array.from({ length: rows }, () => random.below(7))]),
  );
  const { shares, bias } = hiddenSharesOf(weights);
  const share = new Float32Array(bias.length);
  const expected = new Float32Array(rows * embedding_dim);
  for (let row = 0; row < rows; row += 1) {
    const hidden = Float64Array.from(bias);
    for (const { key, rowOf } of shares) {
      rowOf(codes.get(key)![row]!, share);
      for (let unit = 0; unit < hidden.length; unit += 1) hidden[unit]! += share[unit]!;
    }
    for (let output = 0; output < embedding_dim; output += 1) {
      let sum: number = weights.output.bias[output]!;
      for (let unit = 0; unit < hidden.length; unit += 1) {
        if (hidden[unit]! > 0) sum += hidden[unit]! * weights.output.matrix.values[output * hidden.length + unit]!;
      }
      expected[row * embedding_dim + output] = Math.max(0, sum);
    }
  }
  const embedded = createEncoder(weights).embed(codes, rows);
  expect(Buffer.from(embedded.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
  expect(embedded.some((value) => value > 0)).toBe(true);
});

/** The codes of these rows. */
function rowsOf(codes: Codes, rows: readonly number[]): Codes {
  return new Map([...codes].map(([key, column]) => [key, Int32Array.from(rows, (row) => column[row]!)]));
}

/** The network layer by layer, as data-plane 6.3 tells it. */
function plainForward({ features, hidden, output }: EncoderWeights, codes: Codes, row: number): number[] {
  const inputs = features.flatMap(({ lookups, column }) => {
    const joined = lookups.flatMap(({ key, table }) => {
      const start = codes.get(key)![row]! * table.columns;
      return [...table.values.subarray(start, start + table.columns)];
    });
    return column ? linear(column, joined) : joined;
  });
  const relu = (values: number[]) => values.map((value) => Math.max(0, value));
  return relu(linear(output, relu(linear(hidden, inputs))));
}

function linear({ matrix, bias }: EncoderWeights['hidden'], inputs: number[]): number[] {
  expect(inputs).toHaveLength(matrix.columns);
  return [...bias].map((start, o) =>
    inputs.reduce((sum, input, i) => sum + input * matrix.values[o * matrix.columns + i]!, start),
  );
}

async function recordedNetwork() {
  const text = await readFile(new URL('../vectors/encoder-weights/expected.json', import.meta.url), 'utf8');
  const { weights, weights_embedding } = JSON.parse(text).unprotected;
  return {
    weights: weights as Record<string, RecordedMatrix>,
    weights_embedding: weights_embedding as { rows: number[]; codes: Record<string, number[]>; float32_b64: string },
  };
}

function weightsOf(recorded: Record<string, RecordedMatrix>, keys: readonly string[]): EncoderWeights {
  const matrix = (name: string) => {
    const { shape, float32_b64 } = recorded[name]!;
    return { rows: shape[0]!, columns: shape[1]!, values: floatsOf(float32_b64) };
  };
  const layer = (name: string) => ({
    matrix: matrix(`${name}.weight`),
    bias: floatsOf(recorded[`${name}.bias`]!.float32_b64),
  });
  return {
    features: keys.map((key) => ({
      lookups: [{ key, table: matrix(`sub_col_embedding.layers.embedder@${key}.weight`) }],
    })),
    hidden: layer('compressor.0'),
    output: layer('compressor.3'),
  };
}

function floatsOf(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
}
