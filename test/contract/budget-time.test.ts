/** How long a request budget takes. The law is a simulation: requests sent one by one as soon as the window allows. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { BudgetState, Leaving } from '../../src/contract/budget.js';
import { budgetTimeMs, lastTurnAtMs } from '../../src/contract/budget-time.js';

const NOW_MS = 1_000_000;
const seeded = { seed: 5 };

/** When the last of so many requests is sent where each goes as soon as fewer than `limit` are in the window. */
function simulate(busy: readonly number[], requests: number, limit: number, windowMs: number, fromMs: number): number {
  const leaving = [...busy];
  let lastMs = fromMs;
  for (let sent = 0; sent < requests; sent += 1) {
    leaving.sort((one, other) => one - other);
    lastMs = Math.max(lastMs, leaving.at(-limit) ?? fromMs);
    leaving.push(lastMs + windowMs);
  }
  return lastMs;
}

const windows = fc.record({ limit: fc.integer({ min: 1, max: 20 }), windowMs: fc.integer({ min: 1, max: 60_000 }) });
const leaving = (windowMs: number): fc.Arbitrary<Leaving[]> =>
  fc.array(fc.tuple(fc.integer({ min: NOW_MS - windowMs, max: NOW_MS + windowMs }), fc.integer({ min: 1, max: 5 })), {
    maxLength: 5,
  });
const states: fc.Arbitrary<BudgetState> = windows.chain((window) =>
  fc.record({
    at: fc.constant(new Date(NOW_MS).toISOString()),
    limit: fc.constant(window.limit),
    windowMs: fc.constant(window.windowMs),
    ours: leaving(window.windowMs),
    others: leaving(window.windowMs),
    silentUntilMs: fc.oneof(fc.constant(0), fc.integer({ min: NOW_MS, max: NOW_MS + 30_000 })),
    sent: fc.constant(0),
    refused: fc.constant(0),
    waiting: fc.record({ delete: fc.nat(3), prepare: fc.nat(30), generate: fc.nat(30), look: fc.nat(3) }),
    next: fc.constant([]),
  }),
);
const counts = fc.integer({ min: 1, max: 200 });

test.each([
  [0, 0],
  [1, 0],
  [60, 0],
  [61, 60],
  [120, 60],
  [121, 120],
  [10_000, 166 * 60],
])('%i requests of 60 a minute take %i s: the first 60 go at once', (requests, seconds) => {
  expect(budgetTimeMs(requests, { limit: 60, windowMs: 60_000 })).toBe(seconds * 1_000);
});

test('the time is that of requests sent one by one', () => {
  fc.assert(
    fc.property(windows, counts, ({ limit, windowMs }, requests) => {
      expect(budgetTimeMs(requests, { limit, windowMs })).toBe(simulate([], requests, limit, windowMs, 0));
    }),
    seeded,
  );
});

test('behind those that wait and what is in the window, the last turn is when a simulation has it', () => {
  fc.assert(
    fc.property(states, counts, (state, requests) => {
      const startMs = Math.max(NOW_MS, state.silentUntilMs);
      const busy = [...state.ours, ...state.others]
        .flatMap(([atMs, count]) => new Array<number>(count).fill(atMs))
        .filter((atMs) => atMs > startMs);
      const ahead = Object.values(state.waiting).reduce((sum, count) => sum + count, 0);
      const simulated = simulate(busy, ahead + requests, state.limit, state.windowMs, startMs);
      expect(lastTurnAtMs(state, requests, NOW_MS)).toBe(simulated);
    }),
    seeded,
  );
});

test('the last turn never comes before now, and no sooner for more requests', () => {
  fc.assert(
    fc.property(states, fc.nat(200), fc.nat(50), (state, requests, more) => {
      const atMs = lastTurnAtMs(state, requests, NOW_MS);
      expect(atMs).toBeGreaterThanOrEqual(NOW_MS);
      expect(lastTurnAtMs(state, requests + more, NOW_MS)).toBeGreaterThanOrEqual(atMs);
    }),
    seeded,
  );
});

test('a request whose answer is missing does not turn the order around', () => {
  const state: BudgetState = {
    at: new Date(NOW_MS).toISOString(),
    limit: 2,
    windowMs: 60_000,
    ours: [[NOW_MS + 75_000, 1]],
    others: [],
    silentUntilMs: 0,
    sent: 1,
    refused: 0,
    waiting: { delete: 0, prepare: 0, generate: 0, look: 0 },
    next: [],
  };
  const turns = [1, 2, 3].map((requests) => lastTurnAtMs(state, requests, NOW_MS) - NOW_MS);
  expect(turns).toEqual([0, 60_000, 60_000]);
});
