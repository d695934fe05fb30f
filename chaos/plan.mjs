/**
 * Draws what will happen from one seed: jobs, faults of the API, blows and when they fall. The same seed draws the same plan; what the
 * machine makes of it may differ, so a plan can be printed and read. Pure: nothing happens here.
 */
import { jobIdOfItem } from '../dist/contract/batch.js';
import { seededRandom } from '../dist/sandbox/random.js';
import { SHAPES } from './requests.mjs';

/** A job starts within this after the seed's beginning. */
const START_SPREAD_MS = 1_500;
/** A blow falls at most so many requests after the beginning, per job: a synthesize job sends about 8. */
const REQUESTS_PER_JOB = 7;
/** A blow at one job, so that it still runs. */
const REQUESTS_PER_JOB_STRUCK = 4;
const BLOW_DELAY_MS_MAX = 300;
const BLOWS_MAX = 4;
const FAULTS_MAX = 10;
const SLOW_SECONDS = [0.3, 0.8, 1.6];
/** Two faults in a row are repeated quickly; more become a wait that the job shows. */
const FAULT_TIMES_MAX = 3;
/** Longer than the time after which a silent worker's request is sent again by another. */
const FREEZE_MS = 7_000;

const KEYED_CALLS = ['create', 'init-training', 'train', 'generate'];
const CALLS = [...KEYED_CALLS, 'get', 'list', 'delete'];
const BLOWS = [
  'kill worker',
  'kill worker',
  'kill all workers',
  'stop worker',
  'freeze worker',
  'kill server',
  'kill sandbox',
  'cancel',
  'cancel',
  'terminate',
  'exhaust quota',
  'fail a training',
  'corrupt artifacts',
  'deploy',
];

const AT_ONE_JOB = ['cancel', 'terminate', 'corrupt artifacts'];

/** @returns {{seed: number, jobs: object[], faults: object[], blows: object[]}} jobs and blows as run-plan.mjs carries them out */
export function drawPlan(seed, jobCount) {
  const random = seededRandom(seed);
  const below = (count) => Math.floor(random() * count);
  const oneOf = (values) => values[below(values.length)];
  const idPrefix = `chaos-${seed}-`;

  const jobs = Array.from({ length: jobCount }, (_, index) => {
    const kind = oneOf(['synthesize', 'synthesize', 'synthesize', 'train and generate', 'batch']);
    const job = {
      id: `${idPrefix}${index}`,
      kind,
      shape: oneOf(Object.keys(SHAPES)),
      startMs: below(START_SPREAD_MS),
      onQuota: random() < 0.7 ? 'hold' : 'fail',
      keepModel: random() < 0.25,
    };
    if (kind !== 'batch') return job;
    const items = Array.from({ length: 2 + below(2) }, (_, item) => ({
      name: `item-${item}`,
      shape: oneOf(Object.keys(SHAPES)),
    }));
    return { ...job, shape: undefined, keepModel: false, items };
  });

  const faults = Array.from({ length: below(FAULTS_MAX + 1) }, () => drawFault({ random, below, oneOf, jobCount }));
  const blows = Array.from({ length: 1 + below(BLOWS_MAX) }, () => {
    const what = oneOf(BLOWS);
    const isAtOneJob = AT_ONE_JOB.includes(what);
    const requestsMax = jobCount * (isAtOneJob ? REQUESTS_PER_JOB_STRUCK : REQUESTS_PER_JOB);
    const when = { afterRequests: below(requestsMax), delayMs: below(BLOW_DELAY_MS_MAX) };
    if (isAtOneJob) return { what, job: oneOf(jobs).id, ...when };
    switch (what) {
      case 'freeze worker':
        return { what, worker: below(2), ms: FREEZE_MS, ...when };
      case 'kill worker':
      case 'stop worker':
        return { what, worker: below(2), ...when };
      case 'exhaust quota':
        return { what, rowsLeft: below(100), ...when };
      default:
        return { what, ...when };
    }
  });
  blows.sort((one, other) => one.afterRequests - other.afterRequests);
  return { seed, idPrefix, jobs, faults, blows };
}

