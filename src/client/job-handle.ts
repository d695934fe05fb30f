/**
 * One job, from any process: wait for its result, look at it, steer it. Control goes by workflow id alone, since a handle
 * bound to a closed run cancels nothing and says nothing (measured).
 * Looks and steering need a worker that answers; `result`, `describe` and `cancel` only need the server.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Client,
  QueryNotRegisteredError,
  type WorkflowExecutionDescription,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { BudgetState } from '../contract/budget.js';
import { lastTurnAtMs } from '../contract/budget-time.js';
import {
  adoptInputSchema,
  CANCEL_SIGNAL,
  type CancelInput,
  cancelInputSchema,
  type ExtendInput,
  extendInputSchema,
  type JobPlan,
  type JobStatus,
  type LookDetails,
  lookDetailsSchema,
  QUERIES,
  type SetPriorityInput,
  setPriorityInputSchema,
  UPDATES,
} from '../contract/messages.js';
import {
  failureDetailsOf,
  InvalidRequestError,
  JobFailedError,
  JobNotFoundError,
  OrchestratorUnavailableError,
} from './errors.js';
import { descriptionOf, type JobDescription } from './job-description.js';
import { errorOfEnd } from './job-end.js';
import { type NextRequest, nextRequestOf } from './next-request.js';
import { parse } from './parse-start.js';
import { pendingFailures } from './pending-failures.js';
import { readBudget } from './read-budget.js';
import { reaching } from './unavailable.js';

/** An estimate is told to this, so that it does not change with each look. */
const ESTIMATE_STEP_MS = 10_000;
/** What the SDK answers to an update that a workflow does not know. */
const NO_HANDLER = /^No registered handler for update/;
/** Queries cost the worker a little; nobody reads faster. */
const PROGRESS_INTERVAL_MS = 1_000;
/** A worker that is silent for this long is not restarting. */
const SILENCE_MS_MAX = 120_000;
/** A worker answers in milliseconds; one that is busy or starts up, within this. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * A status with what the server knows beside it. Its `endsAt` is not before the time at which the account's request budget has
 * room for the requests that are left.
 */
export type JobProgress<Status = JobStatus> = Status &
  Partial<NextRequest> & {
    /** What the job waits for, in words: the last answer of a request that is asked again. */
    waiting: string[];
  };

export class JobHandle<Result = unknown, Status extends object = JobStatus> {
  readonly #client: Client;

  constructor(
    client: Client,
    readonly id: string,
  ) {
    this.#client = client;
  }

  /** Waits for the end. @throws JobFailedError, JobCancelledError, JobNotFoundError, OrchestratorUnavailableError */
  async result(): Promise<Result> {
    try {
      return await this.#reaching('tell the result of', async () => (await this.#workflow().result()) as Result);
    } catch (error) {
      throw error instanceof WorkflowFailedError ? errorOfEnd(this.id, error) : error;
    }
  }

