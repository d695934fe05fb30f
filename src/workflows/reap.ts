/**
 * Deletes what ended jobs left behind: a terminated or timed-out job cannot clean up. Page by page the histories of ended
 * jobs are read, which costs no request; then one list of the account's models says which of theirs are alive, and those
 * that nobody works with or keeps are claimed and deleted, their artifacts too. Never a model that no history of ours made.
 * A creation whose answer nobody recorded is asked for again under its key: that gives the model, or makes one, which is
 * deleted. Without the key's 24 hours it is told to a person.
 * Not here: what a history proves (activities/left-behind.ts), who keeps a model (activities/judge-models.ts).
 */
import {
  ContinueAsNew,
  continueAsNew,
  defineQuery,
  isCancellation,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Debtor } from '../activities/examine-jobs.js';
import type { OpenCreation } from '../activities/left-behind.js';
import type { ModelId } from '../contract/ids.js';
import { REAP_LISTED_MAX, REAP_REQUEST_MS } from '../contract/limits.js';
import { QUERIES, SEARCH_ATTRIBUTES } from '../contract/messages.js';
import { type ReapReport, type ReapRequest, reapRequestSchema } from '../contract/reap.js';
import { provesNoEffect } from '../contract/taken-effect.js';
import { clockOf } from '../contract/text.js';
import { askApi } from './ask-api.js';
import { letBeCancelled } from './cancel-signal.js';
import { explain, failureOf } from './explain.js';
import { findLiveModels, type LiveModels, type ModelList } from './live-models.js';
import { parseInput } from './parse-request.js';
import { openReapBoard, type ReapBoard } from './reap-board.js';
import { dataStep } from './steps.js';

/** What one run hands to the next. */
export interface ReapCarriedOver {
  report: ReapReport;
  endedBefore: string;
  page: string;
  live?: ModelList | undefined;
}

const DAY_MS = 24 * 3_600_000;
/** 120 events where nothing was left; a page of 50 leftovers is about 1 500, and then Temporal suggests to go on anew. */
const PAGES_PER_RUN = 20;

/** @param carriedOver from the run before, where the reap goes on */
export async function reap(input: unknown, carriedOver?: ReapCarriedOver): Promise<ReapReport> {
  const request = parseInput(reapRequestSchema, input ?? {}, 'The request');
  const { account, days, jobsMax } = request;
  const { startTime, namespace, workflowId, firstExecutionRunId } = workflowInfo();
  if (carriedOver === undefined) upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.account, value: account }]);
  const board = openReapBoard(request, carriedOver?.report);
  setHandler(defineQuery<ReapReport>(QUERIES.status), board.report, {
    description: 'What the reap has found and done so far',
  });
  letBeCancelled('End the reap; what it has deleted stays deleted', () => {});
  const { ask } = askApi({
    account,
    keys: { namespace, workflowId, firstExecutionRunId },
    board: board.asking,
    priority: () => undefined,
    onQuota: 'fail',
    untilModelReady: async () => {},
  });
  const means: Means = { request, board, ask, live: findLiveModels(ask, carriedOver?.live) };
  const endedBefore = carriedOver?.endedBefore ?? startTime.toISOString();
  const endedAfter = new Date(Date.parse(endedBefore) - days * DAY_MS).toISOString();
  try {
    let page = carriedOver?.page;
    for (let pages = 1; ; pages += 1) {
      const { examined, debtors, kept, nextPage } = await dataStep('read the histories of ended jobs').examineJobs({
        account,
        endedAfter,
        endedBefore,
        page,
      });
      board.examined(examined);
      for (const { modelId, job, why } of kept) {
        if (await means.live.isAlive(modelId)) board.found('kept', { modelId, job, why });
      }
      for (const debtor of debtors) await settle(debtor, means);
      page = nextPage;
      if (page === undefined) break;
      if (board.report().examined >= jobsMax) {
        board.isCutShort();
        break;
      }
      if (pages >= PAGES_PER_RUN || workflowInfo().continueAsNewSuggested) {
        return await continueAsNew<typeof reap>(request, {
          report: board.report(),
          endedBefore,
          page,
          live: means.live.toCarryOver(),
        });
      }
    }
    await tellUnaccounted(means);
    return board.report();
  } catch (error) {
    if (isCancellation(error) || error instanceof ContinueAsNew) throw error;
    throw explain(error);
  }
}

interface Means {
  request: ReapRequest;
  board: ReapBoard;
  ask: ReturnType<typeof askApi>['ask'];
  live: LiveModels;
}

