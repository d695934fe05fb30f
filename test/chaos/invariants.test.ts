/** The judge of chaos is believed only if it sees: the evidence of a real job, right as it is and wrong in one thing each time. */
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Fleet, startFleet } from '../support/fleet.js';
import { until } from '../support/until.js';
import { DIST } from '../support/worker-process.js';

interface Request {
  sequence: number;
  call: string;
  path: string;
  idempotencyKey: string | null;
  bodySha256: string;
  effect: string;
  modelId: string | null;
  rowsBilled: number;
}
interface Run {
  id: string;
  runId: string;
  kind: string;
  status: string;
  request: { policy: { keepModel?: boolean } };
  failure?: { message: string; code: string } | undefined;
  failedTasks: { cause: number; message: string }[];
  replayFailure?: string | undefined;
}
interface Evidence {
  runs: Run[];
  ledger: Request[];
  models: { id: string }[];
  state: { maxInAnyWindow: number };
  outputs: Record<string, string>;
  leftBeside: string[];
  artifactGroups: string[];
}
type Judge = (evidence: Evidence, asked: object) => { job: string; what: string }[];

const ID = 'judged-0';
const SHAPE = 'uneven-chunks';
const RATE_LIMIT = 60;
const REFUSAL = { effect: 'none', code: 'rate_limit_exceeded', fault: null };

let fleet: Fleet;
let judge: Judge;
let artifactGroupsOf: (run: Run) => { job: string; model: string };
let evidence: Evidence;
let asked: object;

beforeAll(async () => {
  const { judge: theJudge } = await import(resolve('chaos/invariants.mjs'));
  const { collectEvidence, digestOf } = await import(resolve('chaos/evidence.mjs'));
  const { outputPathOf, synthesizeRequestOf, writeTables } = await import(resolve('chaos/requests.mjs'));
  ({ artifactGroupsOf } = await import(resolve('chaos/artifact-groups.mjs')));
  judge = theJudge;
  fleet = await startFleet();
  writeTables(fleet.folder);
  const places = {
    folder: fleet.folder,
    outputs: fleet.folder,
    artifacts: String(fleet.env.DATAXID_ARTIFACTS),
    release: () => resolve(DIST),
  };
  await (await fleet.client.synthesize(synthesizeRequestOf(places, ID, SHAPE), { id: ID })).result();
  const control = { ledger: fleet.sandbox.ledger, models: fleet.sandbox.models, state: fleet.sandbox.summary };
  evidence = await until('visibility has the job', async () => {
    const seen: Evidence = await collectEvidence({ client: fleet.client, ...places }, control, ID);
    return seen.runs.length === 1 && seen;
  });
  asked = {
    jobs: [{ id: ID, kind: 'synthesize', shape: SHAPE, mayFailWith: [] }],
    references: new Map([[SHAPE, digestOf(outputPathOf(fleet.folder, ID, SHAPE))]]),
    rateLimit: RATE_LIMIT,
    mayBeRefused: false,
    mayLeaveArtifacts: false,
  };
});
afterAll(() => fleet.stop());

test('a job that went well is not blamed', () => {
  expect(judge(evidence, asked)).toEqual([]);
});

const run = (seen: Evidence): Run => seen.runs[0]!;
const applied = (seen: Evidence, call: string): Request =>
  seen.ledger.find((request) => request.call === call && request.effect === 'applied')!;