/** None of these ends a job by itself, but a 402 for one that is to fail then. */
function drawFault({ random, below, oneOf, jobCount }) {
  const call = oneOf(CALLS);
  const after = random() < 0.5;
  const status = oneOf([500, 502, 503, 504]);
  const kinds = [
    { kind: 'reset-before' },
    { kind: 'reset-after' },
    { kind: 'reset-after' },
    { kind: 'truncate' },
    { kind: 'broken-json' },
    { kind: 'slow', seconds: SLOW_SECONDS[below(SLOW_SECONDS.length)], after },
    { kind: 'html', status, after },
    { kind: 'empty', status, after },
    { kind: 'error', code: oneOf(['internal_error', 'training_service_unavailable']), after },
    { kind: 'error', code: 'rate_limit_exceeded' },
    ...(KEYED_CALLS.includes(call) ? [{ kind: 'error', code: 'idempotency_key_in_use' }] : []),
    ...(KEYED_CALLS.includes(call) ? [{ kind: 'error', code: 'quota_exceeded' }] : []),
    ...(KEYED_CALLS.slice(1).includes(call) ? [{ kind: 'error', code: 'model_not_ready' }] : []),
  ];
  const which = oneOf([
    { nth: 1 + below(jobCount) },
    { every: 2 + below(3), times: FAULT_TIMES_MAX },
    { times: 1 + below(FAULT_TIMES_MAX) },
  ]);
  return { call, ...oneOf(kinds), ...which };
}

/**
 * Each job that a plan makes, the items of batches and the two halves of `train and generate` included, and what may become of it.
 * @param isQuotaKnown whether a seed before has taught the installation a quota, which it believes for a while
 */
export function expectationsOf({ jobs, faults, blows }, { isQuotaKnown }) {
  const hasQuotaTrouble =
    isQuotaKnown ||
    blows.some(({ what }) => what === 'exhaust quota') ||
    faults.some(({ code }) => code === 'quota_exceeded');
  const failsTraining = blows.some(({ what }) => what === 'fail a training');
  const isHitBy = (id, what) => blows.some((blow) => blow.what === what && blow.job === id);
  return jobs.flatMap((job) => {
    const hit = {
      mayBeCancelled: isHitBy(job.id, 'cancel'),
      mayBeTerminated: isHitBy(job.id, 'terminate'),
      isCorrupted: isHitBy(job.id, 'corrupt artifacts'),
    };
    const expect = (id, kind, shape, { isSkippable = false } = {}) => ({
      id,
      kind,
      shape,
      ...hit,
      mayBeSkipped: isSkippable || hit.mayBeCancelled || hit.mayBeTerminated || hit.isCorrupted || failsTraining,
      mayFailWith: [
        ...(hasQuotaTrouble && job.onQuota === 'fail' ? ['quota_exceeded'] : []),
        ...(failsTraining && kind !== 'generate' ? ['training_failed'] : []),
        ...(hit.isCorrupted ? ['artifact_corrupt', 'creation_unknown'] : []),
      ],
    });
    switch (job.kind) {
      case 'batch':
        // When it fails or is cancelled, its items are cancelled too, or never begun.
        return [
          { ...expect(job.id, 'batch'), mayBeSkipped: false },
          ...job.items.map(({ name, shape }) => ({
            ...expect(jobIdOfItem(job.id, name), 'synthesize', shape, { isSkippable: hasQuotaTrouble }),
            mayBeCancelled: hit.mayBeCancelled || hit.isCorrupted || hasQuotaTrouble,
          })),
        ];
      case 'train and generate':
        return [
          { ...expect(job.id, 'train', job.shape), mayBeSkipped: false },
          expect(`${job.id}-rows`, 'generate', job.shape, { isSkippable: hasQuotaTrouble }),
        ];
      default:
        return [{ ...expect(job.id, 'synthesize', job.shape), mayBeSkipped: false }];
    }
  });
}

/** A line a job, a fault and a blow. */
export function describePlan({ jobs, faults, blows }) {
  return [
    ...jobs.map(({ id, kind, shape, items, startMs, onQuota, keepModel }) => {
      const what = items === undefined ? shape : items.map((item) => `${item.name} ${item.shape}`).join(', ');
      return `  ${startMs} ms: ${kind} ${id} (${what}; on quota ${onQuota}${keepModel ? '; keeps its model' : ''})`;
    }),
    ...faults.map((fault) => `  fault ${JSON.stringify(fault)}`),
    ...blows.map(({ what, afterRequests, delayMs, ...rest }) => {
      const how = Object.entries(rest).map(([name, value]) => ` ${name} ${value}`);
      return `  after ${afterRequests} requests and ${delayMs} ms: ${what}${how.join(',')}`;
    }),
  ];
}
