import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LOOK_DELAYS_MS } from '../../src/contract/limits.js';
import { type LookCost, nextLookMs, type Watched } from '../../src/workflows/watch-pace.js';

const T0 = 1_800_000_000_000;
const MINUTE_MS = 60_000;
const joined = (over: Partial<Watched> = {}): Watched => ({ looks: 0, lookedMs: T0, epochsMax: 100, ...over });
const cost = (over: Partial<LookCost> = {}): LookCost => ({
  atMs: T0,
  pages: 1,
  limit: 60,
  windowMs: MINUTE_MS,
  spare: 1,
  ...over,
});

describe('when the models are looked at', () => {
  test('one that nobody competes with: as the official SDK looks, at most every 30 s', () => {
    const delays = [...LOOK_DELAYS_MS, 30_000].map((_, looks) => nextLookMs([joined({ looks })], cost()) - T0);
    expect(delays).toEqual([2_000, 3_000, 5_000, 10_000, 15_000, 20_000, 30_000, 30_000]);
  });

  test('the soonest of all sets the time', () => {
    const watched = [joined({ looks: 9 }), joined({ looks: 1, lookedMs: T0 + 500 })];
    expect(nextLookMs(watched, undefined)).toBe(T0 + 3_500);
  });

  test('a training whose epochs are soon done is looked at then', () => {
    const sight = { first: { epoch: 10, atMs: T0 - 80_000 }, last: { epoch: 90, atMs: T0 } };
    expect(nextLookMs([joined({ looks: 9, ...sight })], cost()) - T0).toBe(10_000);
  });

  test('under a backlog a look takes a tenth of the budget: every 10 s at 60 a minute', () => {
    expect(nextLookMs([joined()], cost({ spare: 0 })) - T0).toBe(10_000);
    expect(nextLookMs([joined()], cost({ spare: 0, limit: 600 })) - T0).toBe(2_000);
  });

  test('never more than half of the budget, and a tenth where it is wanted or the list is long', () => {
    const watched = fc.array(fc.record({ looks: fc.nat(20), agoMs: fc.nat(MINUTE_MS) }), { minLength: 1 });
    const costs = fc.record({
      pages: fc.integer({ min: 1, max: 50 }),
      limit: fc.integer({ min: 1, max: 6_000 }),
      spare: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(watched, costs, (jobs, over) => {
        const atMs = nextLookMs(
          jobs.map(({ looks, agoMs }) => joined({ looks, lookedMs: T0 - agoMs })),
          cost(over),
        );
        const share = (over.pages * MINUTE_MS) / (atMs - T0) / over.limit;
        expect(share).toBeLessThanOrEqual(over.spare > 0.5 && over.pages === 1 ? 0.5 : 0.1);
      }),
    );
  });
});