  /** What can be said without a worker. @throws JobNotFoundError, OrchestratorUnavailableError */
  async describe(): Promise<JobDescription> {
    const description = descriptionOf(await this.#describe());
    if (description.status !== 'RUNNING') return description;
    return { ...description, ...nextRequestOf(await this.#budgetOf(description), this.id) };
  }

  /** Where the job is now, or was when it ended. @throws JobNotFoundError, OrchestratorUnavailableError (also without a worker) */
  async status(): Promise<JobProgress<Status>> {
    return this.#statusOf(await this.#describe());
  }

  /**
   * Where the job is, each time that changes, until it has ended: then the iterator ends too. A worker or server that
   * restarts is waited for. @param everyMs between two looks @throws JobNotFoundError, OrchestratorUnavailableError
   */
  async *progress(everyMs = PROGRESS_INTERVAL_MS): AsyncGenerator<JobProgress<Status>, void, void> {
    let heardAtMs = Date.now();
    for (let last = ''; ; await delay(everyMs)) {
      let isRunning = true;
      try {
        const description = await this.#describe();
        isRunning = description.status.name === 'RUNNING';
        const now = await this.#statusOf(description);
        heardAtMs = Date.now();
        // A turn that draws nearer is no change.
        const text = JSON.stringify({ ...now, nextRequestAt: undefined, placeInBudget: undefined });
        if (text !== last) yield now;
        last = text;
      } catch (error) {
        // How a job ended is told by `result`, which needs no worker.
        if (!(error instanceof OrchestratorUnavailableError)) throw error;
        if (isRunning && Date.now() - heardAtMs > SILENCE_MS_MAX) throw error;
      }
      if (!isRunning) return;
    }
  }

  /** What the job will ask of the API, as far as it knows yet. @throws as `status` */
  plan(): Promise<JobPlan> {
    return this.#query<JobPlan>(QUERIES.plan);
  }

  /** Asks the job to end and clean up; it goes on until its model is deleted. An ended job stays as it is.
   * @throws InvalidRequestError, JobNotFoundError, OrchestratorUnavailableError */
  async cancel(input: CancelInput = {}): Promise<void> {
    const { reason } = parse(cancelInputSchema, input, 'The cancel is wrong');
    const { status } = await this.describe();
    if (status !== 'RUNNING') return;
    try {
      if (reason === undefined) await this.#reaching('cancel', () => this.#workflow().cancel());
      else await this.#reaching('cancel', () => this.#workflow().signal(CANCEL_SIGNAL, { reason }));
    } catch (error) {
      // It ended between the two calls.
      if (!(error instanceof JobNotFoundError)) throw error;
    }
  }

  /** Lets a held job, or one that waits to ask again, go on now.
   * @throws JobFailedError (not_waiting; as all that steer, too_late of a job that has ended), and as `status` */
  resume(): Promise<JobStatus> {
    return this.#update(UPDATES.resume);
  }

  /** Moves the job's deadline and the end of the time its training may take, whichever there are.
   * @throws InvalidRequestError, JobFailedError (no_deadline), and as `status` */
  async extend(input: ExtendInput): Promise<JobStatus> {
    return this.#update(UPDATES.extend, parse(extendInputSchema, input, 'The extension is wrong'));
  }

  /** Whose turn comes first, from the job's next request on. @throws InvalidRequestError, and as `status` */
  async setPriority(input: SetPriorityInput): Promise<JobStatus> {
    return this.#update(UPDATES.setPriority, parse(setPriorityInputSchema, input, 'The priority is wrong'));
  }

  /** Keeps the model when the job ends. @throws JobFailedError (too_late), and as `status` */
  keep(): Promise<JobStatus> {
    return this.#update(UPDATES.keep);
  }

  /** Ends the generation now, with the chunks there are. @throws JobFailedError (nothing_to_salvage), and as `status` */
  salvage(): Promise<JobStatus> {
    return this.#update(UPDATES.salvage);
  }

  /** Names the model of a job that is held because nobody knows whether its creation took effect. The job deletes it at its end.
   * @throws InvalidRequestError, JobFailedError (not_waiting), and as `status` */
  async adopt(input: { modelId: string }): Promise<JobStatus> {
    return this.#update(UPDATES.adopt, parse(adoptInputSchema, input, 'The model is wrong'));
  }

  #workflow() {
    return this.#client.workflow.getHandle(this.id);
  }

  #describe(): Promise<WorkflowExecutionDescription> {
    return this.#reaching('describe', () => this.#workflow().describe());
  }

  async #statusOf(described: WorkflowExecutionDescription): Promise<JobProgress<Status>> {
    const status = await this.#query<Status>(QUERIES.status);
    const pending = pendingFailures(described.raw).map(({ message, details }) => ({
      message,
      look: lookDetailsSchema.safeParse(details).data,
    }));
    const look = pending.find((failure) => failure.look !== undefined)?.look;
    // A look's own words are in the stage already.
    const waiting = pending.filter((failure) => failure.look === undefined).map(({ message }) => message);
    const now = look === undefined ? status : withLook(status, look);
    if (described.status.name !== 'RUNNING') return { ...withoutEstimate(now), waiting };
    const { asked = [], endsAt } = now as Partial<JobStatus>;
    const isBudgetAsked = asked.length > 0 || endsAt !== undefined;
    const state = isBudgetAsked ? await this.#budgetOf(descriptionOf(described)) : undefined;
    return { ...withBudget(now, state), ...nextRequestOf(state, this.id), waiting };
  }

