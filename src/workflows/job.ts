/**
 * One job's running state, put together: what it shows (board), what it is told (controls), how it asks the API, its
 * limit in time, its keys and seeds.
 */
import { workflowInfo } from '@temporalio/workflow';
import { planChunks } from '../contract/chunks.js';
import { trialsOf } from '../contract/given-table.js';
import type { ModelId } from '../contract/ids.js';
import { type KeyScope, seedOf } from '../contract/keys.js';
import { PRIORITY_DEFAULT, TRAINING_TIMEOUT_S } from '../contract/limits.js';
import type { JobPlan, SetPriorityInput } from '../contract/messages.js';
import type { GenerationSettings, JobKind, ModelSettings, TableSource } from '../contract/requests.js';
import { type JobSize, requestsAtLeast, requestsLeft } from '../contract/requests-at-least.js';
import { askApi } from './ask-api.js';
import { openBoard } from './board.js';
import { letBeSteered } from './controls.js';
import { lookAtModel } from './look-alone.js';
import { hearNewsOfModels } from './model-news.js';
import { timeLimit } from './time-limit.js';
import { awaitTraining } from './training.js';

/** What a job needs of its request; the three kinds of request all have it. */
export interface JobRequest {
  account: string;
  seed?: number | undefined;
  deadline?: string | undefined;
  policy: { onQuota: 'fail' | 'hold'; keepModel?: boolean; rowsPerChunk?: number };
  table?: TableSource;
  model?: Pick<ModelSettings, 'max_epochs' | 'timeout'>;
  generation?: Pick<GenerationSettings, 'n_samples' | 'impute'>;
  output?: { uri: string };
}

/** The part of a generation that `salvage` needs. */
export interface Salvageable {
  rowsDone: () => number;
  stop: () => void;
}

export type Job = ReturnType<typeof beginJob>;

export function beginJob(kind: JobKind, request: JobRequest) {
  const { account, seed, policy, table, model, generation, output } = request;
  const { namespace, workflowId, firstExecutionRunId } = workflowInfo();
  const scope: KeyScope = { namespace, workflowId, firstExecutionRunId };
  const epochsMax = model?.max_epochs ?? 1;
  const limit = timeLimit(instantOf(request.deadline), 'the deadline of the job');
  const newsOfModels = hearNewsOfModels();
  const warnings: string[] = [];
  let trainingLimit = timeLimit(undefined, '');
  const { priorityKey, fairnessKey } = workflowInfo().priority ?? {};
  let priority: SetPriorityInput | undefined =
    priorityKey || fairnessKey
      ? { priority: priorityKey || PRIORITY_DEFAULT, ...(fairnessKey ? { fairnessKey } : {}) }
      : undefined;
  let keepsModel = kind === 'train' || policy.keepModel === true;
  let generating: Salvageable | undefined;
  let cancelReason: string | undefined;
  let adopted: ModelId | undefined;
  let rows = generation?.n_samples;

  const sizeOf = (): JobSize => ({
    kind,
    rows,
    rowsPerChunk: policy.rowsPerChunk,
    trials: trialsOf(generation ?? {}),
    keepsModel,
  });
  const requestsToCome = (): { requestsLeft?: number } => {
    const left = requestsLeft(sizeOf(), board.stage());
    return left === undefined ? {} : { requestsLeft: left };
  };

  const board = openBoard({ account, table: nameOf(table?.uri) }, () => ({
    keepModel: keepsModel,
    ...requestsToCome(),
    ...(limit.untilMs() === undefined ? {} : { deadline: new Date(limit.untilMs() ?? 0).toISOString() }),
    ...(priority === undefined ? {} : { priority }),
  }));
  if (rows !== undefined) board.rowsAre(rows);

  const api = askApi({
    account,
    keys: scope,
    board,
    priority: () => priority,
    onQuota: policy.onQuota,
    untilModelReady: async (step) => {
      await (step === 'generate' ? untilTrained() : lookAtModel(job));
    },
  });
  /** Several chunks may find the model not ready at once: they share one wait. */
  let becomingReady: Promise<void> | undefined;
  const untilTrained = (): Promise<void> => {
    becomingReady ??= awaitTraining(job)
      .then(() => undefined)
      .finally(() => {
        becomingReady = undefined;
      });
    return becomingReady;
  };

  const planOf = (): JobPlan => {
    const size = sizeOf();
    const chunks =
      rows === undefined || policy.rowsPerChunk === undefined
        ? undefined
        : planChunks(rows, policy.rowsPerChunk, size.trials).length;
    const atLeast = requestsAtLeast(size);
    return {
      kind,
      ...(table === undefined ? {} : { table: table.uri }),
      ...(output === undefined ? {} : { output: output.uri }),
      ...(rows === undefined ? {} : { rows }),
      ...(chunks === undefined ? {} : { chunks }),
      ...(atLeast === undefined ? {} : { requestsAtLeast: atLeast }),
    };
  };

  letBeSteered({
    status: board.status,
    plan: planOf,
    canResume: board.canResume,
    resume: board.resume,
    canExtend: () => limit.untilMs() !== undefined || trainingLimit.untilMs() !== undefined,
    extend: (ms) => {
      limit.extend(ms);
      trainingLimit.extend(ms);
      board.publish();
    },
    setPriority: (input) => {
      priority = input;
      board.publish();
    },
    keepModel: () => job.keepModel(),
    rowsToSalvage: () => generating?.rowsDone(),
    salvage: () => generating?.stop(),
    canAdopt: () => {
      const now = board.stage();
      return now.stage === 'held' && now.reason === 'key_expired' && board.modelId() === undefined;
    },
    adopt: (modelId) => {
      adopted = modelId;
      board.resume();
    },
    cancelledBecause: (reason) => {
      cancelReason = reason;
    },
  });

  const job = {
    ...board,
    ...api,
    account,
    seed,
    epochsMax,
    newsOfModels,
    limit,
    /** Artifacts that end with the job, and those that live as long as the model. */
    artifacts: `${workflowId}/${firstExecutionRunId}`,
    modelArtifacts: `${workflowId}/${firstExecutionRunId}/model`,
    keepsModel: () => keepsModel,
    keepModel(): void {
      keepsModel = true;
      board.publish();
    },
    cancelReason: () => cancelReason,
    /** The model that an operator has named. */
    adopted: () => adopted,
    seedFor: (purpose: string, index = 0) => seedOf(seed ?? scope, purpose, index),
    /** Told with the result. */
    warnings,
    rowsWillBe(count: number): void {
      rows = count;
      board.rowsAre(count);
    },
    /** How long the training may take, from now on; `extend` moves it. */
    limitTraining(): typeof trainingLimit {
      const timeoutMs = (model?.timeout ?? TRAINING_TIMEOUT_S) * 1_000;
      trainingLimit = timeLimit(Date.now() + timeoutMs, 'the time that the training may take');
      return trainingLimit;
    },
    trainingIsOver(): void {
      trainingLimit = timeLimit(undefined, '');
    },
    /** While this is set, `salvage` can end the generation. */
    generates(what: Salvageable | undefined): void {
      generating = what;
    },
    knownModel: (): ModelId => {
      const modelId = board.modelId();
      if (modelId === undefined) throw new Error('no model has been created yet');
      return modelId;
    },
  };
  return job;
}

function nameOf(uri: string | undefined): string | undefined {
  return uri?.split('/').at(-1);
}

function instantOf(iso: string | undefined): number | undefined {
  return iso === undefined ? undefined : Date.parse(iso);
}
