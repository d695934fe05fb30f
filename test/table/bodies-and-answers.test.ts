/** The outward half where nothing is recorded: refusals, departures, sizes, and values that must survive the round trip. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { generationSchema, modelSettingsSchema } from '../../src/contract/requests.js';
import { analyze } from '../../src/table/analyze.js';
import type { Table } from '../../src/table/column.js';
import { decode } from '../../src/table/decode.js';
import { encode } from '../../src/table/encode.js';
import { Random } from '../../src/table/random.js';
import type { Analysis } from '../../src/table/stats.js';
import { chunksOf } from '../../src/table/wire/body.js';
import { checkGeneration, generateBody } from '../../src/table/wire/generate-body.js';
import { generatedCodes } from '../../src/table/wire/generated-codes.js';
import { initTrainingBody } from '../../src/table/wire/init-training-body.js';

const MIB = 1024 * 1024;
const model = modelSettingsSchema.parse({});
const textOf = (chunks: Iterable<Uint8Array>) => Buffer.concat([...chunks]).toString();

/** g: `<protected>` F M; n: discrete, everything rare. */
const analysis: Analysis = {
  version: 1,
  rows: 10,
  warnings: [],
  features: [
    {
      name: 'g',
      sourceType: 'text',
      isDate: false,
      reason: '',
      stats: { encoding: 'TABULAR_CATEGORICAL', rareCategories: 0, vocabulary: ['<protected>', 'F', 'M'] },
    },
    {
      name: 'n',
      sourceType: 'integer',
      isDate: false,
      reason: '',
      stats: { encoding: 'TABULAR_NUMERIC_DISCRETE', vocabulary: ['<protected>'], minDecimal: 0 },
    },
  ],
};

describe('a generation body', () => {
  const bodyOf = (generation: object, rows = 2) =>
    generateBody(analysis, { rows, model, generation: generationSchema.parse(generation) });
  const fixedProbsOf = (generation: object) => JSON.parse(textOf(bodyOf(generation).chunks())).fixed_probs;

  test('scales shares above 1 down, and sends smaller sums as they are', () => {
    const asked = (probabilities: object) => fixedProbsOf({ distribution: { column: 'g', probabilities } });
    expect(asked({ M: 3, F: 1, Q: 1 })).toEqual({ 'feat:/g__cat': { 0: 0, 2: 0.75, 1: 0.25 } });
    expect(asked({ M: 0.3 })).toEqual({ 'feat:/g__cat': { 0: 0, 2: 0.3 } });
  });

  test('never leaves a column without a possible code', () => {
    expect(fixedProbsOf({})).not.toHaveProperty(['feat:/n__cat']);
  });

  test('is the same each time, of the stated size, in chunks of at most 1 MiB', () => {
    for (const rows of [1, 2, 3, 10_000]) {
      const body = bodyOf({}, rows);
      const chunks = [...body.chunks()];
      expect(chunks.reduce((sum, { length }) => sum + length, 0)).toBe(body.bytes);
      expect(Buffer.concat(chunks).equals(Buffer.concat([...body.chunks()]))).toBe(true);
      expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(MIB);
      const embedding = Buffer.from(JSON.parse(Buffer.concat(chunks).toString()).embedding.embedding_b64, 'base64');
      expect(embedding.equals(Buffer.alloc(rows * 64 * 4))).toBe(true);
    }
  });

  test.each([
    [{ distribution: { column: 'x', probabilities: { F: 1 } } }, 'generation.distribution.column'],
    [{ distribution: { column: 'n', probabilities: { 1: 1 } } }, 'generation.distribution.column'],
    [{ distribution: { column: 'g', probabilities: { Q: 1 } } }, 'generation.distribution.probabilities'],
    [{ distribution: { column: 'g', probabilities: { F: 0, M: 0 } } }, 'generation.distribution.probabilities'],
    [{ bias: { target: 'n', sensitive: ['g'] } }, 'generation.bias.target'],
    [{ bias: { target: 'g', sensitive: ['n'] } }, 'generation.bias.sensitive'],
  ])('%j is refused before training', (generation, param) => {
    const check = () => checkGeneration(analysis, generationSchema.parse(generation));
    expect(check).toThrow(expect.objectContaining({ code: 'request_invalid', param }));
  });
});

describe('an answer', () => {
  const good = { 'feat:/g__cat': [1, 2], 'feat:/n__cat': [0, 0] };

  test('becomes codes, whatever else it holds', () => {
    const codes = generatedCodes({ codes: { ...good, more: ['x'] }, n_rows: 2 }, analysis, 2);
    expect([...codes]).toEqual([
      ['feat:/g__cat', Int32Array.of(1, 2)],
      ['feat:/n__cat', Int32Array.of(0, 0)],
    ]);
  });

  test.each([
    ['nothing', null, /codes/],
    ['no codes', { rows: 2 }, /codes/],
    ['a missing sub-column', { codes: { 'feat:/g__cat': [1, 2] } }, /"feat:\/n__cat"/],
    ['too few rows', { codes: { ...good, 'feat:/n__cat': [0] } }, /1 codes where 2 rows/],
    ['a code out of range', { codes: { ...good, 'feat:/g__cat': [1, 3] } }, /row 1 of "feat:\/g__cat"/],
    ['a fraction', { codes: { ...good, 'feat:/g__cat': [0.5, 1] } }, /row 0 of "feat:\/g__cat"/],
    ['a text', { codes: { ...good, 'feat:/g__cat': ['1', 1] } }, /row 0/],
  ])('with %s is refused', (_, data, message) => {
    expect(() => generatedCodes(data, analysis, 2)).toThrow(message);
    expect(() => generatedCodes(data, analysis, 2)).toThrow(expect.objectContaining({ code: 'answer_invalid' }));
  });
});