test.each<[string, (seen: Evidence) => void, RegExp]>([
  ['a job that still runs', (seen) => (run(seen).status = 'RUNNING'), /has not ended: it is RUNNING/],
  ['a job that was never started', (seen) => (seen.runs = []), /was never started/],
  ['a job that nobody asked for', (seen) => (run(seen).id = 'another'), /nobody asked for/],
  ['a cancel that nobody asked for', (seen) => (run(seen).status = 'CANCELLED'), /nobody cancelled it/],
  ['an end that nobody asked for', (seen) => (run(seen).status = 'TERMINATED'), /nobody terminated it/],
  [
    'a failure without a cause',
    (seen) =>
      Object.assign(run(seen), { status: 'FAILED', failure: { code: 'disk_full', message: 'No space is left.' } }),
    /nothing that was done to it explains that: disk_full/,
  ],
  [
    'a failure with a code of nobody',
    (seen) =>
      Object.assign(run(seen), { status: 'FAILED', failure: { code: 'oops', message: 'Activity task failed' } }),
    /a code that docs\/errors\.md does not have/,
  ],
  [
    'a failure that is no sentence',
    (seen) =>
      Object.assign(run(seen), { status: 'FAILED', failure: { code: 'disk_full', message: 'Activity task failed' } }),
    /its failure is no sentence/,
  ],
  [
    'a history that does not replay',
    (seen) => (run(seen).replayFailure = 'Nondeterminism error: another activity'),
    /its history does not replay: Nondeterminism error/,
  ],
  [
    'workflow code that fails',
    (seen) => run(seen).failedTasks.push({ cause: 24, message: 'nondeterminism' }),
    /its workflow code failed \(cause 24\)/,
  ],
  [
    'a second model',
    (seen) => seen.ledger.push({ ...applied(seen, 'create'), sequence: 90 }),
    /createModel took effect 2 times \(requests .*90/,
  ],
  [
    'a second training',
    (seen) => seen.ledger.push({ ...applied(seen, 'train'), sequence: 90 }),
    /startTraining took effect 2 times/,
  ],
  [
    'a chunk billed twice',
    (seen) => seen.ledger.push({ ...applied(seen, 'generate'), sequence: 90 }),
    /generateCodes \d took effect 2 times/,
  ],
  ['a chunk of the wrong size', (seen) => (applied(seen, 'generate').rowsBilled += 1), /was billed chunks of/],
  ['a training that never was', (seen) => (applied(seen, 'train').effect = 'none'), /startTraining never took effect/],
  [
    'a key with two bodies',
    (seen) => seen.ledger.push({ ...applied(seen, 'init-training'), effect: 'none', bodySha256: 'other' }),
    /share a key and differ/,
  ],
  [
    'a key that no history holds',
    (seen) => seen.ledger.push({ ...applied(seen, 'train'), effect: 'none', idempotencyKey: 'made up' }),
    /a key that no history holds/,
  ],
  [
    'a refusal of our own making',
    (seen) => seen.ledger.push({ ...applied(seen, 'train'), ...REFUSAL }),
    /refused requests \d+ for the rate/,
  ],
  ['a full window', (seen) => (seen.state.maxInAnyWindow = RATE_LIMIT + 1), /61 requests were in one window/],
  [
    'a model left alive',
    (seen) => seen.models.push({ id: applied(seen, 'create').modelId! }),
    /its model mdl_\w+ \(request \d+\) is alive after a reap/,
  ],
  ['a kept model that is gone', (seen) => (run(seen).request.policy.keepModel = true), /which is gone/],
  ['an output that is not there', (seen) => (seen.outputs = {}), /its output is not there/],
  [
    'an output of other bytes',
    (seen) => (seen.outputs = Object.fromEntries(Object.keys(seen.outputs).map((name) => [name, 'other']))),
    /is not that of the undisturbed run/,
  ],
  [
    'an artifact left',
    (seen) => seen.artifactGroups.push(artifactGroupsOf(run(seen)).job),
    /its artifacts are still there/,
  ],
  ['an unfinished file', (seen) => seen.leftBeside.push(`.${ID}.csv.1`), /an unfinished file was left/],
])('%s is seen', (_, spoil, sentence) => {
  const spoilt = structuredClone(evidence);
  spoil(spoilt);
  expect(
    judge(spoilt, asked)
      .map(({ what }) => what)
      .join('\n'),
  ).toMatch(sentence);
});
