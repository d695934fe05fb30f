/** `npm run chaos -- …` as a person runs it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ChaosRun {
  code: number | null;
  output: string;
}

export async function runChaos(...options: string[]): Promise<ChaosRun> {
  const env = { ...process.env, TEMPORAL_CLI_PATH: process.env.TEST_TEMPORAL_CLI };
  const child = spawn(process.execPath, ['chaos/main.mjs', ...options], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += bytes));
  const [code] = await once(child, 'close');
  return { code: code as number | null, output };
}
