/**
 * When a stage should end, from how far it has come since it was first seen: the epochs of a training, the rows of a
 * generation. Pure: the clock is an argument.
 */
import type { Stage } from '../contract/stage.js';

interface Seen {
  done: number;
  atMs: number;
}

export interface Pace {
  first: Seen;
  last: Seen;
  /** Epochs or rows, as `done`. */
  total: number;
}

/** Undefined: the stage has no measure, or has not begun to move. @param pace of the same stage before */
export function paceAfter(pace: Pace | undefined, stage: Stage, nowMs: number): Pace | undefined {
  const measure = measureOf(stage);
  if (measure === undefined) return undefined;
  const last = { done: measure.done, atMs: nowMs };
  return { first: pace?.first ?? last, last, total: measure.total };
}

/** Never before `nowMs`. Undefined: nothing has been done since it was first seen. */
export function endAtPaceMs({ first, last, total }: Pace, nowMs: number): number | undefined {
  const done = last.done - first.done;
  if (done <= 0) return undefined;
  const leftMs = ((total - last.done) * (last.atMs - first.atMs)) / done;
  return Math.max(nowMs, last.atMs + leftMs);
}

function measureOf(stage: Stage): { done: number; total: number } | undefined {
  // Before the first epoch a training may be queued: that is not its pace.
  if (stage.stage === 'training' && stage.epoch > 0) return { done: stage.epoch, total: stage.epochsMax };
  return stage.stage === 'generating' ? { done: stage.rowsDone, total: stage.rows } : undefined;
}
