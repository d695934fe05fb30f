/** What a history proves, wherever the job was stopped: each recorded history is cut at every one of its events. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { type JobHistory, readHistory } from '../../src/activities/job-history.js';
import { leftBehindBy, whyKept } from '../../src/activities/left-behind.js';
import { stepsDoneBy } from '../../src/activities/steps-done.js';
import { KEY_USE_MS } from '../../src/contract/limits.js';

const RELEASE = 'test/histories/0.1.0';
const NOW_MS = Date.parse('2026-11-23T00:00:00Z');

type ProtoHistory = Parameters<typeof readHistory>[0];
const historyOf = (name: string): ProtoHistory =>
  historyFromJSON(JSON.parse(readFileSync(join(RELEASE, `${name}.json`), 'utf8')));
/** As if somebody had terminated the job after so many events. */
const cutAfter = ({ events }: ProtoHistory, count: number): JobHistory => ({
  ...readHistory({ events: events?.slice(0, count) ?? [] }),
  end: { status: 'terminated' },
});
const cutsOf = (history: ProtoHistory): JobHistory[] =>
  (history.events ?? []).map((_, index) => cutAfter(history, index + 1));
const isDone = ({ steps }: JobHistory, activity: string): boolean =>
  steps.some((step) => step.activity === activity && step.end !== undefined && 'result' in step.end);
const isAsked = ({ steps }: JobHistory, activity: string): boolean => steps.some((step) => step.activity === activity);

describe('a job stopped after any of its events', () => {
  test.each(['plain', 'long', 'failed', 'held', 'over', 'cancel-training', 'cancel-generating'])(
    '%s: its model is left from the answer to the creation until the answer to the deletion',
    (name) => {
      const cuts = cutsOf(historyOf(name));
      const found = cuts.map((cut) => leftBehindBy('job', cut));
      expect(found.map(({ models }) => models.length)).toEqual(
        cuts.map((cut) => (isDone(cut, 'createModel') && !isDone(cut, 'deleteModel') ? 1 : 0)),
      );
      expect(found.map(({ creations }) => creations.length)).toEqual(
        cuts.map((cut) => (isAsked(cut, 'createModel') && !isDone(cut, 'createModel') ? 1 : 0)),
      );
      expect(found.filter(({ models }) => models.length > 0).length).toBeGreaterThan(5);
    },
  );

  test('plain: artifacts are left from the first step that writes some until they are discarded', () => {
    const cuts = cutsOf(historyOf('plain'));
    expect(cuts.map((cut) => leftBehindBy('job', cut).groups.length > 0)).toEqual(
      cuts.map((cut) => isAsked(cut, 'prepareTraining') && !isDone(cut, 'discardArtifacts')),
    );
  });

  test('plain: it does not keep its model; kept: it does, and when it has ended its result says so', () => {
    for (const cut of cutsOf(historyOf('plain'))) {
      for (const model of leftBehindBy('job', cut).models) expect(whyKept(cut, model, NOW_MS)).toBeUndefined();
    }
    const kept = cutsOf(historyOf('kept')).filter((cut) => isDone(cut, 'createModel'));
    const [model] = leftBehindBy('job', kept[0]!).models;
    for (const cut of kept) expect(whyKept(cut, model!, NOW_MS)).toMatch(/was to keep the model/);
    expect(whyKept(readHistory(historyOf('kept')), model!, NOW_MS)).toBe('its result keeps it');
  });

  test('plain: what a retry can use grows step by step, and never names a step that is not done', () => {
    const done = cutsOf(historyOf('plain')).map((cut) => stepsDoneBy('job', cut, NOW_MS));
    const measures = done.map(({ prepared, model, chunks }) => [
      prepared === undefined ? 0 : 1,
      model === undefined ? 0 : 1,
      model?.isUploaded === true ? 1 : 0,
      model?.training === undefined ? 0 : 1,
      chunks.filter(({ codes }) => codes !== undefined).length,
      chunks.filter(({ part }) => part !== undefined).length,
    ]);
    for (const [index, measure] of measures.entries()) {
      const before = measures[index - 1] ?? measure;
      expect(measure.every((value, which) => value >= before[which]!)).toBe(true);
    }
    // The watch told how the training went, in no step of the job: a retry asks the model.
    expect(measures.at(-1)).toEqual([1, 1, 1, 0, 3, 3]);
  });
});

