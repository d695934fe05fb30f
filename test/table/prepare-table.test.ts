/**
 * A file prepared by threads, column by column, against the same table in memory on one thread: the same statistics, the
 * same counts, the same bytes. Threads are compiled programs, so this runs what the build made (DXO_DIST).
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ENCODING_TYPES, type EncodingType } from '../../src/contract/encoding.js';
import { type ModelSettings, modelSettingsSchema } from '../../src/contract/requests.js';
import { analyze } from '../../src/table/analyze.js';
import { encode } from '../../src/table/encode.js';
import type * as Prepare from '../../src/table/prepare-table.js';
import { Random } from '../../src/table/random.js';
import { readTable } from '../../src/table/read.js';
import type { Analysis } from '../../src/table/stats.js';
import type * as Threads from '../../src/table/threads/thread.js';
import { createBody, createBodyOf } from '../../src/table/wire/create-body.js';
import { initTrainingBody } from '../../src/table/wire/init-training-body.js';
import { smallTable } from '../support/small-table.js';
import { DIST } from '../support/worker-process.js';

const BEAT_MS = 20;
const SEEDS = { thresholds: 7, fills: 8, batches: 9 };
const compiled = (path: string) => import(resolve(DIST, 'table', path));

let folder: string;
let withPreparedTable: typeof Prepare.withPreparedTable;
let thread: typeof Threads;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dxo-prepare-'));
  ({ withPreparedTable } = await compiled('prepare-table.js'));
  thread = await compiled('threads/thread.js');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Prepared {
  analysis: Analysis;
  create: string;
  upload: string;
}
interface Settings {
  model?: object;
  encodings?: Record<string, EncodingType>;
}

async function prepared(path: string, { model = {}, encodings = {} }: Settings = {}): Promise<Prepared> {
  const settings = modelOf(model);
  const options = { protectRare: settings.privacy.protect_rare, model: settings, seeds: SEEDS, encodings };
  return await withPreparedTable(path, options, async ({ analysis, counts, upload }) => ({
    analysis,
    create: await digestOf(createBodyOf(analysis, counts, settings).chunks()),
    upload: await digestOf(upload()),
  }));
}

async function preparedInMemory(path: string, { model = {}, encodings = {} }: Settings = {}): Promise<Prepared> {
  const settings = modelOf(model);
  const table = await readTable(path);
  const random = new Random(SEEDS.thresholds);
  const analysis = analyze(table, { protectRare: settings.privacy.protect_rare, random, encodings });
  const codes = encode(table, analysis, new Random(SEEDS.fills));
  return {
    analysis,
    create: await digestOf(createBody(analysis, codes, settings).chunks()),
    upload: await digestOf(initTrainingBody(analysis, codes, settings, new Random(SEEDS.batches))),
  };
}

const modelOf = (model: object): ModelSettings => modelSettingsSchema.parse(model);

async function digestOf(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<string> {
  const digest = createHash('sha256');
  for await (const chunk of chunks) digest.update(chunk);
  return digest.digest('hex');
}

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('a prepared file', () => {
  test.each([
    ['by default', {}],
    ['with noise, whose draws follow each other over all rows', { privacy: { enabled: true, noise: 0.2 } }],
    ['of large batches, cut over several tasks', { batch_size: 9_000, val_split: 0.5, seed: 3 }],
    ['of an odd embedding', { embedding_dim: 5, batch_size: 7, privacy: { enabled: true } }],
  ])('%s: two threads give the bytes of one', async (_, model) => {
    const path = write('customers.csv', smallTable(12_000));
    expect(await prepared(path, { model })).toEqual(await preparedInMemory(path, { model }));
  });

  test('text of few values, text of many and text that is not ASCII are the same on both ways', async () => {
    const lines = Array.from({ length: 20_400 }, (_, row) => {
      const many = `${row % 3 === 0 ? 'ß' : 'x'}${(row * 7919) % 20_011}`;
      return `${row % 17 === 0 ? '' : `kind ${row % 40}`},${many},C${row},${row % 11 === 0 ? '' : `${(row % 28) + 1}/2/2021`}`;
    });
    const path = write('texts.csv', ['kind,many,code,updated', ...lines, ''].join('\n'));
    const threaded = await prepared(path);
    expect(threaded).toEqual(await preparedInMemory(path));
    expect(threaded.analysis.features.map(({ stats }) => stats.encoding)).toEqual([
      'TABULAR_CATEGORICAL',
      'TABULAR_CHARACTER',
      'TABULAR_CHARACTER',
      'TABULAR_DATETIME',
    ]);
  });

  test('any column in any encoding gives what it gives in memory', async () => {
    const cell = fc.oneof(
      fc.constantFrom('', 'a', '<protected>', '🙂é', '12.5 kg', '2020-01-05', '2021-02-03 04:05:06', '1', '1'),
      fc.integer().map(String),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.string({ unit: 'grapheme', maxLength: 60 }).filter((text) => !text.includes('\u0000')),
    );
    const column = fc.array(cell, { minLength: 1, maxLength: 40 });
    const encodings = fc.record({
      first: fc.constantFrom(...ENCODING_TYPES),
      updated: fc.constantFrom(...ENCODING_TYPES),
    });
    await fc.assert(
      fc.asyncProperty(column, column, encodings, fc.boolean(), async (first, updated, given, protectRare) => {
        const rows = first.map((text, row) => `${quoted(text)},${quoted(updated[row % updated.length]!)}`);
        const path = write('any.csv', ['first,updated', ...rows, ''].join('\n'));
        const settings = { model: { batch_size: 4, privacy: { protect_rare: protectRare } }, encodings: given };
        expect(await prepared(path, settings)).toEqual(await preparedInMemory(path, settings));
      }),
      { seed: 11, numRuns: 12 },
    );
  });

  test('while it is prepared, this thread goes on', async () => {
    const path = write('customers.csv', smallTable(60_000));
    const delay = monitorEventLoopDelay({ resolution: 5 });
    const startedAt = performance.now();
    let beats = 0;
    const beat = setInterval(() => {
      beats += 1;
    }, BEAT_MS);
    delay.enable();
    await prepared(path);
    delay.disable();
    clearInterval(beat);
    const tookMs = performance.now() - startedAt;
    // Shares of the same run, so that a busy machine slows both sides.
    expect(beats).toBeGreaterThan(tookMs / BEAT_MS / 4);
    expect(delay.max / 1e6).toBeLessThan(tookMs / 3);
  });

  test('an abort ends the upload, and what is aborted is not begun', async () => {
    const path = write('customers.csv', smallTable(12_000));
    const abort = new AbortController();
    const model = modelOf({});
    const options = { protectRare: true, model, seeds: SEEDS, signal: abort.signal };
    const preparing = withPreparedTable(path, options, async ({ upload }) => {
      for await (const _ of upload()) abort.abort();
    });
    await expect(preparing).rejects.toThrow(/aborted|ended before its work was done/);
    const aborted = withPreparedTable(path, options, async () => undefined);
    await expect(aborted).rejects.toThrow('aborted');
  });
});

test('scratch files are gone with the work, and those a killed process left long ago go with them', async () => {
  const scratch = mkdtempSync(join(folder, 'scratch-'));
  // No process has this number; twelve hours and more ago.
  const leftOver = mkdtempSync(join(scratch, 'dxo-scratch-4194305-'));
  utimesSync(leftOver, 0, 0);
  const path = write('customers.csv', smallTable(300));
  const program = `
    const { withPreparedTable } = await import(${JSON.stringify(resolve(DIST, 'table', 'prepare-table.js'))});
    const { readdirSync } = await import('node:fs');
    const options = { protectRare: true, model: ${JSON.stringify(modelOf({}))}, seeds: ${JSON.stringify(SEEDS)} };
    const during = () => readdirSync(${JSON.stringify(scratch)}).length;
    console.log(await withPreparedTable(${JSON.stringify(path)}, options, async () => during()));`;
  const env = { ...process.env, TMPDIR: scratch };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { env });
  expect(stdout.trim()).toBe('1');
  expect(readdirSync(scratch)).toEqual([]);
});

describe('a thread', () => {
  test('that ends while it is asked says so, then and later', async () => {
    const one = new thread.Thread();
    const asked = one.ask('render', { parts: [], random: new Random(1).state() });
    const ended = one.end();
    await expect(asked).rejects.toThrow(thread.ThreadDied);
    await ended;
    await expect(one.ask('render', { parts: [], random: new Random(1).state() })).rejects.toThrow(thread.ThreadDied);
  });

  test('answers what a task threw, and goes on', async () => {
    const one = new thread.Thread();
    try {
      const unopened = { parts: [], random: new Random(1).state() };
      await expect(one.ask('render', unopened)).rejects.toThrow('opened');
      await expect(one.ask('render', unopened)).rejects.toThrow('opened');
    } finally {
      await one.end();
    }
  });
});

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
