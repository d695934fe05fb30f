/** The compiled sandbox as a process of its own with a state file, so that it can be killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DIST } from './worker-process.js';

export interface SandboxProcess {
  url: string;
  port: number;
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

export async function startSandboxProcess(stateFile: string, port = 0, speed = 60): Promise<SandboxProcess> {
  const child: ChildProcess = spawn(
    process.execPath,
    [
      join(DIST, 'sandbox/main.js'),
      '--port',
      String(port),
      '--state',
      stateFile,
      '--speed',
      String(speed),
      '--seed',
      '1',
      '--json',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the sandbox ended with ${code}`)));
  });
  const { url } = JSON.parse(line) as { url: string };
  return {
    url,
    port: Number(new URL(url).port),
    async kill(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, 'exit');
    },
  };
}
