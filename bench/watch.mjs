/**
 * What waiting costs: many jobs in training at once, under one key of 60 requests a minute, in real time.
 *   npm run bench -- watch [--jobs 50,1000] [--minutes 10]
 * The jobs are begun under a limit that does not hold them up; then the API lowers it, and looks are counted as a share of it.
 * What a job costs to its end: `fleet --speed 1`.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openStage, pause, peakMbOf, print } from './stage.mjs';

const LIMIT = 60;
const LIMIT_TO_BEGIN = 100_000;
const MINUTE_MS = 60_000;
const EPOCHS = 100;
const TRAINING_HOURS = 10;
const PROGRESS_MS = 10_000;

export async function run(args) {
  const { values } = parseArgs({
    args,
    options: { jobs: { type: 'string', default: '50,1000' }, minutes: { type: 'string', default: '10' } },
  });
  for (const jobs of values.jobs.split(',').map(Number)) print(await measure(jobs, Number(values.minutes)));
}

async function measure(count, minutes) {
  const stage = await openStage({
    server: { fastTimers: false },
    sandbox: { rateLimit: LIMIT_TO_BEGIN, epochSeconds: (TRAINING_HOURS * 3_600) / EPOCHS, seed: 1 },
    settings: { DATAXID_RATE_LIMIT: String(LIMIT_TO_BEGIN) },
  });
  try {
    const worker = await stage.startWorker();
    for (let index = 0; index < count; index += 1) {
      const request = {
        table: { uri: stage.table },
        output: { uri: join(stage.folder, `${index}.csv`) },
        model: { max_epochs: EPOCHS, early_stop_patience: EPOCHS, timeout: 2 * TRAINING_HOURS * 3_600 },
      };
      await stage.client.synthesize(request, { id: `watch-${index}` });
    }
    for (;;) {
      const { trainingsStarted } = await stage.sandboxState();
      process.stderr.write(`${trainingsStarted} of ${count} trainings have begun\n`);
      if (trainingsStarted === count) break;
      await pause(PROGRESS_MS);
    }
    await stage.control('limits', { rateLimit: LIMIT }, 'PUT');
    // The next look hears of the limit; what was sent before leaves the window.
    await pause(2 * MINUTE_MS);
    const before = (await stage.ledger()).length;
    await pause(minutes * MINUTE_MS);
    const counted = (await stage.ledger()).slice(before);
    const refused = counted.filter(({ status }) => status === 429).length;
    return {
      waiting: count,
      minutes,
      requests: counted.length,
      share: `${((100 * counted.length) / (LIMIT * minutes)).toFixed(1)} %`,
      singly: counted.filter(({ call }) => call === 'get').length,
      refused,
      workerPeakMb: peakMbOf(worker.pid),
    };
  } finally {
    await stage.close();
    await pause(500);
  }
}