test('an unanswered creation can be asked for again for 23 hours, and not later', () => {
  const history = historyOf('plain');
  const cut = cutsOf(history).findLast((one) => !isDone(one, 'createModel'))!;
  const askedMs = cut.steps.find(({ activity }) => activity === 'createModel')!.askedMs;
  expect(stepsDoneBy('job', cut, askedMs + KEY_USE_MS - 1).creation).toBeDefined();
  expect(stepsDoneBy('job', cut, askedMs + KEY_USE_MS).creation).toBeUndefined();
});

test.each([
  { tries: [{ code: 'parameter_invalid', status: 400, attempts: 1 }], isOpen: false },
  { tries: [{ code: 'quota_exceeded', attempts: 0 }], isOpen: false },
  { tries: [{ code: 'artifact_corrupt', attempts: 0 }], isOpen: false },
  { tries: [{ code: 'rate_limit_exceeded', status: 429, attempts: 3, without_effect: 3 }], isOpen: false },
  { tries: [{ code: 'parameter_invalid', status: 400, attempts: 3, without_effect: 2 }], isOpen: false },
  { tries: [{ code: 'parameter_invalid', status: 400, attempts: 2 }], isOpen: true },
  { tries: [{ code: 'artifact_corrupt', attempts: 1 }], isOpen: true },
  { tries: [{ code: 'no_answer', attempts: 1 }], isOpen: true },
  { tries: [{ code: 'internal_error', status: 500, attempts: 1 }], isOpen: true },
  { tries: [{ code: 'unexpected_error' }], isOpen: true },
  { tries: [undefined], isOpen: true },
  {
    tries: [
      { code: 'quota_exceeded', status: 402, attempts: 1 },
      { code: 'parameter_invalid', status: 400, attempts: 1 },
    ],
    isOpen: false,
  },
  {
    tries: [
      { code: 'no_answer', attempts: 1 },
      { code: 'parameter_invalid', status: 400, attempts: 1 },
    ],
    isOpen: true,
  },
])('whether the tries of a creation may have made a model: %j', ({ tries, isOpen }) => {
  const cut = cutsOf(historyOf('plain')).findLast((one) => !isDone(one, 'createModel'))!;
  const asked = cut.steps.find(({ activity }) => activity === 'createModel')!;
  const steps = cut.steps.filter((step) => step !== asked);
  const failed = tries.map((details) => ({ ...asked, end: { failed: true as const, details } }));
  expect(leftBehindBy('job', { ...cut, steps: [...steps, ...failed] }).creations).toHaveLength(isOpen ? 1 : 0);
});

test('a model that is kept for a retry is kept for that long, and for good where the request keeps models', () => {
  const history = cutAfter(historyOf('plain'), 60);
  const [modelId] = leftBehindBy('job', history).models;
  const trained = { account: 'default', modelId: modelId!, rows: 1, metadata: ARTIFACT };
  history.end = {
    status: 'failed',
    details: { code: 'output_exists', trained, kept_until: new Date(NOW_MS).toISOString() },
  };
  expect(whyKept(history, modelId!, NOW_MS - 1)).toMatch(/for a retry until 2026-11-23/);
  expect(whyKept(history, modelId!, NOW_MS)).toBeUndefined();
  expect(whyKept({ ...history, updates: ['keep'] }, modelId!, NOW_MS)).toBeDefined();
});

const ARTIFACT = { uri: 'artifact:0/metadata.json', bytes: 1, sha256: '0'.repeat(64) };
