/**
 * A large batch under fire: N generate items from one kept model against the sandbox, one of three workers killed (kill -9)
 * every few seconds, by turns, then everything counted: each output there once with the digest that the manifest of outputs says, one effect
 * an item in the sandbox's ledger, the histories against what Temporal warns at.
 * `npm run bench -- batch [items] [seconds between kills; 0: none] [items at once]`. Progress goes to stderr.
 */
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openStage, pause, print } from './stage.mjs';

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
  const stage = await openStage({ sandbox: { speed: SANDBOX_SPEED, seed: 1 } });
  const { client, folder, table, startWorker } = stage;
  let kills = 0;
  let isOver = false;
  try {
    const workers = await Promise.all(Array.from({ length: WORKERS }, startWorker));
    const { trained } = await (
      await client.train({ table: { uri: table }, seed: 1, model: { max_epochs: 2 } }, { id: 'model' })
    ).result();
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
        workers[turn] = await startWorker();
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
    print({ measure: 'ledger', ...(await checkLedger(stage)) });
    print({ measure: 'histories', ...(await checkHistories(client)) });
  } finally {
    isOver = true;
    await stage.close();
  }
}

const nameOf = (index) => `item-${String(index).padStart(6, '0')}`;
const lineOf = (index) =>
  `${JSON.stringify({
    name: nameOf(index),
    generation: { n_samples: ROWS_PER_ITEM },
    output: { uri: `outputs/${nameOf(index)}.csv` },
  })}\n`;

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

async function checkLedger(stage) {
  const generations = (await stage.ledger()).filter(({ call }) => call === 'generate');
  const applied = generations.filter(({ effect }) => effect === 'applied');
  return {
    requests: generations.length,
    applied: applied.length,
    replayed: generations.filter(({ effect }) => effect === 'replayed').length,
    keysApplied: new Set(applied.map(({ idempotencyKey }) => idempotencyKey)).size,
    rowsBilled: (await stage.sandboxState()).rowsBilled,
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

const round = (value) => Number(value.toFixed(2));
