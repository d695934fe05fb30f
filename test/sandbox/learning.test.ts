/** It truly learns: what comes out has the distribution of what went in, and every wish of the request is honoured. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { seededRandom } from '../../src/sandbox/random.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { type ApiCaller, apiCaller, createBodyOf, embeddingOf } from './api-caller.js';

const A = 'feat:/a__cat';
const B = 'feat:/b__cat';
const C = 'feat:/c__E1';
const D = 'feat:/d__bin';
const CARDINALITIES: Record<string, number> = { [A]: 3, [B]: 3, [C]: 10, [D]: 4 };
const TRAINING_ROWS = 3_000;
const LONG_TRAINING_S = 3_600;
/** Far beyond the noise of the draws, far below what a wrong model would show. */
const SHARE_TOLERANCE = 0.04;

/** `b` follows `a` nine times in ten, `d` follows `b`, `c` is alone. */
function trainingRows(): Record<string, number[]> {
  const random = seededRandom(11);
  const targets: Record<string, number[]> = { [A]: [], [B]: [], [C]: [], [D]: [] };
  for (let row = 0; row < TRAINING_ROWS; row++) {
    const u = random();
    const a = u < 0.6 ? 0 : u < 0.9 ? 1 : 2;
    const b = random() < 0.9 ? a : Math.floor(random() * 3);
    const d = random() < 0.8 ? b : 3;
    for (const [key, code] of Object.entries({ [A]: a, [B]: b, [C]: Math.floor(random() ** 2 * 10), [D]: d }))
      targets[key]!.push(code);
  }
  return targets;
}

type Codes = Record<string, number[]>;

const sharesOf = (codes: readonly number[], cardinality: number): number[] =>
  Array.from({ length: cardinality }, (_, code) => codes.filter((one) => one === code).length / codes.length);

const togetherOf = (codes: Codes, left: string, right: string): number[] => {
  const width = CARDINALITIES[right]!;
  return sharesOf(
    codes[left]!.map((code, row) => code * width + codes[right]![row]!),
    CARDINALITIES[left]! * width,
  );
};

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  actual.forEach((share, index) => {
    expect(Math.abs(share - expected[index]!)).toBeLessThan(SHARE_TOLERANCE);
  });
}

let sandbox: TestSandbox;
let api: ApiCaller;
const real = trainingRows();
beforeAll(async () => {
  sandbox = await startTestSandbox({ rateLimit: 10_000, quotaRows: 10_000_000, seed: 1 });
  api = apiCaller(sandbox.url);
});
beforeEach(async () => {
  await sandbox.reset();
});
afterAll(async () => {
  await sandbox.close();
});

async function trained(): Promise<string> {
  const id = await api.trainModel(CARDINALITIES, real);
  await sandbox.advanceClock(LONG_TRAINING_S);
  return id;
}
async function codesOf(id: string, rows: number, body: object = {}): Promise<Codes> {
  const answer = await api.generate(id, rows, body);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.json.data.codes;
}

