import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openRowQuota, QUOTA_WORD_MS, type RowQuota, type RowsClaim } from '../../src/budget/row-quota.js';
import { quotaStateSchema } from '../../src/contract/budget.js';

const START_MS = Date.UTC(2026, 10, 23);
const NEXT_MONTH_MS = Date.UTC(2026, 11, 1);

const claim = (run: string, rowsLeft: number, more: Partial<RowsClaim> = {}): RowsClaim => ({
  job: `job-${run}`,
  run,
  rows: 0,
  rowsLeft,
  isAskedAgain: false,
  mayHaveBeenSent: false,
  ...more,
});
const open = (setting?: number): RowQuota => openRowQuota(setting, undefined, START_MS);
/** Asked for and billed. */
function bill(quota: RowQuota, run: string, rows: number, rowsLeft: number, nowMs = START_MS): void {
  const chunk = claim(run, rowsLeft, { rows });
  expect(quota.reserve(chunk, nowMs)).toBeUndefined();
  quota.billed(chunk, nowMs, nowMs);
}
/** What the next spender makes of what this one told. */
function takenOver(quota: RowQuota, setting: number | undefined, nowMs = START_MS): RowQuota {
  return openRowQuota(setting, quotaStateSchema.parse(JSON.parse(JSON.stringify(quota.record(nowMs)))), nowMs);
}

describe('a known quota', () => {
  test('never promises more rows than there are, in the order in which jobs come, whatever is billed, ended or taken over between', () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          what: fc.constant('claim' as const),
          run: fc.nat(12),
          rows: fc.integer({ min: 1, max: 400 }),
        }),
      },
      {
        weight: 6,
        arbitrary: fc.record({
          what: fc.constant('chunk' as const),
          run: fc.nat(12),
          rows: fc.integer({ min: 1, max: 90 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ what: fc.constant('end' as const), run: fc.nat(12), rows: fc.constant(0) }) },
      {
        weight: 1,
        arbitrary: fc.record({ what: fc.constant('take over' as const), run: fc.constant(0), rows: fc.constant(0) }),
      },
    );
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 2_000 }), fc.array(step, { maxLength: 80 }), (limit, steps) => {
        let quota = open(limit);
        const needs = new Map<string, number>();
        let billed = 0;
        let nowMs = START_MS;
        for (const { what, run: number, rows } of steps) {
          const run = String(number);
          nowMs += 1_000;
          const need = needs.get(run);
          if (what === 'claim' && need === undefined) {
            const promised = [...needs.values()].reduce((sum, one) => sum + one, 0);
            const shortage = quota.reserve(claim(run, rows), nowMs);
            const isWithin = billed + promised + rows <= limit;
            if (isWithin) expect(shortage).toBeUndefined();
            if (shortage === undefined && isWithin) needs.set(run, rows);
            // One is let through when the API has not spoken for a minute, and only where it would not fit alone.
            if (shortage === undefined && !isWithin) {
              expect(billed + rows).toBeGreaterThan(limit);
              quota.release(run);
            }
          } else if (what === 'chunk' && need !== undefined) {
            const chunk = Math.min(rows, need);
            bill(quota, run, chunk, need, nowMs);
            billed += chunk;
            if (chunk === need) needs.delete(run);
            else needs.set(run, need - chunk);
          } else if (what === 'end') {
            quota.release(run);
            needs.delete(run);
          } else if (what === 'take over') {
            quota = takenOver(quota, limit, nowMs);
          }
          const { used, reserved, limit: known } = quota.record(nowMs);
          expect(known).toBe(limit);
          expect(used).toBe(billed);
          expect(reserved).toBe([...needs.values()].reduce((sum, one) => sum + one, 0));
          expect(used + reserved).toBeLessThanOrEqual(limit);
        }
      }),
      { seed: 5, numRuns: 500 },
    );
  });

  test('a claim that was reckoned before others of the job were billed raises nothing', () => {
    const quota = open(1_000);
    quota.reserve(claim('a', 400), START_MS);
    const chunks = [1, 2, 3, 4].map(() => claim('a', 400, { rows: 100 }));
    for (const chunk of chunks) {
      expect(quota.reserve(chunk, START_MS)).toBeUndefined();
      quota.billed(chunk, START_MS, START_MS);
    }
    expect(quota.record(START_MS)).toMatchObject({ used: 400, reserved: 0, reservedBy: 0 });
  });

  test('rows that were billed under a spender that did not come to tell are counted when their job says that it has them', () => {
    const quota = open(1_000);
    quota.reserve(claim('a', 400), START_MS);
    const next = takenOver(quota, 1_000);
    next.reserve(claim('a', 300, { rows: 100 }), START_MS);
    expect(next.record(START_MS)).toMatchObject({ used: 100, reserved: 300 });
  });

  test('the next period begins with nothing used, and what is reserved stays so', () => {
    const quota = open(500);
    bill(quota, 'a', 300, 400);
    expect(quota.reserve(claim('b', 200), NEXT_MONTH_MS - 1)).toMatchObject({
      used: 300,
      reserved: 100,
      reservedBy: 1,
    });
    expect(quota.reserve(claim('b', 200), NEXT_MONTH_MS)).toBeUndefined();
    expect(quota.record(NEXT_MONTH_MS)).toMatchObject({ used: 0, reserved: 300, resetsAtMs: Date.UTC(2027, 0, 1) });
  });

  test('a request that may have been sent before is never refused, nor one of a job that goes on after a hold', () => {
    const quota = open(100);
    bill(quota, 'a', 100, 100);
    expect(quota.reserve(claim('b', 50), START_MS)).toBeDefined();
    expect(quota.reserve(claim('b', 50, { mayHaveBeenSent: true }), START_MS)).toBeUndefined();
    expect(quota.reserve(claim('c', 50, { isAskedAgain: true }), START_MS)).toBeUndefined();
    // Its chunks after the training are not asked for again, but are of the job that somebody let go on.
    expect(quota.reserve(claim('c', 50, { rows: 25 }), START_MS)).toBeUndefined();
    quota.exceeded(claim('c', 50, { rows: 25 }), { used: 100, limit: 100 }, START_MS);
    expect(quota.reserve(claim('c', 25, { rows: 25 }), START_MS)).toBeDefined();
  });

  test('a changed setting is the last word, an unchanged one is not said again', () => {
    const quota = open(100);
    quota.exceeded(claim('a', 10), { used: 40, limit: 50 }, START_MS);
    expect(takenOver(quota, 100).record(START_MS)).toMatchObject({ limit: 50, used: 40 });
    expect(takenOver(quota, 200).record(START_MS)).toMatchObject({ limit: 200, used: 40 });
  });
});

