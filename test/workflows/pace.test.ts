/** When a stage should end, at the pace it has kept. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { modelIdSchema } from '../../src/contract/ids.js';
import type { Stage } from '../../src/contract/stage.js';
import { endAtPaceMs, type Pace, paceAfter } from '../../src/workflows/pace.js';

const modelId = modelIdSchema.parse('mdl_0123456789ab');
const training = (epoch: number): Stage => ({ stage: 'training', modelId, epoch, epochsMax: 100 });
const generating = (rowsDone: number): Stage => ({ stage: 'generating', modelId, rowsDone, rows: 100 });

/** @param seen a stage and when it was seen */
const paceOf = (seen: [Stage, number][]): Pace | undefined =>
  seen.reduce<Pace | undefined>((pace, [stage, atMs]) => paceAfter(pace, stage, atMs), undefined);
const endOf = (seen: [Stage, number][], nowMs = 0): number | undefined => {
  const pace = paceOf(seen);
  return pace === undefined ? undefined : endAtPaceMs(pace, nowMs);
};

test('a training ends when its epochs are done at the pace since the first one was seen', () => {
  // What it waited before its first epoch is no pace of epochs.
  expect(
    endOf([
      [training(0), 0],
      [training(1), 50_000],
      [training(11), 60_000],
    ]),
  ).toBe(60_000 + 89_000);
});

test('a generation ends when its rows are done, counted from what was there when it began', () => {
  expect(
    endOf([
      [generating(40), 1_000],
      [generating(60), 3_000],
    ]),
  ).toBe(3_000 + 4_000);
});

test('without two looks at something that moved there is no pace', () => {
  expect(endOf([[{ stage: 'preparing' }, 0]])).toBeUndefined();
  expect(endOf([[training(0), 0]])).toBeUndefined();
  expect(endOf([[training(5), 1_000]])).toBeUndefined();
  expect(
    endOf([
      [generating(0), 0],
      [generating(0), 9_000],
    ]),
  ).toBeUndefined();
});

test('never before now, and no sooner with less done in the same time', () => {
  const looks = fc.record({
    done: fc.integer({ min: 1, max: 99 }),
    less: fc.nat(98),
    tookMs: fc.integer({ min: 1, max: 10_000_000 }),
    laterMs: fc.nat(10_000_000),
  });
  fc.assert(
    fc.property(looks, ({ done, less, tookMs, laterMs }) => {
      const nowMs = tookMs + laterMs;
      const endAfter = (rows: number): number =>
        endOf(
          [
            [generating(0), 0],
            [generating(rows), tookMs],
          ],
          nowMs,
        ) ?? Number.NaN;
      expect(endAfter(done)).toBeGreaterThanOrEqual(nowMs);
      expect(endAfter(Math.max(1, done - less))).toBeGreaterThanOrEqual(endAfter(done));
    }),
    { seed: 5 },
  );
});
