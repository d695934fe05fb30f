import { afterEach, describe, expect, test } from '@jest/globals';
import { openTurns, type Turns, TurnsClosedError } from '../../src/budget/turns.js';

const WINDOW_MS = 60_000;
const claim = { kind: 'generate', priority: 3, fairnessKey: '', job: 'job' } as const;
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