describe('a quota that nobody knows', () => {
  test('everything passes; the first 402 teaches, and jobs that came first go on', () => {
    const quota = open();
    for (const run of ['a', 'b', 'c', 'd']) expect(quota.reserve(claim(run, 100), START_MS)).toBeUndefined();
    bill(quota, 'a', 60, 100);
    quota.exceeded(claim('d', 100, { rows: 50 }), { used: 60, limit: 210, resetsAt: '2026-12-24T00:00:00Z' }, START_MS);
    expect(quota.record(START_MS).resetsAtMs).toBe(Date.UTC(2026, 11, 24));
    expect(quota.reserve(claim('a', 40, { rows: 40 }), START_MS)).toBeUndefined();
    expect(quota.reserve(claim('b', 100, { rows: 50 }), START_MS)).toBeUndefined();
    expect(quota.reserve(claim('c', 100, { rows: 50 }), START_MS)).toMatchObject({
      used: 60,
      limit: 210,
      reserved: 140,
      reservedBy: 2,
    });
  });

  test('what was under way when the API counted is no proof that it lets more pass', () => {
    const quota = open();
    const chunk = claim('a', 100, { rows: 100 });
    quota.reserve(chunk, START_MS);
    quota.exceeded(claim('b', 100, { rows: 50 }), { used: 180, limit: 200 }, START_MS + 10);
    quota.billed(chunk, START_MS, START_MS + 20);
    expect(quota.record(START_MS + 20)).toMatchObject({ limit: 200, used: 200 });
  });
});

describe('what is known but old', () => {
  const laterMs = START_MS + QUOTA_WORD_MS + 1;
  const told = (): RowQuota => {
    const quota = open();
    quota.exceeded(claim('a', 100), { used: 90, limit: 100 }, START_MS);
    return quota;
  };

  test('locks nobody out: one job finds out, and a success beyond the limit makes it unknown again', () => {
    const quota = told();
    expect(quota.reserve(claim('b', 50), START_MS + QUOTA_WORD_MS)).toBeDefined();
    expect(quota.reserve(claim('b', 50), laterMs)).toBeUndefined();
    expect(quota.reserve(claim('c', 50), laterMs)).toBeDefined();
    bill(quota, 'b', 50, 50, laterMs + 1);
    expect(quota.record(laterMs + 1).limit).toBeUndefined();
    expect(quota.reserve(claim('c', 50_000), laterMs + 1)).toBeUndefined();
  });

  test('while one trains to find out no other does, however long it takes', () => {
    const quota = told();
    expect(quota.reserve(claim('b', 50), laterMs)).toBeUndefined();
    expect(quota.reserve(claim('c', 50), laterMs + 10 * QUOTA_WORD_MS)).toBeDefined();
    expect(quota.reserve(claim('d', 50, { rows: 25 }), laterMs + 10 * QUOTA_WORD_MS)).toBeUndefined();
    quota.release('b');
    quota.release('d');
    expect(quota.reserve(claim('c', 50), laterMs + 20 * QUOTA_WORD_MS)).toBeUndefined();
  });

  test('does not let pass what others have reserved, nor more than the operator says there is at all', () => {
    const quota = open(100);
    quota.reserve(claim('a', 60), laterMs);
    expect(quota.reserve(claim('b', 50), laterMs)).toMatchObject({ reserved: 60 });
    expect(quota.reserve(claim('c', 101), laterMs)).toMatchObject({ needed: 101 });
  });
});

test('a record names the 200 oldest reservations, and counts all', () => {
  const quota = open();
  for (let index = 0; index < 250; index += 1) quota.reserve(claim(String(index), 2), START_MS);
  const { reservations, reserved, reservedBy } = quota.record(START_MS);
  expect({ told: reservations.length, reserved, reservedBy }).toEqual({ told: 200, reserved: 500, reservedBy: 250 });
  expect(reservations[0]?.run).toBe('0');
});
