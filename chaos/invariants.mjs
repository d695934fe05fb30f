/**
 * What must hold whatever happened: each violation is one sentence with its evidence. Judged from what witnesses say (evidence.mjs), never
 * from a job's own result.
 *
 * A job is known here by what was asked of it and what may become of it:
 * `{id, kind, shape?, mayFailWith: string[], mayBeCancelled?, mayBeTerminated?, mayBeSkipped?}`.
 */
import { readFileSync } from 'node:fs';
import { planChunks } from '../dist/contract/chunks.js';
import { POLICY_BY_CODE } from '../dist/contract/errors.js';
import { artifactGroupsOf } from './artifact-groups.mjs';

/** temporal.api.enums.v1.WorkflowTaskFailedCause: a task that came too late for an event, one whose worker was gone, one under way at a terminate. */
const HARMLESS_TASK_FAILURES = [1, 13, 17];
/** The SDK takes a worker that was frozen in the middle of workflow code for one that never comes to an end; the task is done again. */
const FROZEN_TASK = /^Script execution timed out/;
/** On purpose (src/workflows/only-in-tasks.ts). */
const BEGUN_ANEW = /^A query was answered between two tasks of this workflow/;
/** Words of Temporal that tell a person nothing. */
const RAW_FAILURE = /^(Activity task|Child Workflow|Workflow) /i;

/**
 * @param evidence of collectEvidence
 * @param {{jobs: object[], references: Map<string, string>, rateLimit: number, mayBeRefused: boolean, mayLeaveArtifacts: boolean}} asked
 *   `references`: digest of the undisturbed output by shape;
 *   `mayBeRefused`: a process that counts the requests was killed or cut off, so that its successor may not know of the last ones;
 *   `mayLeaveArtifacts`: a worker slept through the end of a job and wrote afterwards
 * @returns {{job: string, what: string}[]} violations
 */
export function judge(evidence, asked) {
  const violations = [];
  const jobs = new Map(asked.jobs.map((job) => [job.id, job]));
  const runOfKey = new Map(evidence.runs.flatMap((run) => [...run.keys.keys()].map((key) => [key, run])));
  const against = (job, what) => violations.push({ job, what });
  const requestsOf = (run) => evidence.ledger.filter(({ idempotencyKey }) => run.keys.has(idempotencyKey));

  for (const job of asked.jobs) {
    if (!job.mayBeSkipped && !evidence.runs.some(({ id }) => id === job.id)) against(job.id, 'was never started.');
  }
  for (const run of evidence.runs) {
    const job = jobs.get(run.id);
    const say = (what) => against(run.id, what);
    if (job === undefined) {
      say(`is a ${run.kind} that nobody asked for.`);
      continue;
    }
    judgeEnd(run, job, say);
    judgeEffects(run, requestsOf(run), say);
    if (!asked.mayLeaveArtifacts) judgeArtifacts(run, evidence.artifactGroups, say);
    if (job.shape !== undefined) judgeOutput(run, job, evidence.outputs, asked.references, say);
  }
  for (const violation of judgeLedger(evidence, runOfKey, asked)) violations.push(violation);
  for (const violation of judgeModels(evidence, runOfKey, jobs)) violations.push(violation);
  const mayLeaveFiles = asked.jobs.some(({ mayBeTerminated }) => mayBeTerminated);
  for (const name of mayLeaveFiles ? [] : evidence.leftBeside)
    against('', `an unfinished file was left: outputs/${name}.`);
  return violations;
}

function judgeEnd({ status, failure, failedTasks, replayFailure }, job, say) {
  if (replayFailure !== undefined) say(`its history does not replay: ${replayFailure.slice(0, 400)}`);
  for (const { cause, message } of failedTasks) {
    if (HARMLESS_TASK_FAILURES.includes(cause) || FROZEN_TASK.test(message) || BEGUN_ANEW.test(message)) continue;
    say(`its workflow code failed (cause ${cause}): ${message.slice(0, 200)}`);
  }
  switch (status) {
    case 'COMPLETED':
      return;
    case 'CANCELLED':
      if (!job.mayBeCancelled) say('was cancelled, and nobody cancelled it.');
      return;
    case 'TERMINATED':
      if (!job.mayBeTerminated) say('was terminated, and nobody terminated it.');
      return;
    case 'FAILED':
      if (!job.mayFailWith.includes(failure.code)) {
        say(`failed, and nothing that was done to it explains that: ${failure.code}: ${failure.message}`);
      }
      if (!KNOWN_CODES.has(failure.code)) say(`failed with ${failure.code}, a code that docs/errors.md does not have.`);
      if (!/^\S[^\n]{19,}$/.test(failure.message) || RAW_FAILURE.test(failure.message))
        say(`its failure is no sentence: ${failure.message}`);
      return;
    default:
      say(`has not ended: it is ${status}.`);
  }
}

/** Each step of a run takes effect once, whatever generation of its key; a finished run has all of them, and the rows that were asked for. */
function judgeEffects(run, requests, say) {
  const applied = requests.filter(({ effect }) => effect === 'applied');
  const countByStep = new Map();
  for (const { idempotencyKey } of applied) {
    const { step } = run.keys.get(idempotencyKey);
    countByStep.set(step, (countByStep.get(step) ?? 0) + 1);
  }
  for (const [step, count] of countByStep) {
    if (count > 1) say(`${step} took effect ${count} times (${sequencesOf(applied)}).`);
  }
  if (run.kind === 'batch') return;
  const generated = applied.filter(({ call }) => call === 'generate').map(({ rowsBilled }) => rowsBilled);
  const asked = chunkRowsOf(run);
  if (run.status === 'COMPLETED') {
    const steps = run.kind === 'generate' ? [] : ['createModel', 'initTraining', 'startTraining'];
    for (const step of steps.filter((name) => !countByStep.has(name))) say(`is done, and ${step} never took effect.`);
    if (sorted(generated) !== sorted(asked))
      say(`was billed chunks of ${sorted(generated)} rows; asked were ${sorted(asked)}.`);
  } else if (sum(generated) > sum(asked)) {
    say(`was billed ${sum(generated)} rows; asked were ${sum(asked)}.`);
  }
}