/** Everything that one job left behind. */
async function settle(debtor: Debtor, means: Means): Promise<void> {
  const { request, board, live } = means;
  const { job, runId, groups, creations } = debtor;
  const alive: ModelId[] = [];
  for (const modelId of [...debtor.models, ...debtor.condemned]) {
    if (await live.isAlive(modelId)) alive.push(modelId);
  }
  const toDelete = await thoseLeft(debtor, alive, means);
  const isAllLeft = toDelete.length === alive.length;
  if (request.dryRun) {
    for (const modelId of toDelete) board.found('leftOver', { modelId, job, why: 'a dry run deletes nothing' });
    for (const creation of creations) board.found('unknown', { job, what: describeCreation(creation) });
    if (groups.length > 0) board.foundArtifacts();
    return;
  }
  if (toDelete.length + groups.length + creations.length === 0) return;
  const { isMine, by } = await dataStep('claim what the job left behind').claimLeftovers({ job, runId });
  // A retry has taken it over, and answers for it: it is examined itself when it has ended.
  if (!isMine && by.kind !== workflowInfo().workflowType) return;

  let isSettled = isAllLeft;
  for (const modelId of toDelete) isSettled = (await remove(job, modelId, means)) && isSettled;
  for (const creation of creations) isSettled = (await settleCreation(debtor, creation, means)) && isSettled;
  if (!isSettled) return;
  if (groups.length > 0) {
    await dataStep('remove the artifacts of the job').discardArtifacts({ groups });
    board.foundArtifacts();
  }
  if (!isMine) await dataStep('note that nothing is left of the job').noteSettlement({ job, runId });
}

/** Those of the living models that nobody needs; the others are told. */
async function thoseLeft({ job, runId, condemned }: Debtor, alive: ModelId[], { board }: Means): Promise<ModelId[]> {
  if (alive.length === 0) return [];
  const verdicts = await dataStep('look who needs the model').judgeModels({
    models: alive.map((modelId) => ({ modelId, runId, isCondemned: condemned.includes(modelId) })),
  });
  return alive.filter((modelId, index) => {
    const verdict = verdicts[index];
    if (verdict === undefined) return false;
    if (verdict.is === 'left') return true;
    if (verdict.is === 'unproven') {
      board.found('unknown', { job, what: `${modelId} is alive, and the job was to delete it; ${verdict.why}.` });
    } else {
      board.found('kept', { modelId, job: verdict.job, why: verdict.why });
    }
    return false;
  });
}

/** @returns whether it is gone */
async function remove(job: string, modelId: ModelId, { ask, board, live }: Means): Promise<boolean> {
  const errand = { kind: 'delete' as const, summary: `delete ${modelId} of ${job}`, forMs: REAP_REQUEST_MS };
  try {
    await ask(errand, (api) => api.deleteModel({ modelId }));
    live.isGone(modelId);
    board.found('deleted', { modelId, job });
    return true;
  } catch (error) {
    if (isCancellation(error)) throw error;
    board.found('leftOver', { modelId, job, why: explain(error).message });
    // By which the next reap finds it, and a list of jobs tells it.
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.failureCode, value: 'model_left_over' }]);
    return false;
  }
}

/** Asks under the key of the job, and deletes what the answer names. @returns whether there is nothing more to do about it */
async function settleCreation(debtor: Debtor, creation: OpenCreation, means: Means): Promise<boolean> {
  const { board, ask } = means;
  const { job } = debtor;
  const { key, body, knownUntilMs } = creation;
  const forMs = Math.min(REAP_REQUEST_MS, knownUntilMs - Date.now());
  if (forMs <= 0) {
    board.found('unknown', { job, what: describeCreation(creation) });
    return true;
  }
  try {
    const summary = `ask for the model that ${job} may have created`;
    const { modelId } = await ask({ kind: 'prepare', summary, forMs }, (api) => api.createModel({ key, body }));
    const [left] = await thoseLeft(debtor, [modelId], means);
    return left !== undefined && (await remove(job, left, means));
  } catch (error) {
    if (isCancellation(error)) throw error;
    if (provesNoEffect(failureOf(error))) return true;
    board.found('unknown', { job, what: `${describeCreation(creation)} Asked again: ${explain(error).message}` });
    return false;
  }
}

function describeCreation({ knownUntilMs }: OpenCreation): string {
  const until = clockOf(new Date(knownUntilMs).toISOString());
  return knownUntilMs > Date.now()
    ? `It may have created a model whose id nobody recorded; until ${until} a reap can ask for it.`
    : `It may have created a model whose id nobody recorded; since ${until} nobody can ask for it any more.`;
}

/** For a person who looks for a model that nobody knows: those that no job of ours has told. */
async function tellUnaccounted({ board, live }: Means): Promise<void> {
  const report = board.report();
  if (report.counts.unknown === 0) return;
  const models = await live.listed();
  if (models.length === 0) return;
  const step = dataStep('look which models no job accounts for');
  report.unaccounted = await step.findUnaccounted({ models: models.slice(0, MODELS_COMPARED), max: REAP_LISTED_MAX });
}

/** The newest ones; each costs a look at Temporal. */
const MODELS_COMPARED = 1_000;
