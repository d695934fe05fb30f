/** Decoding by a thread against decoding in memory. Threads are compiled programs, so this runs what the build made. */
import { resolve } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { analyze } from '../../src/table/analyze.js';
import { decode } from '../../src/table/decode.js';
import type * as DecodeAnswer from '../../src/table/decode-answer.js';
import { encode } from '../../src/table/encode.js';
import { asColumn } from '../../src/table/packed-texts.js';
import { Random } from '../../src/table/random.js';
import type { Analysis } from '../../src/table/stats.js';
import { loadVector } from '../support/vectors.js';
import { DIST } from '../support/worker-process.js';

let decodeAnswer: typeof DecodeAnswer.decodeAnswer;
beforeAll(async () => {
  ({ decodeAnswer } = await import(resolve(DIST, 'table', 'decode-answer.js')));
});

const taskOf = (answer: unknown, analysis: Analysis, rows: number) => ({
  answer: Buffer.from(JSON.stringify(answer)),
  analysis,
  rows,
  rareStrategy: 'sample' as const,
  seed: 4,
});

test.each(['penguins', 'text-edges', 'date-edges', 'forced-types'])(
  '%s: a thread decodes as memory does',
  async (folder) => {
    const { table, options } = await loadVector(folder);
    const encodings = options.config?.encoding_types ?? {};
    const analysis = analyze(table, { protectRare: true, random: new Random(1), encodings });
    const codes = encode(table, analysis, new Random(2));
    const answer = {
      data: { codes: Object.fromEntries([...codes].map(([key, column]) => [key, Array.from(column)])) },
    };
    const decoded = await decodeAnswer(taskOf(answer, analysis, table.rows));
    const expected = decode(codes, analysis, { rareStrategy: 'sample', random: new Random(4) });
    expect(decoded.columns.map(asColumn)).toEqual(expected.columns);
  },
);

test('an answer that cannot be used is refused as in memory, and the thread goes on', async () => {
  const { table } = await loadVector('one-row');
  const analysis = analyze(table, { protectRare: false, random: new Random(1) });
  for (let turn = 0; turn < 3; turn += 1) {
    await expect(decodeAnswer(taskOf({ data: {} }, analysis, 1))).rejects.toMatchObject({
      name: 'InputError',
      code: 'answer_invalid',
    });
  }
});

test('a decoding that is aborted ends with the reason', async () => {
  const { table } = await loadVector('one-row');
  const analysis = analyze(table, { protectRare: false, random: new Random(1) });
  const abort = new AbortController();
  const decoding = decodeAnswer(taskOf({ data: {} }, analysis, 1), abort.signal);
  abort.abort(new Error('nobody wants it any more'));
  await expect(decoding).rejects.toThrow('nobody wants it any more');
});
