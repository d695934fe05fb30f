/**
 * The numbers of a report against the tools they are named after: SDMetrics and mostlyai-qa were run once on the tables of
 * against-sdmetrics/, by the script in docs/report.md, and their answers kept in expected.json.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { measureTables } from '../../src/report/measure-tables.js';
import type { Measurements } from '../../src/report/measurements.js';

interface Expected {
  columns: Record<string, { score: number; coverage: number; nullSimilarity: number }>;
  pairs: Record<string, number>;
  accuracy: { columns: Record<string, [number, number]>; pairs: Record<string, [number, number]> };
  /** Distances: the least, the upper quartile, the greatest. */
  distances: Record<Distances, [number, number, number]> & { nearerTrainingShare: number };
}
type Distances = 'syntheticToTraining' | 'syntheticToHoldout' | 'holdoutToTraining';

const FOLDER = join('test', 'report', 'against-sdmetrics');
const expected = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as Expected;

let measured: Measurements;
beforeAll(async () => {
  const [real, synthetic, holdout] = ['real', 'synthetic', 'holdout'].map((name) => join(FOLDER, `${name}.csv`));
  measured = await measureTables({ real: real!, synthetic: synthetic!, holdout: holdout!, seed: 1 });
});

const pairName = ({ places: [a, b] }: Measurements['byPair'][number]): string =>
  `${measured.pairedColumns[a]}, ${measured.pairedColumns[b]}`;

test('scores, coverages and null similarities of columns are those of SDMetrics', () => {
  expect(measured.byColumn.map(({ name }) => name)).toEqual(Object.keys(expected.columns));
  for (const { name, score, coverage, nulls } of measured.byColumn) {
    // TVComplement gives a new value 1e-6 of a real row.
    expect({ name, score }).toEqual({ name, score: expect.closeTo(expected.columns[name]!.score, 7) });
    expect(coverage).toBeCloseTo(expected.columns[name]!.coverage, 8);
    expect(nulls.similarity).toBeCloseTo(expected.columns[name]!.nullSimilarity, 8);
  }
});

test('scores of pairs are those of SDMetrics', () => {
  expect(measured.byPair.map(pairName)).toEqual(Object.keys(expected.pairs));
  for (const pair of measured.byPair) {
    expect({ pair: pairName(pair), score: pair.score }).toEqual({
      pair: pairName(pair),
      score: expect.closeTo(expected.pairs[pairName(pair)]!, 8),
    });
  }
});

test('accuracies, and what sampling would leave of them, are those of mostlyai-qa', () => {
  const found = {
    columns: Object.fromEntries(measured.byColumn.map(({ name, accuracy }) => [name, accuracy!])),
    pairs: Object.fromEntries(measured.byPair.map((pair) => [pairName(pair), pair.accuracy])),
  };
  for (const side of ['columns', 'pairs'] as const) {
    for (const [name, [value, atMost]] of Object.entries(expected.accuracy[side])) {
      // They round to five decimals.
      expect({ name, ...found[side][name] }).toEqual({
        name,
        value: expect.closeTo(value, 4),
        expected: expect.closeTo(atMost, 4),
      });
    }
  }
});

test('distances to the closest record are those of SDMetrics', () => {
  const distances = measured.distances!;
  expect(distances).toMatchObject({ holdout: 'file', sampled: { training: 240, holdout: 240, synthetic: 200 } });
  for (const name of ['syntheticToTraining', 'syntheticToHoldout', 'holdoutToTraining'] as const) {
    const found = [0, 75, 100].map((percent) => distances[name][percent]);
    expect({ name, found }).toEqual({
      name,
      found: expected.distances[name].map((value) => expect.closeTo(value, 10)),
    });
  }
  // No synthetic row of these tables is as far from the one as from the other, so that their share is ours.
  expect(distances.trainingShare).toBeCloseTo(expected.distances.nearerTrainingShare, 10);
});

test('the overall score is the mean of the means of columns and pairs', () => {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const columns = mean(Object.values(expected.columns).map(({ score }) => score));
  const pairs = mean(Object.values(expected.pairs));
  expect(measured.columns).toBeCloseTo(columns, 7);
  expect(measured.pairs).toBeCloseTo(pairs, 7);
  expect(measured.overall).toBeCloseTo((columns + pairs) / 2, 7);
});

test('four synthetic rows are copies', () => {
  expect(measured.copies).toEqual({ syntheticShare: 4 / 200, holdoutShare: 0 });
});
