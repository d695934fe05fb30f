/**
 * The cells of the crash matrix: every call × every outcome × every disturbance, as data: what the API is told to do to the call's
 * request, what is held so that the disturbance falls in the right moment, and which cells make no sense, with the reason.
 * Not here: carrying them out (matrix.mjs).
 */

/** In the order of a job, each with the call before and after it. A look is whichever of the two requests a release sends. */
export const CALLS = {
  create: { requests: ['create'], before: undefined, after: 'init-training' },
  'init-training': { requests: ['init-training'], before: 'create', after: 'train' },
  train: { requests: ['train'], before: 'init-training', after: 'look' },
  look: { requests: ['get', 'list'], before: 'train', after: 'generate' },
  generate: { requests: ['generate'], before: 'look', after: 'delete' },
  delete: { requests: ['delete'], before: 'generate', after: undefined },
};

const SLOW_SECONDS = 1.5;

/** As a fault rule of the sandbox; `not sent` is no answer of an API: its door is shut (door.mjs). */
export const OUTCOMES = {
  'not sent': undefined,
  'sent and lost': { kind: 'reset-before' },
  'applied and lost': { kind: 'reset-after' },
  slow: { kind: 'slow', seconds: SLOW_SECONDS },
  429: { kind: 'error', code: 'rate_limit_exceeded' },
  500: { kind: 'error', code: 'internal_error' },
  502: { kind: 'html', status: 502 },
  503: { kind: 'error', code: 'training_service_unavailable' },
  402: { kind: 'error', code: 'quota_exceeded' },
  409: { kind: 'error', code: 'idempotency_key_in_use' },
  '400 model_not_ready': { kind: 'error', code: 'model_not_ready' },
  truncated: { kind: 'truncate' },
  broken: { kind: 'broken-json' },
};

/**
 * `moment`: when it falls. `before` the request is sent: the call before has taken effect, its answer is on the way.
 * `during`: the request is under way; the outcome is that of its repeat. `after` the outcome: the request that follows is under way. `at` the
 * outcome: as soon as it has come, or while it comes.
 */
export const DISTURBANCES = {
  none: { moment: undefined },
  'kill worker before': { moment: 'before' },
  'kill worker during': { moment: 'during' },
  'kill worker after': { moment: 'after' },
  'kill server': { moment: 'after' },
  cancel: { moment: 'after', mayBeCancelled: true },
  terminate: { moment: 'after', mayBeTerminated: true },
  deploy: { moment: 'after' },
  'full disk': { moment: 'after', mayFailWith: ['disk_full', 'creation_unknown'] },
  'corrupted artifact': { moment: 'at', mayFailWith: ['artifact_corrupt', 'creation_unknown'] },
};

/** Longer than the jobs of a wave are apart, so that the disturbance meets all of them. */
const HOLD_SECONDS = 12;

/** Cells that make no sense, and why. What is not named is any. */
export const SENSELESS = [
  { call: 'delete', disturbance: 'full disk', because: 'nothing is written after the output' },
  { call: 'delete', disturbance: 'corrupted artifact', because: 'no artifact is read after the output' },
  { call: 'create', outcome: '400 model_not_ready', because: 'there is no model yet that could be not ready' },
  { call: 'look', outcome: '402', because: 'it makes no rows, so no quota is asked for it' },
  { call: 'look', outcome: '409', because: 'it has no idempotency key' },
  { call: 'look', outcome: '400 model_not_ready', because: 'the API allows it in every state of a model' },
  { call: 'delete', outcome: '402', because: 'it makes no rows, so no quota is asked for it' },
  { call: 'delete', outcome: '409', because: 'it has no idempotency key' },
  { call: 'delete', outcome: '400 model_not_ready', because: 'the API allows it in every state of a model' },
  { call: 'delete', outcome: 'truncated', because: 'its answer (204) has no body' },
  { call: 'delete', outcome: 'broken', because: 'its answer (204) has no body' },
];

export const isSensible = (cell) =>
  !SENSELESS.some(
    ({ call, outcome = cell.outcome, disturbance = cell.disturbance }) =>
      call === cell.call && outcome === cell.outcome && disturbance === cell.disturbance,
  );

/** Fault rules for the sandbox of one cell: `holds` are those whose hit is the moment of the disturbance, `faults` the outcome. */
export function rulesOf(call, outcome, disturbance) {
  const { requests, before, after } = CALLS[call];
  const { moment } = DISTURBANCES[disturbance];
  const on = (name, rule) =>
    name === undefined ? [] : CALLS[name].requests.map((request) => ({ call: request, ...rule }));
  const hold = { kind: 'slow', seconds: HOLD_SECONDS };
  const fault = OUTCOMES[outcome];
  const isHeldFirst = moment === 'during';
  const faults =
    fault === undefined ? [] : requests.map((request) => ({ call: request, ...fault, nth: isHeldFirst ? 2 : 1 }));
  // A request that is never sent is not counted: its repeat is the first.
  const repeat = fault === undefined ? 1 : 2;
  const holds = {
    before: on(before, { ...hold, after: true, nth: 1 }),
    during: on(call, { ...hold, nth: 1 }),
    at: [],
    after: [...on(call, { ...hold, nth: repeat }), ...on(after, { ...hold, nth: 1 })],
  };
  return { faults, holds: moment === undefined ? [] : holds[moment] };
}

/** All of them, the senseless ones too. */
export function allCells() {
  return Object.keys(CALLS).flatMap((call) =>
    Object.keys(DISTURBANCES).flatMap((disturbance) =>
      Object.keys(OUTCOMES).map((outcome) => ({ call, outcome, disturbance })),
    ),
  );
}

export const nameOf = ({ call, outcome, disturbance }) => `${call} / ${outcome} / ${disturbance}`;
