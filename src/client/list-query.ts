/**
 * The query of Temporal's list for a filter of ours. No value can break out of it: a table may be named `O'Brien.csv`.
 * Also the questions that operators ask every day, ready-made.
 */
import { z } from 'zod';
import { SEARCH_ATTRIBUTES, WORKFLOW_TYPES, waitSchema } from '../contract/messages.js';
import { stageSchema } from '../contract/stage.js';

/** Temporal's words. */
export const JOB_STATUSES = ['Running', 'Completed', 'Failed', 'Canceled', 'Terminated', 'TimedOut'] as const;
export const WAIT_REASONS = waitSchema.shape.reason.options;
export const STAGES = stageSchema.options.map(({ shape }) => shape.stage.value);

/** `list()` and `dxo jobs list` show this many unless told otherwise, and never more than LIST_LENGTH_MAX. */
const LIST_LENGTH = 50;
const LIST_LENGTH_MAX = 10_000;

const instant = z.union([z.date(), z.iso.datetime({ offset: true })], 'a Date or an ISO 8601 instant');

export const jobFilterSchema = z.strictObject({
  status: z.enum(JOB_STATUSES).optional(),
  stage: z.enum(STAGES).optional(),
  waitReason: z.enum(WAIT_REASONS).optional(),
  account: z
    .string()
    .regex(/^[a-z0-9-]{1,63}$/, 'lower-case letters, digits and hyphens')
    .optional(),
  /** The table's file name. */
  table: z.string().min(1).max(1_000).optional(),
  /** Error codes: docs/errors.md */
  failureCode: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'an error code')
    .optional(),
  startedAfter: instant.optional(),
  startedBefore: instant.optional(),
  limit: z.number().int().min(1).max(LIST_LENGTH_MAX).default(LIST_LENGTH),
});
/** All conditions hold at once; without any, all jobs. */
export type JobFilter = z.input<typeof jobFilterSchema>;

/** Finds what `matches` accepts, and sometimes more. */
export function listQueryOf(filter: z.output<typeof jobFilterSchema>): string {
  const { stage, waitReason, account, table, failureCode } = SEARCH_ATTRIBUTES;
  // Each a word of a list, or letters, digits and hyphens.
  const words = {
    ExecutionStatus: filter.status,
    [stage.name]: filter.stage,
    [waitReason.name]: filter.waitReason,
    [account.name]: filter.account,
    [failureCode.name]: filter.failureCode,
  };
  return [
    OUR_JOBS,
    ...Object.entries(words).flatMap(([name, value]) => (value === undefined ? [] : `${name} = '${value}'`)),
    ...(filter.table === undefined ? [] : [beginsAs(table.name, filter.table)]),
    ...(filter.startedAfter === undefined ? [] : [`StartTime >= '${instantOf(filter.startedAfter)}'`]),
    ...(filter.startedBefore === undefined ? [] : [`StartTime < '${instantOf(filter.startedBefore)}'`]),
  ].join(' AND ');
}

/** Whether a job that the query found is asked for. */
export function matches({ table }: z.output<typeof jobFilterSchema>, job: { table?: string }): boolean {
  return table === undefined || job.table === table;
}

/**
 * The server reads backslashes and quotes in a literal otherwise than it stores them, whichever way they are escaped
 * (measured on 1.32), so a text is asked for up to the first of them.
 */
function beginsAs(name: string, text: string): string {
  const [beginning = ''] = /^[^\\'"\p{Cc}]*/u.exec(text) ?? [];
  if (beginning === text) return `${name} = '${text}'`;
  return beginning === '' ? `${name} IS NOT NULL` : `${name} STARTS_WITH '${beginning}'`;
}

const instantOf = (given: Date | string): string => new Date(given).toISOString();

const OUR_JOBS = `WorkflowType IN (${WORKFLOW_TYPES.map((type) => `'${type}'`).join(', ')})`;

/** What operators ask, as queries for the Web UI's list and for `temporal workflow list --query`. */
export function everydayQueries(now: Date): { question: string; query: string }[] {
  const { waitReason, modelId, failureCode } = SEARCH_ATTRIBUTES;
  const today = `${now.toISOString().slice(0, 10)}T00:00:00Z`;
  const all = (...conditions: string[]): string => [OUR_JOBS, ...conditions].join(' AND ');
  return [
    { question: 'what runs', query: all("ExecutionStatus = 'Running'") },
    {
      question: 'what waits for quota',
      query: all("ExecutionStatus = 'Running'", `${waitReason.name} = 'quota'`),
    },
    { question: 'what failed today', query: all("ExecutionStatus = 'Failed'", `CloseTime >= '${today}'`) },
    {
      question: 'which models may be left over',
      query: all(
        `((ExecutionStatus IN ('Terminated', 'TimedOut') AND ${modelId.name} IS NOT NULL) OR ${failureCode.name} IN ('model_left_over', 'creation_unknown'))`,
      ),
    },
  ];
}
