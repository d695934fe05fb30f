/**
 * Local work on a table of 10 mixed columns (3 categories, 3 numbers, 2 dates, a unique identifier, three words of text), as
 * the worker does it: read, analyze, encode, embed and serialize the upload; and decoding of generated rows. Each
 * measurement is a process of its own, whose memory and event loop are its own.
 *   --rows 100000,1000000   sizes of the tables
 *   --decode 1000000        generated rows to decode, in chunks of 100 000; 0 skips it
 *   --sdk python            an interpreter with dataxid 0.3.1 and pandas 2: the official SDK in the same run
 * Without --sdk, ratios are to what the SDK took on two shared cores (SDK_RECORDED). What it does: table-sdk.py.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { makeTable } from './make-table.mjs';

const here = fileURLToPath(import.meta.url);
const SEED = 7;
const ROWS_PER_CHUNK = 100_000;
/** Seconds and MB of the SDK (dataxid 0.3.1, pandas 2, torch 2) for the same columns. */
const SDK_RECORDED = {
  100000: { seconds: 10.7, peakMb: 1_100 },
  1000000: { seconds: 110, peakMb: 4_100 },
  decode: { seconds: 83, peakMb: 2_800, rows: 1_000_000 },
};

export async function run(options) {
  const { values } = parseArgs({
    args: options,
    options: {
      rows: { type: 'string', default: '100000,1000000' },
      decode: { type: 'string', default: '1000000' },
      sdk: { type: 'string' },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'dxo-bench-'));
  try {
    for (const rows of values.rows.split(',').map(Number)) {
      const file = join(folder, `${rows}.csv`);
      await makeTable(rows, file);
      const ours = await inProcess(process.execPath, [here, 'prepare', file]);
      const theirs = values.sdk
        ? await inProcess(values.sdk, [join(here, '..', 'table-sdk.py'), 'train', file])
        : SDK_RECORDED[rows];
      print({ measure: 'prepare', rows, csvMb: megabytes(statSync(file).size), ...ours, ...ratioOf(ours, theirs) });
      rmSync(file);
    }
    const rows = Number(values.decode);
    if (rows > 0) {
      const file = join(folder, 'trained.csv');
      await makeTable(20_000, file);
      const ours = await inProcess(process.execPath, [here, 'decode', file, String(rows)]);
      const recorded = SDK_RECORDED.decode;
      const theirs = values.sdk
        ? await inProcess(values.sdk, [join(here, '..', 'table-sdk.py'), 'decode', file, String(rows)])
        : { ...recorded, seconds: (recorded.seconds * rows) / recorded.rows };
      print({ measure: 'decode', rows, ...ours, ...ratioOf(ours, theirs) });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function inProcess(program, args) {
  const { stdout } = await promisify(execFile)(program, args, { maxBuffer: 1e8 });
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

function ratioOf(ours, theirs) {
  if (theirs === undefined) return {};
  return {
    sdkSeconds: theirs.seconds,
    sdkPeakMb: theirs.peakMb,
    timesAsFast: Number((theirs.seconds / ours.seconds).toFixed(1)),
  };
}

async function measurePrepare(file) {
  const { createBodyOf, withPreparedTable } = await import('../dist/table/index.js');
  const { modelSettingsSchema } = await import('../dist/contract/requests.js');
  const model = modelSettingsSchema.parse({});
  const seeds = { thresholds: SEED, fills: SEED + 1, batches: SEED + 2 };
  const phases = {};
  const watch = stopwatch();
  await withPreparedTable(file, { protectRare: true, model, seeds }, async ({ analysis, counts, upload }) => {
    phases.readAnalyzeEncode = watch.lap();
    for (const _ of createBodyOf(analysis, counts, model).chunks());
    phases.createBody = watch.lap();
    let bytes = 0;
    for await (const chunk of upload()) bytes += chunk.length;
    phases.uploadBody = watch.lap();
    phases.uploadMb = megabytes(bytes);
    phases.rows = analysis.rows;
  });
  const { rows, ...rest } = phases;
  const measured = watch.stop();
  print({ ...measured, rowsPerSecond: Math.round(rows / measured.seconds), ...rest });
}

/** Two chunks at once, as a worker with its two data slots does. */
async function measureDecode(file, rows) {
  const { analyze, decodeAnswer, Random, readTable, subColumnsOf } = await import('../dist/table/index.js');
  const analysis = analyze(await readTable(file), { protectRare: true, random: new Random(SEED) });
  const chunkRows = Math.min(rows, ROWS_PER_CHUNK);
  const random = new Random(SEED);
  const codes = subColumnsOf(analysis).map(({ key, cardinality }) => {
    return [key, Array.from({ length: chunkRows }, () => random.below(cardinality))];
  });
  const answer = Buffer.from(JSON.stringify({ data: { codes: Object.fromEntries(codes) } }));
  const task = { answer, analysis, rows: chunkRows, rareStrategy: 'mask', seed: SEED };
  const watch = stopwatch();
  let left = Math.ceil(rows / chunkRows);
  const slot = async () => {
    while (left > 0) {
      left -= 1;
      await decodeAnswer(task);
    }
  };
  await Promise.all([slot(), slot()]);
  const measured = watch.stop();
  print({ ...measured, rowsPerSecond: Math.round(rows / measured.seconds) });
}

function stopwatch() {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  let lapAt = startedAt;
  return {
    lap() {
      const since = lapAt;
      lapAt = performance.now();
      return seconds(lapAt - since);
    },
    stop() {
      delay.disable();
      const { user, system } = process.cpuUsage(cpu);
      return {
        seconds: seconds(performance.now() - startedAt),
        cpuSeconds: seconds((user + system) / 1e3),
        peakMb: megabytes(peakBytes()),
        loopDelayMaxMs: Math.round(delay.max / 1e6),
        loopDelayP99Ms: Math.round(delay.percentile(99) / 1e6),
        cores: availableParallelism(),
      };
    },
  };
}

/** Of the process with its threads. On Linux the kernel's own high-water mark. */
function peakBytes() {
  return process.platform === 'linux'
    ? Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024
    : process.resourceUsage().maxRSS * 1024;
}

const seconds = (ms) => Number((ms / 1e3).toFixed(2));
const megabytes = (bytes) => Math.round(bytes / 1e6);
const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

if (process.argv[1] === here) {
  const [measure, file, rows] = process.argv.slice(2);
  await (measure === 'prepare' ? measurePrepare(file) : measureDecode(file, Number(rows)));
}
