/**
 * What to do about each error of the API: one table, read by people (docs/errors.md is held against it) and by the code.
 * Nothing else decides. Rows are found by code, then by type, then by HTTP status, so that an error nobody has seen yet
 * still has a policy.
 *
 * fail   somebody must change something; asking again gives the same answer.
 * retry  same key, exponential back-off with jitter: the outcome is unknown or the server is in trouble.
 * wait   same key, after `Retry-After`: nothing is wrong, it is not our turn.
 * rekey  surely not executed, and waiting changes the answer: the workflow waits for the model, then asks under the
 *        key's next generation, since a stored answer could come back for 24 hours.
 * hold   the workflow parks until the reset or an operator's `resume`, if the request says so; else it fails.
 */
export type ErrorAction = 'fail' | 'retry' | 'wait' | 'rekey' | 'hold';

export interface ErrorPolicy {
  readonly action: ErrorAction;
  /** What happened, for docs. */
  readonly meaning: string;
  /** What a person should do; appended to the sentence a job ends with. */
  readonly advice?: string;
  /** Shortest delay before the next try. Never 0: Temporal ends an activity whose delay is 0 (measured). */
  readonly floorMs?: number;
  /** Longest delay that back-off grows to. */
  readonly ceilingMs?: number;
}

/** The ceiling keeps a day without the API below 300 tries a job, about 3 000 events of its history. */
const TRY_AGAIN = { floorMs: 1_000, ceilingMs: 300_000 } as const;

/** By `error.code`. */
export const POLICY_BY_CODE = {
  api_key_missing: {
    action: 'fail',
    meaning: 'The request carried no API key.',
    advice: 'Set DATAXID_API_KEY on the worker.',
  },
  api_key_invalid: {
    action: 'fail',
    meaning: 'The API key is unknown or revoked.',
    advice: "Check the worker's DATAXID_API_KEY and start the job again.",
  },
  parameter_invalid: {
    action: 'fail',
    meaning: 'The body failed validation; `param` names the place.',
    advice: 'Correct the parameter named in `param`.',
  },
  model_not_found: {
    action: 'fail',
    meaning: "The model does not exist, or is another organization's. On a delete it counts as success.",
    advice: 'Check the model id and the account.',
  },
  model_not_ready: {
    action: 'rekey',
    meaning: 'The model is not trained yet. If it is `failed`, the job ends with the error of the model.',
    floorMs: 2_000,
  },
  idempotency_key_in_use: {
    action: 'wait',
    meaning: 'The first request under this key still runs.',
    floorMs: 2_000,
  },
  training_service_unavailable: {
    action: 'retry',
    meaning: 'The training infrastructure scales or is in maintenance.',
    ...TRY_AGAIN,
  },
  quota_exceeded: {
    action: 'hold',
    meaning: 'The monthly quota of generated rows is used up.',
    advice:
      'Wait for the reset, ask for fewer rows or raise the plan, then start again; policy.onQuota "hold" makes a job wait by itself.',
  },
  free_tier_limit_reached: {
    action: 'hold',
    meaning: 'The same as quota_exceeded, in the spelling that the Python SDK expects.',
    advice:
      'Wait for the reset, ask for fewer rows or raise the plan, then start again; policy.onQuota "hold" makes a job wait by itself.',
  },
  rate_limit_exceeded: {
    action: 'wait',
    meaning: 'The organization is over its requests a minute.',
    floorMs: 1_000,
  },
  internal_error: { action: 'retry', meaning: 'An unexpected error of the server.', ...TRY_AGAIN },
  no_answer: {
    action: 'retry',
    meaning: 'No answer arrived (reset, timeout): whether the request was executed is unknown.',
    ...TRY_AGAIN,
  },
  answer_unreadable: {
    action: 'retry',
    meaning: 'A success whose body is broken or cut short: the stored answer is asked for again.',
    ...TRY_AGAIN,
  },
} as const satisfies Record<string, ErrorPolicy>;

/** By `error.type`, for codes without a row. */
export const POLICY_BY_TYPE = {
  authentication_error: {
    action: 'fail',
    meaning: 'The key was not accepted.',
    advice: "Check the worker's DATAXID_API_KEY.",
  },
  invalid_request_error: {
    action: 'fail',
    meaning: 'The request is wrong.',
    advice: 'Correct the request; `param` names the place.',
  },
  not_found_error: { action: 'fail', meaning: 'What the request names does not exist.', advice: 'Check the id.' },
  quota_exceeded_error: POLICY_BY_CODE.quota_exceeded,
  quota_exceeded: POLICY_BY_CODE.quota_exceeded,
  rate_limit_error: POLICY_BY_CODE.rate_limit_exceeded,
  api_error: { action: 'retry', meaning: 'The server is in trouble.', ...TRY_AGAIN },
} as const satisfies Record<string, ErrorPolicy>;

/** By HTTP status, for answers that carry no known type: proxies, and errors that are not invented yet. */
export const POLICY_BY_STATUS: readonly (ErrorPolicy & { from: number; to: number })[] = [
  { from: 401, to: 401, ...POLICY_BY_TYPE.authentication_error },
  { from: 402, to: 402, ...POLICY_BY_CODE.quota_exceeded },
  { from: 404, to: 404, ...POLICY_BY_TYPE.not_found_error },
  { from: 408, to: 408, ...POLICY_BY_CODE.no_answer, meaning: 'A proxy gave up waiting: the outcome is unknown.' },
  { from: 409, to: 409, ...POLICY_BY_CODE.idempotency_key_in_use },
  {
    from: 413,
    to: 413,
    action: 'fail',
    meaning: 'The body is larger than the server takes.',
    advice: 'Use fewer rows or columns, or a smaller model.embedding_dim.',
  },
  { from: 429, to: 429, ...POLICY_BY_CODE.rate_limit_exceeded },
  { from: 400, to: 499, ...POLICY_BY_TYPE.invalid_request_error },
  { from: 500, to: 599, ...POLICY_BY_TYPE.api_error },
  {
    from: 100,
    to: 399,
    action: 'fail',
    meaning: 'Something that is not the API answered.',
    advice: 'Check DATAXID_BASE_URL.',
  },
];

export interface ClassifiedError {
  code?: string | undefined;
  type?: string | undefined;
  statusCode?: number | undefined;
}

export function policyOf({ code, type, statusCode }: ClassifiedError): ErrorPolicy {
  const byCode = code === undefined ? undefined : lookUp(POLICY_BY_CODE, code);
  const byType = type === undefined ? undefined : lookUp(POLICY_BY_TYPE, type);
  const byStatus = POLICY_BY_STATUS.find(
    ({ from, to }) => statusCode !== undefined && from <= statusCode && statusCode <= to,
  );
  return byCode ?? byType ?? byStatus ?? POLICY_BY_CODE.no_answer;
}

function lookUp(table: Readonly<Record<string, ErrorPolicy>>, name: string): ErrorPolicy | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