describe('flat tables', () => {
  test('marginals and dependences come back', async () => {
    const codes = await codesOf(await trained(), 4_000, { seed: 1 });
    for (const [key, cardinality] of Object.entries(CARDINALITIES)) {
      expectClose(sharesOf(codes[key]!, cardinality), sharesOf(real[key]!, cardinality));
    }
    expectClose(togetherOf(codes, A, B), togetherOf(real, A, B));
    expectClose(togetherOf(codes, A, D), togetherOf(real, A, D));
  });

  test('validation rows are not learned', async () => {
    const id = (await api.call('POST', '/v1/models', createBodyOf({ [A]: 2 }))).json.data.id;
    const batchOf = (code: number, is_validation: boolean) => ({
      embedding: embeddingOf(300),
      targets: { [A]: Array(300).fill(code) },
      is_validation,
    });
    await api.call('POST', `/v1/models/${id}/init-training`, { batches: [batchOf(0, false), batchOf(1, true)] });
    await api.call('POST', `/v1/models/${id}/train`, {});
    await sandbox.advanceClock(LONG_TRAINING_S);
    expect(sharesOf((await codesOf(id, 1_000, { seed: 1 }))[A]!, 2)[1]).toBeLessThan(0.01);
  });

  test('the same seed gives the same rows, also of another model of the same data; another seed does not', async () => {
    const [one, two] = [await trained(), await trained()];
    const codes = await codesOf(one, 200, { seed: 7 });
    expect(await codesOf(one, 200, { seed: 7 })).toEqual(codes);
    expect(await codesOf(two, 200, { seed: 7 })).toEqual(codes);
    expect(await codesOf(one, 200, { seed: 8 })).not.toEqual(codes);
    expect(await codesOf(one, 200)).not.toEqual(await codesOf(one, 200));
  });

  test('fixed_probs are met exactly, the rest keeps its proportions, and what depends on them follows', async () => {
    const id = await trained();
    const codes = await codesOf(id, 4_000, {
      seed: 1,
      fixed_probs: { [A]: { 2: 0.5 }, 'feat:/parent__cat': { 0: 0 } },
      column_order: ['feat:/a'],
    });
    const [zero, one] = sharesOf(real[A]!, 3) as [number, number];
    expectClose(sharesOf(codes[A]!, 3), [(0.5 * zero) / (zero + one), (0.5 * one) / (zero + one), 0.5]);
    expect(sharesOf(codes[B]!, 3)[2]).toBeGreaterThan(0.4);
  });

  test('a forbidden code never comes; a list that forbids every code is not followed', async () => {
    const id = await trained();
    expect((await codesOf(id, 1_000, { fixed_probs: { [A]: { 0: 0 } } }))[A]).not.toContain(0);
    expect((await api.generate(id, 10, { fixed_probs: { [A]: { 0: 0, 1: 0, 2: 0 } } })).status).toBe(200);
  });

  test('fixed_values are kept, -1 is drawn, and other columns follow', async () => {
    const rows = 1_500;
    const given = Array.from({ length: rows }, (_, row) => [2, 0, -1][row % 3]!);
    const codes = await codesOf(await trained(), rows, { seed: 1, fixed_values: { [A]: given } });
    given.forEach((code, row) => {
      if (code >= 0) expect(codes[A]![row]).toBe(code);
      else expect(codes[A]![row]).toBeGreaterThanOrEqual(0);
    });
    const besideTwo = codes[B]!.filter((_, row) => given[row] === 2);
    const besideZero = codes[B]!.filter((_, row) => given[row] === 0);
    expect(sharesOf(besideTwo, 3)[2]).toBeGreaterThan(0.8);
    expect(sharesOf(besideZero, 3)[0]).toBeGreaterThan(0.8);
    expectClose(
      sharesOf(
        codes[A]!.filter((_, row) => given[row] === -1),
        3,
      ),
      sharesOf(real[A]!, 3),
    );
  });

  test('a column between two fixed ones heeds both', async () => {
    const rows = 1_000;
    const fixed_values = { [A]: Array(rows).fill(2), [D]: Array(rows).fill(0) };
    const codes = await codesOf(await trained(), rows, { seed: 1, fixed_values });
    const expected = real[B]!.filter((_, row) => real[A]![row] === 2 && real[D]![row] === 0);
    expect(sharesOf(codes[B]!, 3)[0]).toBeGreaterThan(0.6);
    expect(sharesOf(expected, 3)[0]).toBeGreaterThan(0.6);
  });

  test('column_order decides which column is drawn first, and changes no distribution', async () => {
    const id = await trained();
    const forward = await codesOf(id, 4_000, { seed: 1, column_order: ['feat:/a', 'feat:/b', 'feat:/c', 'feat:/d'] });
    const backward = await codesOf(id, 4_000, { seed: 1, column_order: ['feat:/d', 'feat:/c', 'feat:/b', 'feat:/a'] });
    expect(backward).not.toEqual(forward);
    expectClose(togetherOf(backward, A, B), togetherOf(forward, A, B));
  });

  test('diversity below 1 sharpens, above 1 flattens', async () => {
    const id = await trained();
    const shareOfZero = async (diversity: number) =>
      sharesOf((await codesOf(id, 2_000, { seed: 1, diversity, column_order: ['feat:/a'] }))[A]!, 3)[0]!;
    const [sharp, plain, flat] = [await shareOfZero(0.3), await shareOfZero(1), await shareOfZero(5)];
    expect(sharp).toBeGreaterThan(plain + 0.2);
    expect(flat).toBeLessThan(plain - 0.1);
  });

  test('rare_cutoff leaves out the least likely codes', async () => {
    const codes = await codesOf(await trained(), 2_000, { seed: 1, rare_cutoff: 0.85, column_order: ['feat:/a'] });
    expect(new Set(codes[A])).toEqual(new Set([0, 1]));
  });

  test('bias draws the target independently of the sensitive column', async () => {
    const bias = { target_sub_col: B, sensitive_sub_cols: [A], sensitive_groups: [[0, 1, 2]] };
    const codes = await codesOf(await trained(), 4_000, { seed: 1, bias });
    for (const group of [0, 1])
      expectClose(
        sharesOf(
          codes[B]!.filter((_, row) => codes[A]![row] === group),
          3,
        ),
        sharesOf(real[B]!, 3),
      );
  });

  test('no rows asked for give no rows, and a table without training rows gives any codes', async () => {
    const id = await trained();
    expect((await codesOf(id, 0))[A]).toEqual([]);
    const bare = (await api.call('POST', '/v1/models', createBodyOf({ [A]: 2 }))).json.data.id;
    await api.call('POST', `/v1/models/${bare}/init-training`, {
      batches: [{ embedding: embeddingOf(1), targets: { [A]: [1] }, is_validation: true }],
    });
    await api.call('POST', `/v1/models/${bare}/train`, {});
    await sandbox.advanceClock(LONG_TRAINING_S);
    expect(new Set((await codesOf(bare, 100, { seed: 1 }))[A])).toEqual(new Set([0, 1]));
  });
});

