/**
 * How much of the request window is used under a backlog, and what is refused: real jobs whose chunks are one row each, so
 * that there is always something to ask, on a real Temporal server and the sandbox's own sliding window. By partitions of the
 * task queues, workers and limit. After the warm-up, `minutes` of the sandbox's time are counted; in the middle the
 * worker that spends the budget may be killed (kill -9).
 *   npm run bench -- budget [--speed 6] [--minutes 10] [--partitions 1,4] [--workers 1,2,5] [--limits 60] [--kill]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readBudget } from '../dist/client/read-budget.js';
import { cacheFolderOf } from '../dist/devserver/cache-folder.js';
import { findTemporalCli } from '../dist/devserver/find-temporal-cli.js';
import { startDevServer } from '../dist/devserver/start-dev-server.js';
import { SynthesisClient } from '../dist/index.js';
import { startSandbox } from '../dist/sandbox/start-sandbox.js';
import { startWorker } from './start-worker.mjs';

/** Chunks of a job are asked for four at a time. */
const CHUNKS_AT_ONCE = 4;
/** Attempts that wait at any time, as a share of the limit. */
const BACKLOG_SHARE = 1.5;

export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      speed: { type: 'string', default: '6' },
      minutes: { type: 'string', default: '10' },
      partitions: { type: 'string', default: '1,4' },
      workers: { type: 'string', default: '1,2,5' },
      limits: { type: 'string', default: '60' },
      kill: { type: 'boolean', default: false },
    },
  });
  const numbers = (list) => list.split(',').map(Number);
  for (const partitions of numbers(values.partitions)) {
    for (const workers of numbers(values.workers)) {
      for (const limit of numbers(values.limits)) {
        const speed = Number(values.speed);
        print(await measure({ partitions, workers, limit, speed, minutes: Number(values.minutes), kill: values.kill }));
      }
    }
  }
}

async function measure({ partitions, workers: count, limit, speed, minutes, kill }) {
  const folder = mkdtempSync(join(tmpdir(), 'dxo-bench-'));
  const cli = await findTemporalCli({ env: process.env, cacheFolder: cacheFolderOf(process.env) });
  const server = await startDevServer({ cliPath: cli.path, headless: true, partitions });
  const sandbox = await startSandbox({ speed, quotaRows: 1e9, rateLimit: limit });
  const env = {
    ...process.env,
    TEMPORAL_ADDRESS: server.address,
    DATAXID_API_KEY: 'dx_test_sandbox',
    DATAXID_BASE_URL: sandbox.url,
    DATAXID_ARTIFACTS: join(folder, 'artifacts'),
    DATAXID_READ_ROOTS: folder,
    DATAXID_WRITE_ROOTS: folder,
    DATAXID_RATE_WINDOW_SECONDS: String(60 / speed),
    DATAXID_HEALTH_PORT: '0',
    DATAXID_LOG_LEVEL: 'warn',
  };
  const table = join(folder, 'table.csv');
  writeFileSync(table, ['a,b', ...Array.from({ length: 100 }, (_, i) => `${i % 5},${i % 7}`), ''].join('\n'));
  const workers = await Promise.all(Array.from({ length: count }, () => startWorker(env)));
  const client = await SynthesisClient.connect({ address: server.address, namespace: 'default' });
  const jobs = [];
  try {
    const { trained } = await (await client.train({ table: { uri: table } }, { id: 'model' })).result();
    const jobCount = Math.ceil((limit * BACKLOG_SHARE) / CHUNKS_AT_ONCE);
    for (let index = 0; index < jobCount; index += 1) {
      const output = { uri: join(folder, `${index}.csv`) };
      const request = { trained, output, generation: { n_samples: 900 }, policy: { rowsPerChunk: 1 } };
      jobs.push(await client.generate(request, { id: `load-${index}` }));
    }
    await pause((120 / speed) * 1_000);
    const windowMs = (minutes * 60_000) / speed;
    const startedAt = Date.now();
    if (kill) {
      await pause(windowMs / 2);
      const { spender } = await readBudget(client.temporal, 'default');
      const victim = workers.find(({ pid }) => spender?.startsWith(`${pid}@`));
      victim?.kill('SIGKILL');
      await pause(windowMs / 2);
    } else {
      await pause(windowMs);
    }
    const endedAt = Date.now();
    const { requests } = await (await fetch(`${sandbox.url}/_sandbox/ledger`)).json();
    const counted = requests.filter(({ at }) => Date.parse(at) >= startedAt && Date.parse(at) < endedAt);
    const refused = counted.filter(({ status }) => status === 429);
    const { maxInAnyWindow } = await (await fetch(`${sandbox.url}/_sandbox/state`)).json();
    return {
      partitions,
      workers: count,
      limit,
      speed,
      minutes,
      killed: kill,
      used: `${((100 * (counted.length - refused.length)) / (limit * minutes)).toFixed(1)} %`,
      refused: refused.length,
      maxInAnyWindow,
      longestGapMs: longestGap(counted.map(({ at }) => Date.parse(at)).sort((one, other) => one - other)),
    };
  } finally {
    for (const worker of workers) worker.kill('SIGKILL');
    await client.close();
    await sandbox.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function longestGap(times) {
  return times.reduce((longest, at, index) => Math.max(longest, at - (times[index - 1] ?? at)), 0);
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
