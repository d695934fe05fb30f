/**
 * A child that is started again whenever it dies: at once the first time, then ever more slowly, and not for ever. A child
 * that lived for a minute is taken for healthy, and the count begins anew.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { RunningChild } from './start-program.js';

const RESTARTS_MAX = 8;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 10_000;
const HEALTHY_AFTER_MS = 60_000;

export interface KeptAlive<T extends RunningChild> {
  current(): T;
  /** Resolves with a sentence when the child could not be brought back; never after `stop`. */
  lost: Promise<string>;
  stop(): Promise<void>;
}

/** @throws whatever the first start throws: a start that never worked is not tried again */
export async function keepAlive<T extends RunningChild>(options: {
  name: string;
  start: () => Promise<T>;
  log: (line: string) => void;
  onRestart: () => void;
}): Promise<KeptAlive<T>> {
  const { name, start, log } = options;
  const stopping = new AbortController();
  let child = await start();
  let startedMs = Date.now();
  let restarts = 0;

  const watch = async (): Promise<string | undefined> => {
    for (;;) {
      const code = await child.exited;
      if (stopping.signal.aborted) return undefined;
      if (Date.now() - startedMs > HEALTHY_AFTER_MS) restarts = 0;
      log(
        `${name} (process ${child.pid}) ended with ${code === null ? 'a signal' : `exit code ${code}`}; starting it again`,
      );
      let next: T | undefined;
      while (next === undefined) {
        if (++restarts > RESTARTS_MAX) return `${name} ended ${RESTARTS_MAX} times in a row and was given up`;
        const waitMs = restarts === 1 ? 0 : Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (restarts - 2));
        await delay(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        if (stopping.signal.aborted) return undefined;
        next = await start().catch((error: Error) => {
          log(`${name} did not start: ${error.message}`);
          return undefined;
        });
      }
      child = next;
      startedMs = Date.now();
      if (stopping.signal.aborted) return undefined; // stop() ends this one
      log(`${name} is back as process ${child.pid}`);
      options.onRestart();
    }
  };
  const watched = watch();
  return {
    current: () => child,
    lost: watched.then((sentence) => sentence ?? new Promise<string>(() => undefined)),
    async stop() {
      stopping.abort();
      await child.stop();
      await watched;
      await child.stop(); // one that was being started meanwhile
    },
  };
}
