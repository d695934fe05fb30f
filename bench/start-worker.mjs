/** A worker process of this build, ready to work. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** @param {NodeJS.ProcessEnv} env */
export async function startWorker(env) {
  const program = fileURLToPath(new URL('../dist/worker.js', import.meta.url));
  const child = spawn(process.execPath, [program], {
    env: { ...env, DATAXID_LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) if (line.includes('worker ready')) break;
  child.stdout.resume();
  return child;
}
