/** A job's progress as lines of text. */
import { expect, test } from '@jest/globals';
import { describeAsked, describeProgress, renderProgress } from '../../src/cli/render-progress.js';
import type { JobProgress } from '../../src/client/job-handle.js';
import { modelIdSchema } from '../../src/contract/ids.js';

const modelId = modelIdSchema.parse('mdl_0123456789ab');
const at = (second: number): string => new Date(Date.UTC(2026, 10, 22, 14, 0, second)).toISOString();
const nowMs = Date.parse(at(50));

const training: JobProgress = {
  stage: { stage: 'training', modelId, epoch: 25, epochsMax: 100, trainLoss: 1.5, validationLoss: 1.75 },
  entered: [
    { stage: 'preparing', at: at(0) },
    { stage: 'uploading', at: at(4) },
    { stage: 'training', at: at(20) },
  ],
  modelId,
  requests: 3,
  asked: [],
  keepModel: false,
  waiting: ['rate_limit_exceeded; asks again in 7 s'],
};

test('each stage stands with its time, the present one with a bar and losses', () => {
  expect(renderProgress(training, nowMs, 200)).toEqual([
    '  done  preparing    4.0 s',
    '  done  uploading    16 s',
    `  now   training     [${'#'.repeat(6)}${'.'.repeat(18)}] epoch 25 of at most 100, loss 1.5000, validation loss 1.7500  30 s`,
    '        waits: rate_limit_exceeded; asks again in 7 s',
  ]);
});

test('no line is wider than the terminal, or it could not be redrawn', () => {
  for (const columns of [1, 20, 79]) {
    for (const line of renderProgress(training, nowMs, columns)) expect(line.length).toBeLessThanOrEqual(columns);
  }
});

test('the bar of generating follows the rows, and is never longer than itself', () => {
  const generating = (rowsDone: number): string =>
    renderProgress({ ...training, stage: { stage: 'generating', modelId, rowsDone, rows: 200 } }, nowMs, 200).join(
      '\n',
    );
  expect(generating(0)).toContain(`[${'.'.repeat(24)}] 0 of 200 rows`);
  expect(generating(200)).toContain(`[${'#'.repeat(24)}] 200 of 200 rows`);
});

test('a job at its end has no present stage', () => {
  const done = { ...training, stage: { stage: 'done' as const }, waiting: [] };
  expect(renderProgress(done, nowMs, 200).some((line) => line.includes('now'))).toBe(false);
});

test.each([
  [{ stage: 'failed', message: 'no rows' }, 'fail'],
  [{ stage: 'cancelled' }, 'stop'],
  [{ stage: 'done' }, 'done'],
] as const)('the stage in which a job came to %j is not told as done, its clean-up is', (stage, word) => {
  const entered = [...training.entered, { stage: 'deleting' as const, at: at(30) }, { stage: stage.stage, at: at(31) }];
  expect(renderProgress({ ...training, stage, entered }, nowMs, 200)).toEqual([
    '  done  preparing    4.0 s',
    '  done  uploading    16 s',
    `  ${word}  training     10 s`,
    '  done  deleting     1.0 s',
  ]);
});

test('a job that was ended from outside does not train any more', () => {
  expect(renderProgress(training, nowMs, 200, 'stop')[2]).toMatch(/^ {2}stop {2}training/);
});

test('one line says stage and waiting, for logs', () => {
  expect(describeProgress(training)).toBe(
    'training mdl_0123456789ab: epoch 25 of at most 100, loss 1.5000, validation loss 1.7500; rate_limit_exceeded; asks again in 7 s',
  );
});

test('a wait says why and until when, unless the stage says so itself', () => {
  const wait = { reason: 'retry_after' as const, what: 'the API asked to wait', until: at(57) };
  const creating = { ...training, stage: { stage: 'creating' as const }, waiting: [], wait };
  expect(renderProgress(creating, nowMs, 200).at(-1)).toBe(
    '        waits: the API asked to wait, until 2026-11-22 14:00:57 UTC',
  );
  expect(describeProgress(creating)).toBe('creating the model; the API asked to wait, until 2026-11-22 14:00:57 UTC');
  expect(renderProgress({ ...training, wait: { ...wait, reason: 'training' } }, nowMs, 200)).toEqual(
    renderProgress(training, nowMs, 200),
  );
});

test('what was asked for and has not come is said with its age', () => {
  const asked = [{ what: 'generate chunk 2 of 5', since: at(20) }];
  expect(describeAsked({ ...training, asked }, nowMs)).toEqual(['        asked: generate chunk 2 of 5, 30 s ago']);
});
