/** The compiled worker as a process of its own, as users run it: it can be killed, and all it logs is kept. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const DIST = process.env.DXO_DIST ?? 'dist';

export interface WorkerProcess {
  pid: number;
  /** Everything it wrote so far. */
  output(): string;
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
}

const READY_LIMIT_MS = 30_000;

export async function startWorker(env: NodeJS.ProcessEnv): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [join(DIST, 'worker.js')], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, DATAXID_HEALTH_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the worker is not ready:\n${lines.join('\n')}`)), READY_LIMIT_MS);
    const see = (line: string): void => {
      lines.push(line);
      if (line.includes('"worker ready"')) {
        clearTimeout(timer);
        resolve();
      }
    };
    createInterface({ input: child.stdout }).on('line', see);
    createInterface({ input: child.stderr }).on('line', see);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the worker ended with ${code}:\n${lines.join('\n')}`));
    });
  });
  await ready;
  return { pid: child.pid as number, output: () => lines.join('\n'), kill: (signal) => end(child, signal) };
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.kill(signal);
  const [code] = await once(child, 'exit');
  return code as number | null;
}
