/**
 * Many jobs under one key of 60 requests a minute, two minutes of training each: what finishes, what is left over, how often the API
 * refuses for the rate, requests a job, how much of the window is used, and the time against the shortest that the limit allows.
 *   npm run bench -- fleet [--jobs 20,200] [--speed 6] [--disturbed 0,5] [--workers 2]
 * Disturbed 5: one request in five is refused, cut before it arrives, or cut after it took effect. Times are the sandbox's.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openStage, pause, print } from './stage.mjs';

const LIMIT = 60;
const MINUTE_MS = 60_000;
const EPOCHS = 100;
const TRAINING_MS = 2 * MINUTE_MS;
/** Create, upload, train; generate, delete. */
const REQUESTS_BEFORE = 3;
const REQUESTS_AFTER = 2;
const PROGRESS_MS = 10_000;
const LOOKS = ['list', 'get'];

export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      jobs: { type: 'string', default: '20,200' },
      disturbed: { type: 'string', default: '0,5' },
      speed: { type: 'string', default: '6' },
      workers: { type: 'string', default: '2' },
    },
  });
  const numbersOf = (text) => text.split(',').map(Number);
  for (const jobs of numbersOf(values.jobs)) {
    for (const disturbed of numbersOf(values.disturbed)) {
      print(await measure({ jobs, disturbed, speed: Number(values.speed), workers: Number(values.workers) }));
    }
  }
}

async function measure({ jobs: count, disturbed, speed, workers }) {
  const stage = await openStage({
    server: { fastTimers: false },
    sandbox: { speed, rateLimit: LIMIT, epochSeconds: TRAINING_MS / EPOCHS / 1_000, seed: 1 },
    settings: {
      DATAXID_RATE_LIMIT: String(LIMIT),
      DATAXID_RATE_WINDOW_SECONDS: String(60 / speed),
    },
  });
  try {
    await Promise.all(Array.from({ length: workers }, () => stage.startWorker()));
    if (disturbed > 0) await stage.control('faults', faultsOf(disturbed));
    const startedAt = Date.now();
    const jobs = [];
    for (let index = 0; index < count; index += 1) {
      const request = {
        table: { uri: stage.table },
        output: { uri: join(stage.folder, `${index}.csv`) },
        model: { max_epochs: EPOCHS, early_stop_patience: EPOCHS },
      };
      jobs.push(await stage.client.synthesize(request, { id: `fleet-${index}` }));
    }
    let ended = 0;
    const progress = setInterval(() => process.stderr.write(`${ended} of ${count} jobs have ended\n`), PROGRESS_MS);
    const ends = await Promise.allSettled(
      jobs.map((job) =>
        job.result().finally(() => {
          ended += 1;
        }),
      ),
    );
    clearInterval(progress);
    const tookMs = (Date.now() - startedAt) * speed;
    const ledger = await stage.ledger();
    const state = await stage.sandboxState();
    const floorMs = shortestMs(count);
    const refused = ledger.filter(({ status, fault }) => status === 429 && !fault).length;
    return {
      jobs: count,
      disturbed: disturbed === 0 ? 'none' : `1 in ${disturbed}`,
      finished: ends.filter(({ status }) => status === 'fulfilled').length,
      modelsLeft: state.modelsAlive,
      trainings: state.trainingsStarted,
      refusedForTheRate: refused,
      requestsAJob: round(ledger.length / count),
      looksAJob: round(ledger.filter(({ call }) => LOOKS.includes(call)).length / count),
      minutes: round(tookMs / MINUTE_MS),
      shortestMinutes: round(floorMs / MINUTE_MS),
      ratio: round(tookMs / floorMs),
      usedShare: round(ledger.length / (LIMIT * (1 + Math.floor(tookMs / MINUTE_MS)))),
      maxInAnyWindow: state.maxInAnyWindow,
      failures: ends.flatMap(({ reason }) => (reason === undefined ? [] : [reason.message])).slice(0, 3),
    };
  } finally {
    await stage.close();
    await pause(500);
  }
}

/** All requests as early as the window allows, no look at all, no time for work. */
function shortestMs(count) {
  const windowsBefore = (requests) => Math.floor((requests - 1) / LIMIT) * MINUTE_MS;
  return Math.max(
    windowsBefore(REQUESTS_BEFORE * count) + TRAINING_MS,
    windowsBefore((REQUESTS_BEFORE + REQUESTS_AFTER) * count),
  );
}

/** A third each; a rule sees what those before it let by. */
function faultsOf(oneIn) {
  const kinds = [{ kind: 'error', code: 'internal_error' }, { kind: 'reset-before' }, { kind: 'reset-after' }];
  return kinds.map((fault, index) => ({
    call: 'any',
    ...fault,
    probability: 1 / (oneIn * kinds.length),
    seed: index + 1,
  }));
}

const round = (value) => Number(value.toFixed(2));
