/** Repeatable random numbers, and a way to work long without holding up other requests. */
import { setImmediate as nextTurn } from 'node:timers/promises';

export type Random = () => number;

/** Uniform in [0, 1), 32 bits (splitmix32: a Weyl sequence through an avalanche of shifts and products). */
export function seededRandom(seed: number): Random {
  let state = (seed ^ Math.floor(seed / 2 ** 32)) >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    mixed ^= mixed >>> 15;
    return (mixed >>> 0) / 2 ** 32;
  };
}

/** How long one computation may keep the event loop to itself. */
const TURN_MS = 15;

/** Call it often; it waits for the next turn of the event loop when this one has been long enough. */
export function breather(): () => Promise<void> | undefined {
  let turnBeganMs = performance.now();
  return () => {
    if (performance.now() - turnBeganMs < TURN_MS) return undefined;
    return nextTurn().then(() => {
      turnBeganMs = performance.now();
    });
  };
}
