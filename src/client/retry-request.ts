/** The request of a retry: that of the ended job, as its run understood it, and which job it goes on with. */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { JOB_ID_CHARS_MAX } from '../contract/limits.js';
import { type JobKind, REQUEST_SCHEMAS } from '../contract/requests.js';
import type { RetryStage } from '../contract/retry.js';
import { asScheduled, scheduledTimeOf } from '../contract/scheduled-request.js';
import { InvalidRequestError, JobNotFoundError } from './errors.js';
import { parse } from './parse-start.js';

export interface RetryRequest {
  kind: JobKind;
  request: object;
}

/** @throws InvalidRequestError where there is nothing to retry, JobNotFoundError */
export async function retryRequestOf(client: Client, job: string, from?: RetryStage): Promise<RetryRequest> {
  const description = await client.workflow
    .getHandle(job)
    .describe()
    .catch((error: unknown) => {
      throw error instanceof WorkflowNotFoundError ? new JobNotFoundError(job) : error;
    });
  const { type, status, runId } = description;
  const kind = kindOf(job, type);
  if (status.name === 'RUNNING') throw refused(`${job} still runs: wait for its end, or cancel it.`);
  if (status.name === 'COMPLETED') throw refused(`${job} succeeded: there is nothing to retry.`);
  const schema = REQUEST_SCHEMAS[kind];
  const old = parse(schema, await inputOf(client, job, runId), `The request of ${job} is not one of this release`);
  // The old deadline is likely what ended it.
  const { deadline: _, ...request } = asScheduled(old, scheduledTimeOf(description));
  return { kind, request: { ...request, retryOf: { job, runId, ...(from === undefined ? {} : { from }) } } };
}

/** `nightly-retry-1`, `nightly-retry-2`, …: it follows from the old id, so that a retry asked for twice runs once. */
export function nextRetryIdOf(job: string): string {
  const [, base = job, number = '0'] = /^(.*)-retry-(\d+)$/.exec(job) ?? [];
  const suffix = `-retry-${Number(number) + 1}`;
  return `${base.slice(0, JOB_ID_CHARS_MAX - suffix.length)}${suffix}`;
}

/** @throws InvalidRequestError */
function kindOf(job: string, type: string): JobKind {
  if (Object.hasOwn(REQUEST_SCHEMAS, type)) return type as JobKind;
  const instead = type === 'batch' ? `\`dxo batch retry ${job}\` retries its items` : 'start another one';
  throw refused(`${job} is a ${type}, and only a job of one model is retried: ${instead}.`);
}

const refused = (message: string): InvalidRequestError => new InvalidRequestError(message, ['id']);

/** The first argument of the run. */
async function inputOf(client: Client, workflowId: string, runId: string): Promise<unknown> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const [payload] = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  return payload == null ? undefined : defaultPayloadConverter.fromPayload(payload);
}
