/**
 * How much of the request window is used under a backlog, and what is refused: real jobs whose chunks are one row each, so
 * that there is always something to ask, on a real Temporal server and the sandbox's own sliding window. By partitions of the
 * task queues, workers and limit. After the warm-up, `minutes` of the sandbox's time are counted; in the middle the
 * worker that spends the budget may be killed (kill -9); an only one is started again.
 *   npm run bench -- budget [--speed 6] [--minutes 10] [--partitions 1,4] [--workers 1,2,5] [--limits 60] [--kill]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readBudget } from '../dist/client/read-budget.js';
import { openStage, pause, print } from './stage.mjs';

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
  const stage = await openStage({
    server: { partitions, fastTimers: false },
    sandbox: { speed, rateLimit: limit },
    // The limit is learnt; the window's length is the sandbox's.
    settings: { DATAXID_RATE_LIMIT: '60', DATAXID_RATE_WINDOW_SECONDS: String(60 / speed) },
  });
  const { client, folder, table } = stage;
  try {
    const workers = await Promise.all(Array.from({ length: count }, () => stage.startWorker()));
    const { trained } = await (await client.train({ table: { uri: table } }, { id: 'model' })).result();
    const jobCount = Math.ceil((limit * BACKLOG_SHARE) / CHUNKS_AT_ONCE);
    for (let index = 0; index < jobCount; index += 1) {
      const output = { uri: join(folder, `${index}.csv`) };
      const request = { trained, output, generation: { n_samples: 900 }, policy: { rowsPerChunk: 1 } };
      await client.generate(request, { id: `load-${index}` });
    }
    await pause((120 / speed) * 1_000);
    const windowMs = (minutes * 60_000) / speed;
    const startedAt = Date.now();
    if (kill) {
      await pause(windowMs / 2);
      const { spender } = await readBudget(client.temporal, 'default');
      const victim = workers.find(({ pid }) => spender?.startsWith(`${pid}@`));
      victim?.kill('SIGKILL');
      // As whatever keeps workers running would.
      if (count === 1) await stage.startWorker();
      await pause(startedAt + windowMs - Date.now());
    } else {
      await pause(windowMs);
    }
    const endedAt = Date.now();
    const counted = (await stage.ledger()).filter(({ at }) => Date.parse(at) >= startedAt && Date.parse(at) < endedAt);
    const refused = counted.filter(({ status }) => status === 429);
    const { maxInAnyWindow } = await stage.sandboxState();
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
    await stage.close();
  }
}

function longestGap(times) {
  return times.reduce((longest, at, index) => Math.max(longest, at - (times[index - 1] ?? at)), 0);
}
