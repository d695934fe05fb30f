import { afterEach, describe, expect, test } from '@jest/globals';
import { openQuotaGate, RowsShortError } from '../../src/budget/quota-gate.js';
import { openTurns, type Turns, TurnsClosedError } from '../../src/budget/turns.js';

const WINDOW_MS = 60_000;
const claim = { kind: 'generate', priority: 3, fairnessKey: '', job: 'job', run: 'run' } as const;
const never = new AbortController().signal;

let nowMs = 0;
let turns: Turns;
const open = (limit: number, past?: ReturnType<Turns['state']>): Turns => {
  turns = openTurns({ limit, windowMs: WINDOW_MS, now: () => nowMs, ...(past === undefined ? {} : { past }) });
  return turns;
};
afterEach(() => turns.close());

/** What has happened by the time that everything under way has had its say. */
async function settled<T>(promise: Promise<T>): Promise<T | 'waits'> {
  return Promise.race([promise, new Promise<'waits'>((resolve) => setImmediate(() => resolve('waits')))]);
}

describe('turns', () => {
  test('before the first answer one request is on its way; its answer lets the others go', async () => {
    open(3);
    const first = await turns.take(claim, never);
    const second = turns.take(claim, never);
    expect(await settled(second)).toBe('waits');
    first.answered({ limit: 3, remaining: 2 });
    expect(await settled(second)).not.toBe('waits');
    expect(await settled(turns.take(claim, never))).not.toBe('waits');
    expect(await settled(turns.take(claim, never))).toBe('waits');
    expect(turns.state()).toMatchObject({ sent: 3, refused: 0, limit: 3, waiting: { generate: 1 } });
  });

  test('an upload that takes its time is not waited for', async () => {
    open(3);
    await turns.take(claim, never);
    const second = turns.take(claim, never);
    expect(await settled(second)).toBe('waits');
    nowMs += 2_000;
    const third = turns.take(claim, never);
    expect(await settled(second)).not.toBe('waits');
    expect(await settled(third)).toBe('waits');
  });

  test('what others use is not ours to use, and beside them at most two are on their way', async () => {
    open(10);
    (await turns.take(claim, never)).answered({ limit: 10, remaining: 3 });
    const [first, second, third] = [1, 2, 3].map(() => turns.take(claim, never));
    expect(await settled(second!)).not.toBe('waits');
    expect(await settled(third!)).toBe('waits');
    (await first!).answered({ limit: 10, remaining: 2 });
    expect(await settled(third!)).not.toBe('waits');
    (await second!).answered({ limit: 10, remaining: 1 });
    expect(await settled(turns.take(claim, never))).toBe('waits');
    expect(turns.state().others).toEqual([[expect.any(Number), 6]]);
  });

  test('what the spender before may have sent since it last told takes its place in the window', async () => {
    open(1);
    (await turns.take(claim, never)).answered({ limit: 1, remaining: 0 });
    nowMs += WINDOW_MS - 500;
    const waiting = turns.take(claim, never);
    waiting.catch(() => undefined);
    const told = turns.state();
    expect(told.next).toHaveLength(1);
    nowMs += 5_000;
    turns.close();
    open(1, told);
    expect(await settled(turns.take(claim, never))).toBe('waits');
    expect(turns.state().ours).toEqual([[expect.any(Number), 1]]);
    turns.close();
    open(1, { ...told, next: [] });
    expect(await settled(turns.take(claim, never))).not.toBe('waits');
  });

  test('a refusal silences the account, and afterwards goes one at a time', async () => {
    open(10);
    (await turns.take(claim, never)).answered({ limit: 10, remaining: 9 });
    (await turns.take(claim, never)).refused(5_000);
    expect(await settled(turns.take(claim, never))).toBe('waits');
    expect(turns.state()).toMatchObject({ refused: 1, silentUntilMs: nowMs + 5_000 });
  });

  test('a turn that was not used is free for the next', async () => {
    open(1);
    (await turns.take(claim, never)).unused();
    const again = await settled(turns.take(claim, never));
    expect(again).not.toBe('waits');
    if (again !== 'waits') again.lost();
    expect(await settled(turns.take(claim, never))).toBe('waits');
  });

  test('who is cancelled while waiting leaves, with the reason', async () => {
    open(1);
    await turns.take(claim, never);
    const controller = new AbortController();
    const waiting = turns.take(claim, controller.signal);
    controller.abort(new Error('cancelled'));
    await expect(waiting).rejects.toThrow('cancelled');
    expect(turns.state().waiting.generate).toBe(0);
  });

  test('when another worker spends the budget, who waits is told so, and no turn is given any more', async () => {
    open(1);
    await turns.take(claim, never);
    const waiting = turns.take(claim, never);
    turns.close();
    await expect(waiting).rejects.toThrow(TurnsClosedError);
    await expect(turns.take(claim, never)).rejects.toThrow(TurnsClosedError);
  });

  test('who takes over keeps to what was sent before', async () => {
    open(2);
    (await turns.take(claim, never)).answered({ limit: 2, remaining: 1 });
    (await turns.take(claim, never)).answered({ limit: 2, remaining: 0 });
    const past = turns.state();
    turns.close();
    open(60, past);
    expect(await settled(turns.take(claim, never))).toBe('waits');
    expect(turns.state().next).toEqual([{ job: 'job', kind: 'generate', at: expect.any(String) }]);
    nowMs += WINDOW_MS;
  });
});