function chunkRowsOf({ kind, request }) {
  if (kind === 'train') return [];
  return planChunks(request.generation.n_samples, request.policy.rowsPerChunk).map(({ rows }) => rows);
}

/** What a job wrote on its way is gone with it; what its model needs may stay with the model, and what asks for an unknown one until then. */
function judgeArtifacts(run, groups, say) {
  if (run.kind === 'batch' || !['COMPLETED', 'FAILED', 'CANCELLED'].includes(run.status)) return;
  if (run.failure?.code === 'creation_unknown') return;
  const { job } = artifactGroupsOf(run);
  if (groups.includes(job)) say(`is ${run.status}, and its artifacts are still there (${job}).`);
}

function judgeOutput(run, { shape }, outputs, references, say) {
  if (run.kind === 'train' || run.kind === 'batch') return;
  const digest = outputs[run.request.output.uri.split('/').at(-1)];
  if (digest === undefined && run.status === 'COMPLETED') say('is done, and its output is not there.');
  if (digest !== undefined && digest !== references.get(shape)) {
    say(
      `its output (${digest.slice(0, 12)}) is not that of the undisturbed run (${references.get(shape).slice(0, 12)}).`,
    );
  }
}

function* judgeLedger({ ledger, state }, runOfKey, { rateLimit, mayBeRefused }) {
  const bodyOfKey = new Map();
  for (const { sequence, call, path, idempotencyKey: key, bodySha256 } of ledger) {
    if (key === null) continue;
    const run = runOfKey.get(key);
    const job = run?.id ?? '';
    if (run === undefined) yield { job, what: `request ${sequence} (${call}) has a key that no history holds.` };
    const first = bodyOfKey.get(key);
    bodyOfKey.set(key, first ?? { sequence, path, bodySha256 });
    if (first !== undefined && (first.bodySha256 !== bodySha256 || first.path !== path)) {
      yield {
        job,
        what: `requests ${first.sequence} and ${sequence} (${call}) share a key and differ in path or body.`,
      };
    }
  }
  const refused = ledger.filter(({ code, fault }) => code === 'rate_limit_exceeded' && fault === null);
  if (refused.length > 0 && !mayBeRefused) {
    yield { job: '', what: `the API refused ${sequencesOf(refused)} for the rate, and nobody was killed.` };
  }
  if (state.maxInAnyWindow > rateLimit) {
    yield { job: '', what: `${state.maxInAnyWindow} requests were in one window; the limit is ${rateLimit}.` };
  }
}

/** After a reap nothing is alive but what was asked to be kept, and that is. */
function* judgeModels({ ledger, models, runs }, runOfKey, jobs) {
  const alive = new Set(models.map(({ id }) => id));
  const creations = ledger.filter(({ call, effect }) => call === 'create' && effect === 'applied');
  for (const { modelId, idempotencyKey, sequence } of creations) {
    const run = runOfKey.get(idempotencyKey);
    if (run === undefined) continue;
    const fate = fateOf(run, modelId, runs, jobs);
    const job = run.id;
    if (alive.has(modelId) && fate === 'deleted') {
      yield {
        job,
        what: `is ${run.status}${run.failure === undefined ? '' : ` (${run.failure.code})`}, and its model ${modelId} (request ${sequence}) is alive after a reap.`,
      };
    }
    if (!alive.has(modelId) && fate === 'kept') {
      yield { job, what: `was to keep its model ${modelId}, which is gone.` };
    }
  }
}

function fateOf(run, modelId, runs, jobs) {
  const keeps = run.kind === 'train' || run.request.policy?.keepModel === true;
  const takers = runs.filter(({ request }) => request.trained?.modelId === modelId);
  if (takers.some(({ request, status }) => request.policy.keepModel === false && status === 'COMPLETED'))
    return 'deleted';
  if (takers.some(({ request }) => request.policy.keepModel === false)) return 'either';
  if (run.status === 'COMPLETED') return keeps ? 'kept' : 'deleted';
  // A model whose training is done outlives a job that was to keep it, also one that is cancelled or fails later.
  if (keeps) return 'either';
  // Nobody knows its id, and the bytes to ask for it again are damaged: a person has been told to look.
  const isDamaged = jobs.get(run.id)?.mayFailWith.includes('artifact_corrupt');
  return run.failure?.code === 'creation_unknown' && isDamaged ? 'either' : 'deleted';
}

const sum = (values) => values.reduce((total, value) => total + value, 0);
const sorted = (values) => [...values].sort((a, b) => a - b).join(' ') || 'no';
const sequencesOf = (requests) => `requests ${requests.map(({ sequence }) => sequence).join(', ')}`;

/** The API's, and ours as docs/errors.md lists them. */
const KNOWN_CODES = new Set([...Object.keys(POLICY_BY_CODE), ...ourCodes()]);

function ourCodes() {
  const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');
  const rows = page.slice(page.indexOf('## Errors of our own')).split('\n');
  return rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, code]) => code));
}
