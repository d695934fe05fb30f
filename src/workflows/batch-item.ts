/**
 * One item: its job as a child workflow, tried again where the failure may pass, until it is done or given up. The child
 * outlives the batch's run (ABANDON), so that the batch can go on in a new run without emptying its window; a run that
 * finds a child of the run before asks an activity for its end. A cancel reaches the child either way and is waited for.
 */
import {
  CancellationScope,
  ChildWorkflowFailure,
  getExternalWorkflowHandle,
  isCancellation,
  proxyActivities,
  sleep,
  startChild,
} from '@temporalio/workflow';
import { z } from 'zod';
import type { DataActivities } from '../activities/index.js';
import { type BatchItem, type BatchKind, jobIdOfItem, underDeadline } from '../contract/batch.js';
import { type ItemOutcome, itemErrorSchema } from '../contract/batch-results.js';
import { POLICY_BY_CODE, policyOf } from '../contract/errors.js';
import { modelIdSchema } from '../contract/ids.js';
import { isIdTaken, type JobEnd, type JobFailure, jobEndOf } from '../contract/job-end.js';
import { DATA_DEADLINE_MS, DATA_HEARTBEAT_MS, MESSAGE_BYTES_MAX } from '../contract/limits.js';
import { DATA_QUEUE } from '../contract/messages.js';
import { trainedModelSchema } from '../contract/requests.js';
import { outputResultSchema } from '../contract/results.js';
import { cutToBytes, escapeMarkdown } from '../contract/text.js';

/** An item in the window. All that the next run of the batch needs of it, its request but read anew. */
export interface ItemUnderWay {
  /** Among the items to run, from 0. */
  position: number;
  index: number;
  name: string;
  rows?: number | undefined;
  /** From 1. */
  attempt: number;
  /** The job that runs for it; without one it is to be begun, or waits for its next try. */
  runId?: string | undefined;
  /** Between asking for its job and knowing its run: it could not be found again. */
  isBeingStarted?: boolean;
  /** The run before, which keeps what it made for this try. */
  goesOnWith?: string | undefined;
}

export interface HowToRunItems {
  batchId: string;
  kind: BatchKind;
  attempts: number;
  /** ISO 8601: no try begins after it. */
  deadline?: string | undefined;
  requestOf: (position: number) => Promise<BatchItem['request']>;
}

/** Between two tries of an item: doubled each time. The job has waited for itself before it failed. */
const RETRY_DELAY_MS = 2_000;
const RETRY_DELAY_MS_MAX = 60_000;

/** Changes `item` as it goes. @returns what it came to; never throws for a job's failure or cancel */
export async function runItem(item: ItemUnderWay, how: HowToRunItems): Promise<ItemOutcome> {
  const job = jobIdOfItem(how.batchId, item.name);
  for (;;) {
    const end = await (item.runId === undefined ? runJob(job, item, how) : awaitJob(job, item.runId));
    const outcome = outcomeOf(end, job, item);
    item.runId = undefined;
    item.goesOnWith = outcome.kept?.runId;
    if (end.status !== 'failed' || item.attempt >= how.attempts || !mayPass(end.failure) || isOver(how.deadline)) {
      return outcome;
    }
    const delayMs = Math.min(RETRY_DELAY_MS * 2 ** (item.attempt - 1), RETRY_DELAY_MS_MAX);
    item.attempt += 1;
    try {
      await sleep(delayMs, { summary: `before another try of ${escapeMarkdown(item.name)}` });
    } catch (error) {
      if (isCancellation(error)) return outcome;
      throw error;
    }
  }
}

const isOver = (deadline: string | undefined): boolean => deadline !== undefined && Date.parse(deadline) <= Date.now();