describe('turns and the quota of rows', () => {
  const rowsOf = (rows: number, rowsLeft: number) => ({ rows, rowsLeft, isAskedAgain: false, mayHaveBeenSent: false });
  const ended = new Set<string>();
  const openWithQuota = (setting?: number): Turns => {
    ended.clear();
    const quota = openQuotaGate({ setting, isRunning: async ({ run }) => !ended.has(run), now: () => nowMs });
    turns = openTurns({ limit: 3, windowMs: WINDOW_MS, now: () => nowMs, quota });
    return turns;
  };

  test('who does not fit is refused and takes no turn; a delete of the job that came first frees its rows', async () => {
    openWithQuota(100);
    const creation = await turns.take({ ...claim, kind: 'prepare', run: 'one', quota: rowsOf(0, 80) }, never);
    creation.answered(undefined);
    const second = { ...claim, run: 'two', quota: rowsOf(30, 30) };
    await expect(turns.take(second, never)).rejects.toMatchObject({
      name: 'RowsShortError',
      shortage: { used: 0, limit: 100, needed: 30, reserved: 80, reservedBy: 1 },
    });
    expect(turns.state()).toMatchObject({ sent: 1, quota: { reserved: 80, reservedBy: 1 } });
    (await turns.take({ ...claim, kind: 'delete', run: 'one' }, never)).answered(undefined);
    const turn = await turns.take(second, never);
    turn.billed();
    turn.answered(undefined);
    expect(turns.state().quota).toMatchObject({ used: 30, reserved: 0 });
  });

  test('who waits while a 402 comes is refused when its turn does, and the next has the turn', async () => {
    openWithQuota();
    const first = await turns.take({ ...claim, run: 'one', quota: rowsOf(50, 50) }, never);
    const second = turns.take({ ...claim, run: 'two', quota: rowsOf(50, 50) }, never);
    const look = turns.take({ ...claim, kind: 'look' }, never);
    expect(await settled(second)).toBe('waits');
    first.exceeded({ used: 90, limit: 100 });
    first.answered(undefined);
    await expect(second).rejects.toThrow(RowsShortError);
    await look;
    expect(turns.state().sent).toBe(2);
  });

  test('before anybody is refused, jobs that have ended give their rows back', async () => {
    openWithQuota(100);
    (await turns.take({ ...claim, run: 'one', quota: rowsOf(0, 80) }, never)).answered(undefined);
    ended.add('one');
    expect(await settled(turns.take({ ...claim, run: 'two', quota: rowsOf(0, 100) }, never).then(() => 'given'))).toBe(
      'given',
    );
    expect(turns.state().quota?.reservations).toMatchObject([{ run: 'two', rows: 100 }]);
  });

  test('who is told while its rows are looked for that the budget is spent elsewhere does not wait for ever', async () => {
    openWithQuota(100);
    (await turns.take({ ...claim, run: 'one', quota: rowsOf(0, 80) }, never)).answered(undefined);
    ended.add('one');
    const second = turns.take({ ...claim, run: 'two', quota: rowsOf(0, 100) }, never);
    turns.close();
    await expect(second).rejects.toThrow(TurnsClosedError);
  });
});