  /** Undefined: it is not told. */
  async #budgetOf({ account }: JobDescription): Promise<BudgetState | undefined> {
    if (account === undefined) return undefined;
    return (await this.#reaching('describe', () => readBudget(this.#client, account)))?.state;
  }

  async #query<Answer>(name: string): Promise<Answer> {
    try {
      return await this.#answering(() => this.#workflow().query<Answer>(name));
    } catch (error) {
      if (!(error instanceof QueryNotRegisteredError)) throw error;
      throw new OrchestratorUnavailableError(
        `Job ${this.id} does not know the query ${name}: it was started by an older release, or is no job of ours.`,
        { cause: error },
      );
    }
  }

  async #update(name: string, input?: object): Promise<JobStatus> {
    const workflow = this.#workflow();
    try {
      return await this.#answering(() =>
        input === undefined
          ? workflow.executeUpdate<JobStatus, []>(name)
          : workflow.executeUpdate<JobStatus, [object]>(name, { args: [input] }),
      );
    } catch (error) {
      if (error instanceof JobNotFoundError) throw await this.#endedAlready();
      if (!(error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure)) throw error;
      const { message, details } = error.cause;
      if (NO_HANDLER.test(message)) throw await this.#notOfAJob(name);
      throw new JobFailedError(this.id, message, failureDetailsOf(details?.[0]), { cause: error.cause });
    }
  }

  /** To an update, a job that has ended is as one that never was. @throws JobNotFoundError */
  async #endedAlready(): Promise<JobFailedError> {
    const { status } = await this.describe();
    const message = `Job ${this.id} has ended already (${status.toLowerCase()}): there is nothing to steer. \`dxo jobs show ${this.id}\` tells how it ended.`;
    return new JobFailedError(this.id, message, { code: 'too_late' });
  }

  /** A batch and a reap are steered otherwise. */
  async #notOfAJob(update: string): Promise<InvalidRequestError> {
    const { type } = await this.describe();
    const message = `${this.id} is a ${type}, and takes no \`${update}\`: ask that of one of its jobs (\`dxo jobs list\`).`;
    return new InvalidRequestError(message, ['id']);
  }

  /** A worker that does not answer is not waited for: an update would wait for ever. */
  #answering<T>(call: () => Promise<T>): Promise<T> {
    return this.#reaching('ask', () => this.#client.withDeadline(Date.now() + ANSWER_TIMEOUT_MS, call));
  }

  async #reaching<T>(doing: string, call: () => Promise<T>): Promise<T> {
    try {
      return await reaching(`${doing} job ${this.id}`, call);
    } catch (error) {
      throw error instanceof WorkflowNotFoundError ? new JobNotFoundError(this.id) : error;
    }
  }
}

/** What the job knows of its own pace, and the budget of the requests that it has left. */
function withBudget<Status extends object>(status: Status, state: BudgetState | undefined): Status {
  const { endsAt, requestsLeft } = status as Partial<JobStatus>;
  if (endsAt === undefined) return status;
  const nowMs = Date.now();
  const lastTurnMs =
    state === undefined || requestsLeft === undefined ? nowMs : lastTurnAtMs(state, requestsLeft, nowMs);
  return { ...status, endsAt: stepAfter(Math.max(Date.parse(endsAt), lastTurnMs)) };
}

/** A job that was terminated does not know that it has ended. */
function withoutEstimate<Status extends object>(status: Status): Status {
  const { endsAt: _, ...rest } = status as Partial<JobStatus>;
  return rest as Status;
}

const stepAfter = (atMs: number): string =>
  new Date(Math.ceil(atMs / ESTIMATE_STEP_MS) * ESTIMATE_STEP_MS).toISOString();

/** The epoch of a training comes from the pending look, which costs no history. */
function withLook<Status extends object>(status: Status, look: LookDetails): Status {
  const { stage } = status as Partial<JobStatus>;
  if (stage?.stage !== 'training') return status;
  return {
    ...status,
    stage: { ...stage, epoch: look.epoch, trainLoss: look.train_loss, validationLoss: look.validation_loss },
  };
}