test('text is cut into chunks between characters, never inside one', () => {
  const text = `a${'🙂'.repeat(400_000)}`;
  const chunks = [...chunksOf([text, 'é', ''])];
  expect(chunks.length).toBeGreaterThan(1);
  expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(MIB);
  expect(chunks.map((chunk) => Buffer.from(chunk).toString()).join('')).toBe(`${text}é`);
});

test('row i of an embedding belongs to element i of the targets, across blocks and batches', () => {
  const rows = 1000;
  const dictionary = Array.from({ length: 50 }, (_, i) => `v${i}`);
  const indices = Int32Array.from({ length: rows }, (_, i) => (i * i) % 50);
  const table: Table = { rows, columns: [{ name: 'g', type: 'text', rows, dictionary, indices }] };
  const learned = analyze(table, { protectRare: false, random: new Random(1) });
  const codes = encode(table, learned, new Random(1));
  const settings = modelSettingsSchema.parse({ batch_size: 800, embedding_dim: 4 });
  const { batches } = JSON.parse(textOf(initTrainingBody(learned, codes, settings, new Random(1))));
  const embeddingByCode = new Map<number, string>();
  let seen = 0;
  for (const { embedding, targets } of batches) {
    const bytes = Buffer.from(embedding.embedding_b64, 'base64');
    for (const [i, code] of targets['feat:/g__cat'].entries()) {
      const row = bytes.subarray(16 * i, 16 * (i + 1)).toString('hex');
      expect(embeddingByCode.get(code) ?? row).toBe(row);
      embeddingByCode.set(code, row);
      seen += 1;
    }
  }
  expect(seen).toBe(rows);
  expect(new Set(embeddingByCode.values()).size).toBeGreaterThan(5);
});

test('privacy noise reaches training and validation embeddings alike, and nothing else', () => {
  const rows = 30;
  const table: Table = {
    rows,
    columns: [
      {
        name: 'g',
        type: 'text',
        rows,
        dictionary: ['a', 'b'],
        indices: Int32Array.from({ length: rows }, (_, i) => i % 2),
      },
    ],
  };
  const learned = analyze(table, { protectRare: false, random: new Random(1) });
  const codes = encode(table, learned, new Random(1));
  const batchesWith = (enabled: boolean) =>
    JSON.parse(
      textOf(initTrainingBody(learned, codes, modelSettingsSchema.parse({ privacy: { enabled } }), new Random(1))),
    ).batches as { embedding: { embedding_b64: string }; targets: unknown; is_validation: boolean }[];
  const [clean, noisy] = [batchesWith(false), batchesWith(true)];
  const isBelowZero = ({ embedding }: (typeof clean)[number]) => {
    const bytes = Buffer.from(embedding.embedding_b64, 'base64');
    return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i)).some((value) => value < 0);
  };
  expect(clean.map(isBelowZero)).toEqual([false, false]);
  expect(noisy.map(isBelowZero)).toEqual([true, true]);
  expect(noisy.map(({ targets }) => targets)).toEqual(clean.map(({ targets }) => targets));
});

test('what the encoding keeps comes back as it was: texts, integers, few floats, booleans, dates', () => {
  const rows = 40;
  const cells = <T>(value: fc.Arbitrary<T>) => fc.array(fc.option(value), { minLength: rows, maxLength: rows });
  const isNull = (column: readonly unknown[]) => Uint8Array.from(column, (cell) => (cell === null ? 1 : 0));
  fc.assert(
    fc.property(
      cells(fc.constantFrom('a', '<protected>', '<<NULL>>', '\u0001x', '10', '2', '', '🙂', ' b ')),
      cells(fc.integer()),
      cells(fc.constantFrom(0.1, -2.5, 1e-7, 1e20, 3)),
      cells(fc.boolean()),
      cells(fc.integer({ min: -100_000, max: 100_000 })),
      (texts, integers, floats, booleans, days) => {
        const dictionary = [...new Set(texts.filter((text) => text !== null))];
        const table: Table = {
          rows,
          columns: [
            {
              name: 't',
              type: 'text',
              rows,
              dictionary,
              indices: Int32Array.from(texts, (text) => (text === null ? -1 : dictionary.indexOf(text))),
            },
            {
              name: 'i',
              type: 'integer',
              rows,
              values: Float64Array.from(integers, (cell) => cell ?? 0),
              isNull: isNull(integers),
            },
            {
              name: 'f',
              type: 'float',
              rows,
              values: Float64Array.from(floats, (cell) => cell ?? 0),
              isNull: isNull(floats),
            },
            { name: 'b', type: 'boolean', rows, values: Uint8Array.from(booleans, Number), isNull: isNull(booleans) },
            {
              name: 'd',
              type: 'timestamp',
              rows,
              values: BigInt64Array.from(days, (day) => BigInt(day ?? 0) * 86_400_000_000n),
              isNull: isNull(days),
              isDate: true,
            },
          ],
        };
        const learned = analyze(table, { protectRare: false, random: new Random(1) });
        const decoded = decode(encode(table, learned, new Random(1)), learned, {
          rareStrategy: 'mask',
          random: new Random(1),
        });
        expect(decoded).toEqual(table);
      },
    ),
    { seed: 7, numRuns: 60 },
  );
});
