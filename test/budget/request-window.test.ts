/** The window as it looks from here, held against the API's own: never over its limit, and hardly ever under it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openRequestWindow } from '../../src/budget/request-window.js';
import { RateWindow } from '../../src/sandbox/rate-window.js';

const WINDOW_MS = 60_000;
/** Under a backlog a share of this is always used: the rest is the margin for clocks and networks. */
const USED_SHARE = 0.97;

/** Sends whenever it may, for `minutes`; each request arrives after a delay and is answered at once. */
function spend(options: { limit: number; minutes: number; delays: number[]; assumed?: number; othersAtMs?: number[] }) {
  const { limit, minutes, delays, assumed = limit } = options;
  const api = new RateWindow();
  const window = openRequestWindow(WINDOW_MS, { limit: assumed });
  const others = [...(options.othersAtMs ?? [])].sort((one, other) => one - other);
  let nowMs = 1_000_000;
  const endMs = nowMs + minutes * 60_000;
  let admitted = 0;
  let refused = 0;
  const sentAtMs: number[] = [];
  for (let index = 0; ; index += 1) {
    nowMs = Math.max(nowMs, window.turnsAtMs(nowMs, 1)[0] ?? nowMs);
    if (nowMs >= endMs) return { admitted, refused, sentAtMs };
    const sent = window.send(nowMs);
    sentAtMs.push(nowMs);
    nowMs += delays[index % delays.length] ?? 0;
    while (others[0] !== undefined && others[0] + 1_000_000 <= nowMs)
      api.admit((others.shift() ?? 0) + 1_000_000, limit);
    const view = api.admit(nowMs, limit);
    if (view.admitted) {
      admitted += 1;
      window.arrived(sent, nowMs);
      window.learn(sent, view, nowMs);
    } else {
      refused += 1;
      window.withdraw(sent);
      window.silence(view.resetMs);
    }
  }
}

const delays = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 50 });

describe('alone under a backlog', () => {
  test('nothing is refused, and at least 97 % of the limit is used', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90 }), delays, (limit, latencies) => {
        const { admitted, refused } = spend({ limit, minutes: 10, delays: latencies });
        expect(refused).toBe(0);
        // One at a time, a request that takes long may itself be what uses the time up.
        const possible = Math.min(limit * 10, 600_000 / (1 + Math.max(...latencies)));
        expect(admitted).toBeGreaterThanOrEqual(Math.floor(possible * USED_SHARE));
      }),
    );
  });

  test('a quiet minute is used at once', () => {
    const { sentAtMs } = spend({ limit: 60, minutes: 1, delays: [0] });
    expect(sentAtMs.filter((atMs) => atMs === sentAtMs[0])).toHaveLength(60);
  });
});

test('another limit than was assumed is learnt from the first answer', () => {
  expect(spend({ limit: 20, assumed: 60, minutes: 5, delays: [50] }).refused).toBe(0);
  const { admitted } = spend({ limit: 100, assumed: 60, minutes: 10, delays: [50] });
  expect(admitted).toBeGreaterThanOrEqual(100 * 10 * USED_SHARE);
});

test('others who use the key are seen and given way: what is refused is the odd race, not every minute', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 600_000 }), { minLength: 100, maxLength: 300 }), (othersAtMs) => {
      const { admitted, refused } = spend({ limit: 60, minutes: 10, delays: [100], othersAtMs });
      expect(refused).toBeLessThanOrEqual(admitted / 10);
      expect(admitted).toBeGreaterThan((600 - othersAtMs.length) * 0.7);
    }),
    { numRuns: 30 },
  );
});

test('who takes over with what was told goes on where the last one was', () => {
  const first = openRequestWindow(WINDOW_MS, { limit: 10 });
  for (let index = 0; index < 7; index += 1) first.arrived(first.send(index * 1_000), index * 1_000);
  const second = openRequestWindow(WINDOW_MS, first.record(7_000));
  expect(second.turnsAtMs(7_000, 4).filter((atMs) => atMs === 7_000)).toHaveLength(3);
  expect(second.turnsAtMs(7_000, 4)[3]).toBeGreaterThanOrEqual(WINDOW_MS);
});

test('silence holds for everyone until its end', () => {
  const window = openRequestWindow(WINDOW_MS, { limit: 10 });
  window.silence(5_000);
  window.silence(3_000);
  expect(window.turnsAtMs(1_000, 2)).toEqual([5_000, 5_000]);
  expect(window.turnsAtMs(6_000, 1)).toEqual([6_000]);
});
