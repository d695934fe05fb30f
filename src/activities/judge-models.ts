/**
 * Whether anybody needs a model that its job left behind: a job that works with it now, or one that keeps it. Jobs tell
 * their model in a search attribute; one that has only just begun, in its request.
 */
import { getClient } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { ModelId } from '../contract/ids.js';
import { SEARCH_ATTRIBUTES } from '../contract/messages.js';
import { attempt } from './attempt.js';
import { createdModels, whyKept } from './left-behind.js';
import { claimantOf, readJob } from './read-job.js';

export interface SuspectModel {
  modelId: ModelId;
  /** The run that left it. */
  runId: string;
  /** It was given to that job, which was to delete it: somebody else must have made it. */
  isCondemned: boolean;
}

export type Verdict =
  | { is: 'left' }
  /** @param by the job that needs it, or that nobody can say */
  | { is: 'used' | 'kept' | 'unproven'; job: string; why: string };

/** More jobs than these have worked with a model: it is no leftover of one. */
const RUNS_OF_A_MODEL_MAX = 100;
const MODEL = SEARCH_ATTRIBUTES.modelId.name;

/** One verdict for each model, in order. */
export const judgeModels =
  () =>
  ({ models }: { models: SuspectModel[] }): Promise<Verdict[]> =>
    attempt(async (signal) => {
      const client = getClient();
      const beginning = await modelsOfBeginningJobs(client);
      const verdicts: Verdict[] = [];
      for (const suspect of models) {
        signal.throwIfAborted();
        const user = beginning.get(suspect.modelId);
        verdicts.push(user === undefined ? await judge(client, suspect) : usedBy(user));
      }
      return verdicts;
    });

async function judge(client: Client, { modelId, runId, isCondemned }: SuspectModel): Promise<Verdict> {
  const nowMs = Date.now();
  let runs = 0;
  let isOurs = !isCondemned;
  for await (const run of client.workflow.list({ query: `${MODEL} = '${modelId}'` })) {
    if (run.runId === runId) continue;
    if (run.status.name === 'RUNNING') return usedBy(run.workflowId);
    runs += 1;
    if (runs > RUNS_OF_A_MODEL_MAX) {
      return { is: 'used', job: run.workflowId, why: `more than ${RUNS_OF_A_MODEL_MAX} jobs have worked with it` };
    }
    const history = await readJob(client, run.workflowId, run.runId);
    if (history === undefined) continue;
    if (createdModels(history).includes(modelId)) isOurs = true;
    const why = isCondemned ? undefined : whyKept(history, modelId, nowMs);
    // What was kept for a retry is the retry's once it has claimed it.
    if (why !== undefined && (await claimantOf(client, run.runId)) === undefined)
      return { is: 'kept', job: run.workflowId, why };
  }
  return isOurs
    ? { is: 'left' }
    : { is: 'unproven', job: '', why: 'no job of this namespace is known to have made it' };
}

const usedBy = (job: string): Verdict => ({ is: 'used', job, why: `the job ${job} works with it` });

/** Model -> job, of those that run and have not yet told their model. */
async function modelsOfBeginningJobs(client: Client): Promise<Map<string, string>> {
  const jobs = new Map<string, string>();
  const query = `WorkflowType = 'generate' AND ExecutionStatus = 'Running' AND ${MODEL} IS NULL`;
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution: { workflowId, runId },
      maximumPageSize: 1,
    });
    const [payload] = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    const request = payload == null ? undefined : defaultPayloadConverter.fromPayload<GivenModel>(payload);
    if (request?.trained?.modelId !== undefined) jobs.set(request.trained.modelId, workflowId);
  }
  return jobs;
}

interface GivenModel {
  trained?: { modelId?: string };
}
