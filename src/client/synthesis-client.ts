/**
 * Starts jobs from a backend service and finds them again from any process. Loads no worker, no DuckDB, no sandbox.
 * Starting is exactly once for an id: a job that runs under it is attached to, or refused, as the caller says.
 */
import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { z } from 'zod';
import { jobIdSchema } from '../contract/ids.js';
import { SEARCH_ATTRIBUTES, WORKFLOW_QUEUE, WORKFLOW_TYPES } from '../contract/messages.js';
import {
  type GenerateInput,
  type JobKind,
  REQUEST_SCHEMAS,
  type SynthesizeInput,
  type TrainInput,
} from '../contract/requests.js';
import type { GenerateResult, SynthesizeResult, TrainResult } from '../contract/results.js';
import { connectClient } from './connect.js';
import { InvalidRequestError, JobExistsError, JobNotFoundError } from './errors.js';
import { type JobDescription, JobHandle } from './job-handle.js';

export interface StartOptions {
  /** The job's id: the same id never starts a second job while the first runs. */
  id: string;
  /** When a job runs under the id: attach to it (default) or refuse with JobExistsError. */
  onConflict?: 'attach' | 'refuse';
}

export interface JobListItem extends JobDescription {
  stage?: string | undefined;
  modelId?: string | undefined;
  table?: string | undefined;
}

/** `dxo jobs list` and `list()` show this many unless told otherwise. */
const LIST_LENGTH = 50;

export class SynthesisClient {
  private constructor(readonly temporal: Client) {}

  /** @param given a server's address and namespace; default: as Temporal's own tools find them. @throws OrchestratorUnavailableError */
  static async connect(given: { address?: string; namespace?: string } = {}): Promise<SynthesisClient> {
    return new SynthesisClient(await connectClient(given));
  }

  /** Uses a Temporal client that the service already has; closing it is the service's. */
  static using(client: Client): SynthesisClient {
    return new SynthesisClient(client);
  }

  synthesize(request: SynthesizeInput, options: StartOptions): Promise<JobHandle<SynthesizeResult>> {
    return this.#start('synthesize', request, options);
  }

  train(request: TrainInput, options: StartOptions): Promise<JobHandle<TrainResult>> {
    return this.#start('train', request, options);
  }

  generate(request: GenerateInput, options: StartOptions): Promise<JobHandle<GenerateResult>> {
    return this.#start('generate', request, options);
  }

  /** A job by its id, from any process. @throws JobNotFoundError */
  async getHandle(id: string): Promise<JobHandle> {
    const handle = new JobHandle(this.temporal, id);
    await handle.describe();
    return handle;
  }

  /** The newest jobs first. @param status Temporal's word: Running, Completed, Failed, Canceled, … */
  async list({ status, limit = LIST_LENGTH }: { status?: string; limit?: number } = {}): Promise<JobListItem[]> {
    const types = WORKFLOW_TYPES.map((type) => `'${type}'`).join(', ');
    const query = [
      `WorkflowType IN (${types})`,
      status === undefined ? '' : `ExecutionStatus = '${status.replace(/[^A-Za-z]/g, '')}'`,
    ];
    const jobs: JobListItem[] = [];
    for await (const item of this.temporal.workflow.list({
      query: query.filter((part) => part !== '').join(' AND '),
    })) {
      const attributes = item.typedSearchAttributes;
      jobs.push({
        id: item.workflowId,
        runId: item.runId,
        type: item.type,
        status: item.status.name,
        startedAt: item.startTime,
        ...(item.closeTime === undefined ? {} : { closedAt: item.closeTime }),
        stage: attributes.get(SEARCH_ATTRIBUTES.stage) ?? undefined,
        modelId: attributes.get(SEARCH_ATTRIBUTES.modelId) ?? undefined,
        table: attributes.get(SEARCH_ATTRIBUTES.table) ?? undefined,
      });
      if (jobs.length >= limit) break;
    }
    return jobs;
  }

  async close(): Promise<void> {
    await this.temporal.connection.close();
  }

  async #start<Result>(
    kind: JobKind,
    request: unknown,
    { id, onConflict = 'attach' }: StartOptions,
  ): Promise<JobHandle<Result>> {
    const input = parseInput(kind, request);
    const jobId = jobIdSchema.safeParse(id);
    if (!jobId.success) throw new InvalidRequestError(z.prettifyError(jobId.error), ['id']);
    try {
      await this.temporal.workflow.start(kind, {
        workflowId: id,
        taskQueue: WORKFLOW_QUEUE,
        args: [input],
        workflowIdConflictPolicy: onConflict === 'attach' ? 'USE_EXISTING' : 'FAIL',
        staticSummary: summaryOf(kind, input),
      });
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) throw new JobExistsError(id);
      if (error instanceof WorkflowNotFoundError) throw new JobNotFoundError(id);
      throw error;
    }
    return new JobHandle<Result>(this.temporal, id);
  }
}

/** @throws InvalidRequestError that lists every fault */
export function parseInput<K extends JobKind>(kind: K, request: unknown): z.output<(typeof REQUEST_SCHEMAS)[K]> {
  const parsed = REQUEST_SCHEMAS[kind].safeParse(request);
  if (parsed.success) return parsed.data as z.output<(typeof REQUEST_SCHEMAS)[K]>;
  const { issues } = parsed.error;
  throw new InvalidRequestError(
    `The ${kind} request is wrong:\n${z.prettifyError(parsed.error)}`,
    issues.map(({ path }) => path.join('.')),
  );
}

/** One line in the Web UI. Names of files only: values never travel here. */
function summaryOf(kind: JobKind, input: unknown): string {
  const { table, output, trained } = input as {
    table?: { uri: string };
    output?: { uri: string };
    trained?: { modelId: string };
  };
  const nameOf = (uri: string): string => uri.split('/').at(-1) ?? uri;
  const from = table === undefined ? trained?.modelId : nameOf(table.uri);
  return `${kind} ${from ?? ''}${output === undefined ? '' : ` to ${nameOf(output.uri)}`}`.slice(0, SUMMARY_CHARS_MAX);
}

/** Temporal allows 400 bytes. */
const SUMMARY_CHARS_MAX = 100;
