/**
 * One job's running state: its stage, what it has asked the API, its keys and seeds. `enter` is the one place where a
 * stage becomes visible: query, search attributes and the Web UI's details. `asking` is the one place where the error
 * policy's `rekey` and `hold` are carried out; `retry`, `wait` and `fail` have been by the activity.
 */
import {
  condition,
  defineQuery,
  defineUpdate,
  setCurrentDetails,
  setHandler,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { ModelId } from '../contract/ids.js';
import { idempotencyKey, type KeyedStep, type KeyScope, seedOf } from '../contract/keys.js';
import { HOLD_MAX_MS, REKEYS_MAX, TRAINING_TIMEOUT_S } from '../contract/limits.js';
import { makeFailure } from '../contract/make-failure.js';
import { type JobStatus, RESUME_UPDATE, SEARCH_ATTRIBUTES, STATUS_QUERY } from '../contract/messages.js';
import type { ModelSettings, TableSource } from '../contract/requests.js';
import { describeStage, type Stage } from '../contract/stage.js';
import { failureOf, policyOfFailure } from './explain.js';
import { type ApiSteps, apiSteps, dataSteps } from './steps.js';

/** What a job needs of its request; the three kinds of request all have it. */
export interface JobRequest {
  account: string;
  seed?: number | undefined;
  policy: { onQuota: 'fail' | 'hold' };
  table?: TableSource;
  model?: Pick<ModelSettings, 'max_epochs' | 'timeout'>;
}

export type Job = ReturnType<typeof beginJob>;

export function beginJob({ account, seed, policy, table, model }: JobRequest) {
  const { namespace, workflowId, firstExecutionRunId } = workflowInfo();
  const scope: KeyScope = { namespace, workflowId, firstExecutionRunId };
  const epochsMax = model?.max_epochs ?? 1;
  const api: ApiSteps = apiSteps(account, (model?.timeout ?? TRAINING_TIMEOUT_S) * 1_000);
  const tableName = table?.uri.split('/').at(-1);
  let stage: Stage = { stage: 'preparing' };
  let modelId: ModelId | undefined;
  let requests = 0;
  let resumes = 0;
  let holding: Promise<void> | undefined;
  /** Chunks that were under way when the hold began still arrive: what they make of the stage is shown after it. */
  let afterHold: Stage = stage;
  const entered: JobStatus['entered'] = [];

  setHandler(
    defineQuery<JobStatus>(STATUS_QUERY),
    () => ({ stage, entered, requests, ...(modelId === undefined ? {} : { modelId }) }),
    {
      description: 'Where the job is, since when, and what it has asked of the API',
    },
  );
  setHandler(
    defineUpdate<Stage>(RESUME_UPDATE),
    () => {
      resumes += 1;
      return stage;
    },
    {
      description: 'Leave `held` now instead of at the reset',
      validator: () => {
        if (stage.stage !== 'held') {
          throw makeFailure({
            message: `The job is not held; it is ${describeStage(stage)}.`,
            nonRetryable: true,
            details: { code: 'not_held' },
          });
        }
      },
    },
  );

  const enter = (next: Stage): void => {
    if (holding !== undefined && next.stage !== 'held') {
      afterHold = next;
      return;
    }
    const isNew = next.stage !== stage.stage || entered.length === 0;
    stage = next;
    if ('modelId' in next && next.modelId !== undefined) modelId = next.modelId;
    if (isNew) {
      entered.push({ stage: next.stage, at: new Date().toISOString() });
      upsertSearchAttributes([
        { key: SEARCH_ATTRIBUTES.stage, value: next.stage },
        ...(entered.length > 1 ? [] : [{ key: SEARCH_ATTRIBUTES.account, value: account }]),
        ...(entered.length > 1 || tableName === undefined ? [] : [{ key: SEARCH_ATTRIBUTES.table, value: tableName }]),
        ...(modelId === undefined ? [] : [{ key: SEARCH_ATTRIBUTES.modelId, value: modelId }]),
      ]);
    }
    setCurrentDetails(detailsOf(stage, entered, requests));
  };

  /** One request's result, counted. An attempt is a request, so the last attempt's number is how many were sent. */
  const counted = async <T extends { attempts: number }>(work: Promise<T>): Promise<T> => {
    const result = await work;
    requests += result.attempts;
    return result;
  };

  /** Several chunks may meet the quota at once: they share one hold. */
  const hold = (message: string, untilMs: number): Promise<void> => {
    holding ??= park(message, untilMs).finally(() => {
      holding = undefined;
      enter(afterHold);
    });
    return holding;
  };

  const park = async (message: string, untilMs: number): Promise<void> => {
    afterHold = stage;
    const resumesBefore = resumes;
    const waitMs = Math.min(Math.max(untilMs - Date.now(), 1_000), HOLD_MAX_MS);
    enter({
      stage: 'held',
      modelId,
      reason: 'quota_exceeded',
      message,
      until: new Date(Date.now() + waitMs).toISOString(),
    });
    await condition(() => resumes > resumesBefore, waitMs);
  };

  /**
   * Asks one thing of the API under its key, and under the key's next generation where the policy says that the answer
   * was not executed and that waiting changes it.
   */
  const asking = async <T extends { attempts: number }>(
    step: KeyedStep,
    index: number,
    request: (key: string) => Promise<T>,
  ): Promise<T> => {
    for (let generation = 0; ; generation += 1) {
      try {
        return await counted(request(idempotencyKey(scope, step, index, generation)));
      } catch (error) {
        const failure = failureOf(error);
        const row = failure === undefined ? undefined : policyOfFailure(failure);
        if (row?.action === 'rekey' && modelId !== undefined && generation < REKEYS_MAX) {
          await sleep(Math.max(row.floorMs ?? 0, failure?.retry_after_ms ?? 0), {
            summary: 'the model is not ready yet',
          });
          await (step === 'generate'
            ? counted(api.awaitTraining({ modelId, epochsMax, until: 'trained' }))
            : counted(api.lookAtModel({ modelId, epochsMax, until: 'alive' })));
        } else if (row?.action === 'hold' && policy.onQuota === 'hold') {
          await hold(failure?.message ?? '', resetOf(failure?.resets_at, Date.now()));
        } else {
          throw error;
        }
      }
    }
  };

  return {
    api,
    data: dataSteps(),
    account,
    seed,
    epochsMax,
    /** Artifacts that end with the job, and those that live as long as the model. */
    artifacts: `${workflowId}/${firstExecutionRunId}`,
    modelArtifacts: `${workflowId}/${firstExecutionRunId}/model`,
    enter,
    asking,
    counted,
    stage: () => stage,
    requests: () => requests,
    seedFor: (purpose: string, index = 0) => seedOf(seed ?? scope, purpose, index),
  };
}

/** The API's own word on when the quota resets, else the next month in UTC: quotas are monthly [doc], the day is assumed. */
function resetOf(resetsAt: string | undefined, nowMs: number): number {
  const told = resetsAt === undefined ? Number.NaN : Date.parse(resetsAt);
  if (!Number.isNaN(told)) return told;
  const now = new Date(nowMs);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
}

/** Markdown for the Web UI's "Current Details". */
function detailsOf(stage: Stage, entered: JobStatus['entered'], requests: number): string {
  const stages = entered.map(({ stage: name, at }) => `| ${name} | ${at} |`).join('\n');
  return `**${escapeMarkdown(describeStage(stage))}**\n\n| stage | since |\n| --- | --- |\n${stages}\n\nAPI requests so far: ${requests}`;
}

/** The API's messages are shown, so they may not bring markup of their own. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+!|<>~]/g, '\\$&').replace(/\s+/g, ' ');
}
