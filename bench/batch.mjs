/**
 * A large batch under fire: N generate items from one kept model against the sandbox, one of three workers killed (kill -9)
 * every few seconds, by turns, then everything counted: each output there once with the digest that the manifest of outputs says, one effect
 * an item in the sandbox's ledger, the histories against what Temporal warns at.
 * `npm run bench -- batch [items] [seconds between kills; 0: none] [items at once]`. Progress goes to stderr.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { cacheFolderOf } from '../dist/devserver/cache-folder.js';
import { findTemporalCli } from '../dist/devserver/find-temporal-cli.js';
import { startDevServer } from '../dist/devserver/start-dev-server.js';
import { SynthesisClient } from '../dist/index.js';
import { startSandbox } from '../dist/sandbox/start-sandbox.js';

const ROWS_PER_ITEM = 20;
/** A key of the sandbox lives 24 virtual hours: 24 minutes here, so that a repeat after a kill still finds it. */
const SANDBOX_SPEED = 60;
const LOOK_MS = 10_000;
/** Some are up while one starts; none lives for longer than three kills. */
const WORKERS = 3;
/** Temporal warns at so many events and bytes of one history. */
const EVENTS_WARN = 10_240;
const BYTES_WARN = 10 * 1024 * 1024;

export async function run([itemsText = '10000', killSecondsText = '10', atOnceText = '100'] = []) {
  const [items, killSeconds, atOnce] = [itemsText, killSecondsText, atOnceText].map(Number);
  const folder = mkdtempSync(join(tmpdir(), 'dxo-bench-'));
  const cli = await findTemporalCli({ env: process.env, cacheFolder: cacheFolderOf(process.env) });
  const server = await startDevServer({ cliPath: cli.path, headless: true, fastTimers: true });
  const sandbox = await startSandbox({ speed: SANDBOX_SPEED, quotaRows: 1e9, rateLimit: 1e6, seed: 1 });
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
  };
  const workers = await Promise.all(Array.from({ length: WORKERS }, () => startWorker(env)));
  const client = await SynthesisClient.connect({ address: server.address, namespace: 'default' });
  let kills = 0;
  let isOver = false;
  try {
    const trained = await trainModel(client, folder);
    const manifest = join(folder, 'manifest.jsonl');
    writeFileSync(manifest, Array.from({ length: items }, (_, index) => lineOf(index)).join(''));
    const results = join(folder, 'results.jsonl');
    const startedAt = performance.now();
    const batch = await client.batch(
      {
        kind: 'generate',
        manifest: { uri: manifest },
        defaults: { trained },
        output: { uri: results },
        seed: 7,
        policy: { atOnce },
      },
      { id: 'batch' },
    );
    const killing = (async () => {
      while (killSeconds > 0 && !isOver) {
        await pause(killSeconds * 1_000);
        if (isOver) return;
        const turn = kills % WORKERS;
        workers[turn].kill('SIGKILL');
        kills += 1;
        workers[turn] = await startWorker(env);
      }
    })();
    const watching = (async () => {
      while (!isOver) {
        await pause(LOOK_MS);
        const { counts } = await client.temporal.workflow
          .getHandle('batch')
          .query('status')
          .catch(() => ({}));
        const seconds = Math.round((performance.now() - startedAt) / 1_000);
        if (counts !== undefined) process.stderr.write(`${JSON.stringify({ seconds, kills, ...counts })}\n`);
      }
    })();
    const result = await batch.result();
    const seconds = (performance.now() - startedAt) / 1_000;
    isOver = true;
    await Promise.all([killing, watching]);
    print({
      measure: 'batch',
      items,
      atOnce,
      kills,
      seconds: Math.round(seconds),
      itemsPerSecond: round(items / seconds),
    });
    print({ measure: 'counts', ...result.counts, rows: result.rows });
    print({ measure: 'outputs', ...(await checkOutputs(folder, results, items)) });
    print({ measure: 'ledger', ...(await checkLedger(sandbox.url)) });
    print({ measure: 'histories', ...(await checkHistories(client)) });
  } finally {
    isOver = true;
    for (const worker of workers) worker.kill('SIGKILL');
    await client.close();
    await sandbox.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const nameOf = (index) => `item-${String(index).padStart(6, '0')}`;
const lineOf = (index) =>
  `${JSON.stringify({
    name: nameOf(index),
    generation: { n_samples: ROWS_PER_ITEM },
    output: { uri: `outputs/${nameOf(index)}.csv` },
  })}\n`;

async function trainModel(client, folder) {
  const table = join(folder, 'table.csv');
  writeFileSync(table, ['a,b', ...Array.from({ length: 100 }, (_, i) => `${i % 5},${i % 7}`), ''].join('\n'));
  const job = await client.train({ table: { uri: table }, seed: 1, model: { max_epochs: 2 } }, { id: 'model' });
  return (await job.result()).trained;
}

/** Each line of the manifest of outputs against the file that it names. */
async function checkOutputs(folder, results, items) {
  const names = new Set();
  let matching = 0;
  for await (const line of createInterface({ input: createReadStream(results) })) {
    const { name, status, output } = JSON.parse(line);
    names.add(name);
    const bytes = readFileSync(output.uri);
    const rows = bytes.toString('utf8').trimEnd().split('\n').length - 1;
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (status === 'done' && digest === output.sha256 && rows === ROWS_PER_ITEM) matching += 1;
  }
  const files = readdirSync(join(folder, 'outputs')).length;
  return {
    named: names.size,
    files,
    matching,
    complete: names.size === items && files === items && matching === items,
  };
}

async function checkLedger(url) {
  const { requests } = await (await fetch(`${url}/_sandbox/ledger`)).json();
  const generations = requests.filter(({ call }) => call === 'generate');
  const applied = generations.filter(({ effect }) => effect === 'applied');
  const state = await (await fetch(`${url}/_sandbox/state`)).json();
  return {
    requests: generations.length,
    applied: applied.length,
    replayed: generations.filter(({ effect }) => effect === 'replayed').length,
    keysApplied: new Set(applied.map(({ idempotencyKey }) => idempotencyKey)).size,
    rowsBilled: state.rowsBilled,
  };
}

/** The batch's runs, and the largest of its children. */
async function checkHistories(client) {
  const runs = [];
  let childEvents = 0;
  for await (const { workflowId, type, historyLength, historySize } of client.temporal.workflow.list()) {
    if (workflowId === 'batch') runs.push({ events: historyLength, bytes: historySize ?? 0 });
    else if (type === 'generate') childEvents = Math.max(childEvents, historyLength);
  }
  const events = Math.max(...runs.map((run) => run.events));
  const bytes = Math.max(...runs.map((run) => run.bytes));
  return { runs: runs.length, events, bytes, childEvents, belowWarnings: events < EVENTS_WARN && bytes < BYTES_WARN };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const round = (value) => Number(value.toFixed(2));

async function startWorker(env) {
  const program = fileURLToPath(new URL('../dist/worker.js', import.meta.url));
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) if (line.includes('worker ready')) break;
  child.stdout.resume();
  return child;
}