async function runJob(job: string, item: ItemUnderWay, { kind, deadline, requestOf }: HowToRunItems): Promise<JobEnd> {
  try {
    const request = await requestOf(item.position);
    const { goesOnWith } = item;
    const goesOn = goesOnWith === undefined ? {} : { retryOf: { job, runId: goesOnWith } };
    item.isBeingStarted = true;
    const child = await startChild(kind, {
      workflowId: job,
      args: [underDeadline({ ...request, ...goesOn }, deadline)],
      parentClosePolicy: 'ABANDON',
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      staticSummary: `${kind} ${escapeMarkdown(item.name)}, an item of a batch`,
    });
    item.runId = child.firstExecutionRunId;
    item.isBeingStarted = false;
    return { status: 'done', result: await child.result() };
  } catch (error) {
    if (error instanceof ChildWorkflowFailure) return jobEndOf(error.cause);
    if (isCancellation(error)) return { status: 'cancelled', failure: NOT_BEGUN };
    if (isIdTaken(error)) return idIsTaken(job);
    throw error;
  } finally {
    item.isBeingStarted = false;
  }
}

const NOT_BEGUN: JobFailure = { code: 'cancelled', message: 'It was cancelled before its job began.' };

function idIsTaken(job: string): JobEnd {
  const message = `A job ${job} runs already and is not of this batch: wait for it or cancel it, then retry.`;
  return { status: 'failed', failure: { code: 'job_exists', message } };
}

/** A job of the run before. */
async function awaitJob(job: string, runId: string): Promise<JobEnd> {
  const scope = CancellationScope.current();
  const cancelJob = (): Promise<void> =>
    CancellationScope.nonCancellable(() => getExternalWorkflowHandle(job, runId).cancel());
  // A job that has ended cannot be cancelled any more, and its end is told below.
  scope.cancelRequested.catch(() => cancelJob().catch(() => undefined));
  return CancellationScope.nonCancellable(() => looking(job).awaitBatchJob({ job, runId }));
}

/** Looks until the job has ended, however long it takes. */
const looking = (job: string) =>
  proxyActivities<DataActivities>({
    taskQueue: DATA_QUEUE,
    startToCloseTimeout: DATA_DEADLINE_MS,
    heartbeatTimeout: DATA_HEARTBEAT_MS,
    summary: `wait for ${escapeMarkdown(job)} (looking again is expected)`,
  });

/** What `synthesize` and `generate` answer, as far as a batch tells it. */
const jobResultSchema = z.object({
  output: outputResultSchema,
  model: z.object({ id: modelIdSchema, kept: z.boolean() }),
  trained: trainedModelSchema.optional(),
  requests: z.number(),
});

function outcomeOf(end: JobEnd, job: string, { index, attempt, runId }: ItemUnderWay): ItemOutcome {
  const common = { index, job, attempts: attempt };
  if (end.status !== 'done') {
    const { kept_until: until } = end.failure;
    const error = itemErrorSchema.parse({
      ...end.failure,
      message: cutToBytes(end.failure.message, MESSAGE_BYTES_MAX),
    });
    const kept = runId === undefined || until === undefined ? undefined : { runId, until };
    return { ...common, status: end.status, error, ...(kept === undefined ? {} : { kept }) };
  }
  const result = jobResultSchema.safeParse(end.result);
  return result.success
    ? { ...common, status: 'done', ...result.data }
    : { ...common, status: 'failed', error: NO_RESULT };
}

const NO_RESULT = {
  code: 'unexpected_error',
  message: 'The job ended without a result that this worker knows: do all workers run one version?',
};

/** Failures of our own that another try may not meet. */
const OURS_THAT_MAY_PASS = ['training_failed', 'training_timeout', 'deadline_exceeded', 'unexpected_error'];

/** By the error policy, which has no row for failures of our own. */
function mayPass({ code, type, status }: JobFailure): boolean {
  const isOurs = type === undefined && status === undefined && !Object.hasOwn(POLICY_BY_CODE, code);
  if (isOurs) return OURS_THAT_MAY_PASS.includes(code);
  return ['retry', 'wait', 'rekey'].includes(policyOf({ code, type, statusCode: status }).action);
}
