/**
 * Stays with a job until its end, showing its progress. Losing the worker or the server for a while is no end: they may
 * be restarting, and the job goes on. The first Ctrl-C detaches; a second one changes nothing.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { OrchestratorUnavailableError } from '../client/errors.js';
import type { JobHandle } from '../client/job-handle.js';
import { type LiveBlock, openLiveBlock } from './live-block.js';

const LOOK_INTERVAL_MS = 500;
const LAST_LOOK_MS_MAX = 1_000;
/** A server that is silent for this long is not restarting. */
const SILENCE_MS_MAX = 120_000;
/** A wait that lasted for longer than the client's own retries shows that the server was there meanwhile. */
const WAIT_MS_MIN = 30_000;

export type Followed<Result> = { end: 'done'; result: Result } | { end: 'detached' };

/** @throws JobFailedError, JobCancelledError, OrchestratorUnavailableError */
export async function followJob<Result>(handle: JobHandle<Result>): Promise<Followed<Result>> {
  const block = openLiveBlock();
  const stop = new AbortController();
  const detach = (): void => stop.abort();
  process.on('SIGINT', detach).on('SIGTERM', detach);
  const detached = new Promise<Followed<Result>>((resolve) => {
    stop.signal.addEventListener('abort', () => resolve({ end: 'detached' }), { once: true });
  });
  const ended = resultOf(handle, stop.signal).then((result): Followed<Result> => ({ end: 'done', result }));
  const looking = new AbortController();
  const looks = lookAgainAndAgain(handle, block, AbortSignal.any([stop.signal, looking.signal]));
  try {
    return await Promise.race([ended, detached]);
  } finally {
    looking.abort();
    await looks;
    if (!stop.signal.aborted) await showEnd(handle, block);
    if (!stop.signal.aborted) process.off('SIGINT', detach).off('SIGTERM', detach);
  }
}

async function lookAgainAndAgain(handle: JobHandle<unknown>, block: LiveBlock, signal: AbortSignal): Promise<void> {
  // A look at a worker that is gone takes long, and nobody waits for it after the end.
  const over = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  while (!signal.aborted) {
    const progress = await Promise.race([handle.status(), over]).catch((error: unknown) => {
      if (!isSilence(error)) return undefined;
      block.say('waiting for the worker: the job goes on when it answers');
      return undefined;
    });
    if (progress !== undefined && !signal.aborted) block.show(progress);
    await delay(LOOK_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** The stages as they ended; a worker that has gone meanwhile is not waited for. */
async function showEnd(handle: JobHandle<unknown>, block: LiveBlock): Promise<void> {
  const progress = await Promise.race([handle.status(), delay(LAST_LOOK_MS_MAX, undefined)]).catch(() => undefined);
  if (progress !== undefined) block.show(progress);
}

/** The result, however often the server restarts meanwhile. */
async function resultOf<Result>(handle: JobHandle<Result>, signal: AbortSignal): Promise<Result> {
  let silentSinceMs: number | undefined;
  for (;;) {
    const askedAtMs = Date.now();
    try {
      return await handle.result();
    } catch (error) {
      if (signal.aborted || !isSilence(error)) throw error;
      const wasHeard = Date.now() - askedAtMs > WAIT_MS_MIN;
      if (silentSinceMs === undefined || wasHeard) silentSinceMs = Date.now();
      if (Date.now() - silentSinceMs > SILENCE_MS_MAX) {
        throw new OrchestratorUnavailableError(
          `Temporal has not answered for ${SILENCE_MS_MAX / 1_000} s; job ${handle.id} goes on when it is back.`,
          { cause: error },
        );
      }
      await delay(LOOK_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

const isSilence = (error: unknown): boolean => error instanceof OrchestratorUnavailableError;