test('a sequential model answers steps with positions that agree, and keeps to conditions', async () => {
  const metadata = { is_sequential: true, seq_len_max: 3 };
  const cardinalities = { __pos____sidx_cat: 4, __pos____slen_cat: 4, __pos____ridx_cat: 4, [A]: 3 };
  const id = (await api.call('POST', '/v1/models', createBodyOf(cardinalities, metadata))).json.data.id;
  const targets = {
    __pos____sidx_cat: [
      [0, 1, 2, 3],
      [0, 1],
    ],
    __pos____slen_cat: [
      [3, 3, 3, 3],
      [1, 1],
    ],
    __pos____ridx_cat: [
      [3, 2, 1, 0],
      [1, 0],
    ],
    [A]: [
      [1, 2, 1, 0],
      [2, 0],
    ],
  };
  const batches = [false, true].map((is_validation) => ({
    embedding: embeddingOf(2),
    targets,
    is_sequential: true,
    is_validation,
  }));
  expect((await api.call('POST', `/v1/models/${id}/init-training`, { batches })).status).toBe(200);
  await api.call('POST', `/v1/models/${id}/train`, {});
  await sandbox.advanceClock(LONG_TRAINING_S);
  const entities = 40;
  const fixed_values = { [A]: Array.from({ length: entities }, (_, entity) => (entity === 0 ? [2, 2] : [-1, -1])) };
  const answer = await api.generate(id, entities, { is_sequential: true, seq_len_max: 3, seed: 3, fixed_values });
  const { codes, n_rows } = answer.json.data as { codes: Record<string, number[][]>; n_rows: number };
  const lengths = codes.__pos____ridx_cat!.map((ridx) => ridx.indexOf(0));
  expect(new Set(lengths.slice(1))).toEqual(new Set([1, 3]));
  lengths.forEach((length, entity) => {
    expect(codes.__pos____sidx_cat![entity]).toEqual(Array.from({ length: length + 1 }, (_, step) => step));
    expect(codes.__pos____slen_cat![entity]).toEqual(Array(length + 1).fill(length));
    expect(codes[A]![entity]).toHaveLength(length + 1);
  });
  expect(codes[A]![0]!.slice(0, 2)).toEqual([2, 2]);
  const padded = sharesOf(
    codes[A]!.flatMap((steps) => steps.slice(0, -1)),
    3,
  )[0];
  expect(padded).toBeLessThan(0.1);
  expect(n_rows).toBe(lengths.reduce((total, length) => total + length, 0));
  expect((await sandbox.summary()).rowsBilled).toBe(n_rows);
});
