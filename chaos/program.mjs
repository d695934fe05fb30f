/** A process of ours that can be killed: started until it says that it is ready, its words kept in a file. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

const READY_LIMIT_MS = 180_000;

/** None of them outlives this process. */
const running = new Set();
process.on('exit', () => {
  for (const pid of running) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended in this moment.
    }
  }
});

/** @param exited resolves when it has ended by itself, or by somebody's hand */
export function endsWithUs(pid, exited) {
  running.add(pid);
  exited.then(() => running.delete(pid));
}

/**
 * @param args of node: the program and its arguments
 * @param {{env?: NodeJS.ProcessEnv, logFile: string, isReady: (line: string) => boolean}} how
 * @returns the process; `firstWords` is the line that said it was ready
 * @throws Error with the log's place when it ends, or says nothing, before it is ready
 */
export async function startProgram(args, { env = process.env, logFile, isReady }) {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  endsWithUs(child.pid, once(child, 'exit'));
  const log = createWriteStream(logFile, { flags: 'a' });
  child.once('close', () => log.end());
  const firstWords = await new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${args[0]} ${why} before it was ready; it wrote ${logFile}`));
    const timer = setTimeout(() => fail('said nothing'), READY_LIMIT_MS);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        log.write(`${line}\n`);
        if (!isReady(line)) return;
        clearTimeout(timer);
        resolve(line);
      });
    }
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${code}`);
    });
  });
  return {
    pid: child.pid,
    firstWords,
    signal: (name) => child.kill(name),
    /** Sends the signal and waits for the end; one that was stopped is woken, or it would not hear. */
    async end(name) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill(name);
      child.kill('SIGCONT');
      await exited;
    },
  };
}
