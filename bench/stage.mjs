/**
 * What a bench runs on: a Temporal server, the sandbox, worker processes, a client, a scratch folder with a small table.
 * All of it is this build's, on loopback, and gone when the stage is closed.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { cacheFolderOf } from '../dist/devserver/cache-folder.js';
import { findTemporalCli } from '../dist/devserver/find-temporal-cli.js';
import { startDevServer } from '../dist/devserver/start-dev-server.js';
import { SynthesisClient } from '../dist/index.js';
import { startSandbox } from '../dist/sandbox/start-sandbox.js';

const TABLE_ROWS = 100;

/** @param server options of startDevServer @param sandbox of startSandbox @param settings DATAXID_… of the workers */
export async function openStage({ server: serverOptions = {}, sandbox: sandboxOptions = {}, settings = {} }) {
  const folder = mkdtempSync(join(tmpdir(), 'dxo-bench-'));
  const table = join(folder, 'table.csv');
  const rows = Array.from({ length: TABLE_ROWS }, (_, i) => `${i % 5},${i % 7}`);
  writeFileSync(table, ['a,b', ...rows, ''].join('\n'));
  const cli = await findTemporalCli({ env: process.env, cacheFolder: cacheFolderOf(process.env) });
  const server = await startDevServer({ cliPath: cli.path, headless: true, fastTimers: true, ...serverOptions });
  const sandbox = await startSandbox({ quotaRows: 1e9, rateLimit: 1e6, ...sandboxOptions });
  const client = await SynthesisClient.connect({ address: server.address, namespace: 'default' });
  const env = {
    ...process.env,
    TEMPORAL_ADDRESS: server.address,
    DATAXID_API_KEY: 'dx_test_sandbox',
    DATAXID_BASE_URL: sandbox.url,
    DATAXID_ARTIFACTS: join(folder, 'artifacts'),
    DATAXID_READ_ROOTS: folder,
    DATAXID_WRITE_ROOTS: folder,
    DATAXID_RATE_LIMIT: '1000000',
    DATAXID_HEALTH_PORT: '0',
    ...settings,
  };
  const workers = new Set();
  const control = (path, body, method = 'POST') =>
    fetch(`${sandbox.url}/_sandbox/${path}`, body && { method, body: JSON.stringify(body) });
  return {
    folder,
    table,
    server,
    client,
    /** A process that is ready to work; its end is the stage's, if nobody kills it before. */
    async startWorker() {
      const program = fileURLToPath(new URL('../dist/worker.js', import.meta.url));
      const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
      workers.add(child);
      for await (const line of createInterface({ input: child.stdout })) if (line.includes('worker ready')) break;
      child.stdout.resume();
      return child;
    },
    /** The sandbox's control surface, and what it says of its requests and of itself. */
    control,
    ledger: async () => (await (await control('ledger')).json()).requests,
    sandboxState: async () => (await control('state')).json(),
    async close() {
      for (const worker of workers) worker.kill('SIGKILL');
      await client.close();
      await sandbox.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** High-water mark of the process, all its threads together; MB. */
export function peakMbOf(pid) {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round((Number(kilobytes) * 1_024) / 1e6);
}
