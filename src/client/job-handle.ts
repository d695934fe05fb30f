/**
 * One job, from any process: wait for its result, look at it, cancel it, resume it. Control goes by workflow id alone,
 * since a handle bound to a closed run cancels nothing and says nothing (measured).
 */
import {
  type Client,
  QueryNotRegisteredError,
  QueryRejectedError,
  ServiceError,
  type WorkflowExecutionDescription,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure } from '@temporalio/common';
import { type JobStatus, lookDetailsSchema, RESUME_UPDATE, STATUS_QUERY } from '../contract/messages.js';
import type { Stage } from '../contract/stage.js';
import {
  failureDetailsOf,
  JobCancelledError,
  JobFailedError,
  JobNotFoundError,
  OrchestratorUnavailableError,
} from './errors.js';
import { pendingFailures } from './pending-failures.js';

export interface JobDescription {
  id: string;
  runId: string;
  type: string;
  /** Temporal's word: RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED, … */
  status: string;
  startedAt: Date;
  closedAt?: Date;
}

export interface JobProgress extends JobStatus {
  /** What the job waits for, in words: the last answer of a request that is asked again. */
  waiting: string[];
}

export class JobHandle<Result = unknown> {
  constructor(
    private readonly client: Client,
    readonly id: string,
  ) {}

  /** Waits for the end. @throws JobFailedError, JobCancelledError, JobNotFoundError */
  async result(): Promise<Result> {
    try {
      return (await this.#workflow().result()) as Result;
    } catch (error) {
      throw this.#endOf(error);
    }
  }

  async describe(): Promise<JobDescription> {
    const description = await this.#describe();
    return {
      id: this.id,
      runId: description.runId,
      type: description.type,
      status: description.status.name,
      startedAt: description.startTime,
      ...(description.closeTime === undefined ? {} : { closedAt: description.closeTime }),
    };
  }

  /** Where the job is now. Needs a worker; the epoch of a training comes from the pending look, which costs no history. */
  async progress(): Promise<JobProgress> {
    const description = await this.#describe();
    const status = await this.#status();
    const pending = pendingFailures(description.raw).map(({ message, details }) => ({
      message,
      look: lookDetailsSchema.safeParse(details).data,
    }));
    const look = pending.find((failure) => failure.look !== undefined)?.look;
    const stage: Stage =
      status.stage.stage === 'training' && look !== undefined
        ? { ...status.stage, epoch: look.epoch, trainLoss: look.train_loss, validationLoss: look.validation_loss }
        : status.stage;
    // A look's own words are in the stage already.
    const waiting = pending.filter((failure) => failure.look === undefined).map(({ message }) => message);
    return { ...status, stage, waiting };
  }

  /** Asks the job to end and clean up; it goes on until its model is deleted. @throws JobNotFoundError */
  async cancel(): Promise<void> {
    const { status } = await this.#describe();
    if (status.name !== 'RUNNING') return;
    await this.#workflow().cancel();
  }

  /** Lets a held job go on now. @throws JobNotFoundError, or JobFailedError (not_held) if there is nothing to resume */
  async resume(): Promise<void> {
    try {
      await this.#workflow().executeUpdate(RESUME_UPDATE);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw new JobNotFoundError(this.id);
      if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) {
        throw new JobFailedError(this.id, error.cause.message, { code: error.cause.type ?? 'not_held' });
      }
      throw error;
    }
  }

  #workflow() {
    return this.client.workflow.getHandle(this.id);
  }

  async #describe(): Promise<WorkflowExecutionDescription> {
    try {
      return await this.#workflow().describe();
    } catch (error) {
      throw error instanceof WorkflowNotFoundError ? new JobNotFoundError(this.id) : error;
    }
  }

  async #status(): Promise<JobStatus> {
    try {
      return await this.#workflow().query<JobStatus>(STATUS_QUERY);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw new JobNotFoundError(this.id);
      if (
        error instanceof QueryNotRegisteredError ||
        error instanceof QueryRejectedError ||
        error instanceof ServiceError
      ) {
        throw new OrchestratorUnavailableError(`Job ${this.id} does not say where it is: is a worker running?`, {
          cause: error,
        });
      }
      throw error;
    }
  }

  #endOf(error: unknown): unknown {
    if (error instanceof WorkflowNotFoundError) return new JobNotFoundError(this.id);
    if (!(error instanceof WorkflowFailedError)) return error;
    const { cause } = error;
    if (cause instanceof CancelledFailure) {
      return new JobCancelledError(
        this.id,
        `Job ${this.id} was cancelled; a model that it created is deleted, unless the request keeps it.`,
        { cause },
      );
    }
    if (cause instanceof TerminatedFailure) {
      return new JobCancelledError(this.id, `Job ${this.id} was terminated; a model of it may be left over.`, {
        cause,
      });
    }
    if (cause instanceof ApplicationFailure) {
      return new JobFailedError(this.id, cause.message, failureDetailsOf(cause.details?.[0]), { cause });
    }
    return error;
  }
}
