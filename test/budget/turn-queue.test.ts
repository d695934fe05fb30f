import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Claim, openTurnQueue } from '../../src/budget/turn-queue.js';
import { REQUEST_KINDS, type RequestKind } from '../../src/contract/budget.js';

const claim = (kind: RequestKind, { priority = 3, fairnessKey = '', job = '' } = {}): Claim => ({
  kind,
  priority,
  fairnessKey,
  job,
  run: job,
});

function turnsOf(claims: Claim[]): Claim[] {
  const queue = openTurnQueue<Claim>();
  for (const one of claims) queue.add(one);
  return claims.map(() => queue.next() as Claim);
}

describe('whose turn it is', () => {
  test('a delete first, then what lets a model train, then rows, looks last', () => {
    expect(turnsOf([...REQUEST_KINDS].reverse().map((kind) => claim(kind))).map(({ kind }) => kind)).toEqual([
      ...REQUEST_KINDS,
    ]);
  });

  test('within a kind the priority, then the order of arrival', () => {
    const claims = [
      claim('look', { priority: 5, job: 'a' }),
      claim('look', { job: 'b' }),
      claim('look', { job: 'c' }),
      claim('look', { priority: 1, job: 'd' }),
    ];
    expect(turnsOf(claims).map(({ job }) => job)).toEqual(['d', 'b', 'c', 'a']);
  });

  test('tenants take turns, however many of one came first', () => {
    const many = Array.from({ length: 6 }, (_, index) => claim('generate', { fairnessKey: 'A', job: `A${index}` }));
    const few = [
      claim('generate', { fairnessKey: 'B', job: 'B0' }),
      claim('generate', { fairnessKey: 'B', job: 'B1' }),
    ];
    expect(
      turnsOf([...many, ...few])
        .map(({ job }) => job)
        .slice(0, 4),
    ).toEqual(['A0', 'B0', 'A1', 'B1']);
  });

  test('a tenant that comes late gets its share, not what it did not use before', () => {
    const queue = openTurnQueue<Claim>();
    for (let index = 0; index < 30; index += 1) queue.add(claim('generate', { fairnessKey: 'A', job: 'A' }));
    for (let index = 0; index < 10; index += 1) queue.next();
    for (let index = 0; index < 10; index += 1) queue.add(claim('generate', { fairnessKey: 'B', job: 'B' }));
    const next = Array.from({ length: 8 }, () => queue.next()?.job);
    expect(next.filter((job) => job === 'B').length).toBeGreaterThanOrEqual(3);
    expect(next.filter((job) => job === 'A').length).toBeGreaterThanOrEqual(3);
  });

  test('jobs that have begun to get their rows finish before others begin, so that a quota for nine tenths of all finishes most', () => {
    const jobs = 10;
    const chunks = 20;
    const finishedBy = (placeOf: (run: string, got: number) => number): number => {
      const got = new Map<string, number>();
      const gotOf = (job: string): number => got.get(job) ?? 0;
      const queue = openTurnQueue<Claim>(({ run }) => placeOf(run, gotOf(run)));
      const names = Array.from({ length: jobs }, (_, job) => String(job));
      // A job asks for four at a time, and for another when it has one.
      for (const job of names) for (let once = 0; once < 4; once += 1) queue.add(claim('generate', { job }));
      for (let turn = 0; turn < 0.9 * jobs * chunks; turn += 1) {
        const job = queue.next()?.job ?? '';
        got.set(job, gotOf(job) + 1);
        if (gotOf(job) + 3 < chunks) queue.add(claim('generate', { job }));
      }
      return names.filter((job) => gotOf(job) === chunks).length;
    };
    expect(finishedBy((run, got) => (got > 0 ? Number(run) : Number.POSITIVE_INFINITY))).toBeGreaterThanOrEqual(8);
    expect(finishedBy(() => Number.POSITIVE_INFINITY)).toBeLessThanOrEqual(5);
  });

  test('a look is not starved by ever new rows', () => {
    const queue = openTurnQueue<Claim>();
    queue.add(claim('look'));
    let turns = 0;
    for (;;) {
      queue.add(claim('generate'));
      turns += 1;
      if (queue.next()?.kind === 'look') break;
    }
    expect(turns).toBeLessThanOrEqual(10);
  });

  test('nor is the last in rank by ever new looks and rows of a higher priority', () => {
    const queue = openTurnQueue<Claim>();
    queue.add(claim('generate', { priority: 5, job: 'last' }));
    let turns = 0;
    do {
      queue.add(claim('look', { priority: 1 }));
      queue.add(claim('generate', { priority: 1 }));
      turns += 1;
    } while (queue.next()?.job !== 'last');
    expect(turns).toBeLessThanOrEqual(10);
  });

  test('everyone who waits is served once, and nobody who left', () => {
    const claims = fc.array(
      fc.record({
        kind: fc.constantFrom(...REQUEST_KINDS),
        priority: fc.integer({ min: 1, max: 5 }),
        fairnessKey: fc.constantFrom('', 'A', 'B'),
        job: fc.uuid(),
        run: fc.uuid(),
        leaves: fc.boolean(),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(claims, (all) => {
        const queue = openTurnQueue<(typeof all)[number]>();
        for (const one of all) queue.add(one);
        for (const one of all) if (one.leaves) queue.remove(one);
        const served = [];
        for (let next = queue.next(); next !== undefined; next = queue.next()) served.push(next);
        expect(new Set(served)).toEqual(new Set(all.filter(({ leaves }) => !leaves)));
        expect(served).toHaveLength(all.filter(({ leaves }) => !leaves).length);
      }),
    );
  });
});
