/**
 * What outlives a supervisor that is killed outright: a shell of a megabyte that waits on a pipe from it. When the pipe
 * closes without a word the supervisor is dead and its children are not, so the guard ends them (two servers on one
 * database must never be) and becomes the next supervisor, and the jobs go on. A graceful end says so first.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** $1 is the process group of the supervisor and its children; the rest is the command of the next supervisor. */
const SCRIPT = 'read -r word && exit 0; kill -s KILL -- "-$1" 2>/dev/null; shift; exec "$@"';

export interface Guard {
  /** The supervisor ends by itself; its children are gone already. */
  dismiss(): Promise<void>;
}

/**
 * @param supervisor the command line of the next supervisor
 * @param logFile a descriptor that its errors go to
 */
export function startGuard(supervisor: readonly string[], logFile: number): Guard {
  let guard: ChildProcess;
  let isDismissed = false;
  const start = () => {
    // A session of its own, or it would end its own group.
    guard = spawn('/bin/sh', ['-c', SCRIPT, 'dxo-guard', `${process.pid}`, ...supervisor], {
      detached: true,
      stdio: ['pipe', 'ignore', logFile],
    });
    guard.once('exit', () => {
      if (!isDismissed) start();
    });
    guard.stdin!.on('error', () => undefined);
  };
  start();
  return {
    async dismiss() {
      isDismissed = true;
      const exited = once(guard, 'exit');
      guard.stdin!.end('done\n');
      await exited;
    },
  };
}
