/**
 * Starts jobs from a backend service and finds them again from any process. Loads no worker, no DuckDB, no sandbox.
 * Starting is exactly once for an id: the server itself refuses a second job, and what that means is the caller's choice
 * (`onConflict`), so that a service may repeat a start whose answer it never saw.
 */
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { BatchInput } from '../contract/batch.js';
import type { BatchResult, BatchStatus } from '../contract/batch-results.js';
import { detailRequest, summarizeRequest } from '../contract/describe-request.js';
import { type JobStatus, WORKFLOW_QUEUE, type WorkflowType } from '../contract/messages.js';
import type { ReapInput, ReapReport } from '../contract/reap.js';
import type { GenerateInput, SynthesizeInput, TrainInput } from '../contract/requests.js';
import type { GenerateResult, SynthesizeResult, TrainResult } from '../contract/results.js';
import type { RetryStage } from '../contract/retry.js';
import { type ConnectOptions, connectClient } from './connect.js';
import { JobExistsError } from './errors.js';
import { descriptionOf, type JobDescription } from './job-description.js';
import { JobHandle } from './job-handle.js';
import { type JobFilter, jobFilterSchema, listQueryOf, matches } from './list-query.js';
import { parse, parseStart, type StartOptions } from './parse-start.js';
import { nextRetryIdOf, retryRequestOf } from './retry-request.js';
import { reaching } from './unavailable.js';

/** Which ended jobs a new one of the same id may follow. */
const REUSE_POLICIES = {
  attach: 'REJECT_DUPLICATE',
  retry: 'ALLOW_DUPLICATE_FAILED_ONLY',
  restart: 'ALLOW_DUPLICATE',
  refuse: 'REJECT_DUPLICATE',
} as const;

export class SynthesisClient {
  private constructor(readonly temporal: Client) {}

  /** @param given default: as Temporal's own tools find the server. @throws OrchestratorUnavailableError */
  static async connect(given: ConnectOptions = {}): Promise<SynthesisClient> {
    return new SynthesisClient(await connectClient(given));
  }

  /** Uses a Temporal client that the service already has; closing it is the service's. */
  static using(client: Client): SynthesisClient {
    return new SynthesisClient(client);
  }

  /** A table in, a synthetic table out. @throws InvalidRequestError, JobExistsError, OrchestratorUnavailableError */
  synthesize(request: SynthesizeInput, options: StartOptions): Promise<JobHandle<SynthesizeResult>> {
    return this.#start('synthesize', request, options);
  }

  /** A table in, a kept model out: what `generate` takes. @throws as `synthesize` */
  train(request: TrainInput, options: StartOptions): Promise<JobHandle<TrainResult>> {
    return this.#start('train', request, options);
  }

  /** A kept model in, a synthetic table out. @throws as `synthesize` */
  generate(request: GenerateInput, options: StartOptions): Promise<JobHandle<GenerateResult>> {
    return this.#start('generate', request, options);
  }

  /** Many jobs from one manifest. @throws as `synthesize` */
  batch(request: BatchInput, options: StartOptions): Promise<JobHandle<BatchResult, BatchStatus>> {
    return this.#start('batch', request, options);
  }

  /**
   * A new job that goes on where an ended one stopped, with its request. Asked for twice under one id it is one job.
   * @throws InvalidRequestError where there is nothing to retry, JobNotFoundError, and as `synthesize`
   */
  async retry(
    job: string,
    { from, id = nextRetryIdOf(job), ...options }: Partial<StartOptions> & { from?: RetryStage | undefined } = {},
  ): Promise<JobHandle<SynthesizeResult | TrainResult | GenerateResult>> {
    const { kind, request } = await reaching(`tell what ${job} was to do`, () =>
      retryRequestOf(this.temporal, job, from),
    );
    return this.#start(kind, request, { ...options, id });
  }

  /** Deletes what ended jobs left behind. @throws as `synthesize` */
  reap(request: ReapInput, options: StartOptions): Promise<JobHandle<ReapReport, ReapReport>> {
    return this.#start('reap', request, options);
  }

  /** A job by its id, from any process. @throws JobNotFoundError, OrchestratorUnavailableError */
  async getHandle<Result = unknown, Status extends object = JobStatus>(id: string): Promise<JobHandle<Result, Status>> {
    const handle = new JobHandle<Result, Status>(this.temporal, id);
    await handle.describe();
    return handle;
  }

  /** The newest jobs first. A job shows up a moment after its start. @throws InvalidRequestError, OrchestratorUnavailableError */
  async list(filter: JobFilter = {}): Promise<JobDescription[]> {
    const asked = parse(jobFilterSchema, filter, 'The filter is wrong');
    return reaching('list jobs', async () => {
      const jobs: JobDescription[] = [];
      for await (const info of this.temporal.workflow.list({ query: listQueryOf(asked) })) {
        const job = descriptionOf(info);
        if (matches(asked, job)) jobs.push(job);
        if (jobs.length >= asked.limit) break;
      }
      return jobs;
    });
  }

  async close(): Promise<void> {
    await this.temporal.connection.close();
  }

  async #start<Result, Status extends object = JobStatus>(
    kind: WorkflowType,
    given: unknown,
    how: StartOptions,
  ): Promise<JobHandle<Result, Status>> {
    const { request, options } = parseStart(kind, given, how);
    const { id, onConflict, priority, fairnessKey } = options;
    const handle = new JobHandle<Result, Status>(this.temporal, id);
    try {
      await reaching(`start job ${id}`, () =>
        this.temporal.workflow.start(kind, {
          workflowId: id,
          taskQueue: WORKFLOW_QUEUE,
          args: [request],
          workflowIdReusePolicy: REUSE_POLICIES[onConflict],
          workflowIdConflictPolicy: 'FAIL',
          priority: { priorityKey: priority, fairnessKey },
          staticSummary: summarizeRequest(kind, request),
          staticDetails: detailRequest(kind, request),
        }),
      );
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const { type } = await handle.describe();
      if (onConflict === 'refuse' || type !== kind) throw new JobExistsError(id, type);
    }
    return handle;
  }
}
