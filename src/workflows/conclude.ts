/**
 * How every job ends. A created model is a debt: it is deleted on success, failure and cancel, unless the job is to keep
 * a model whose training is done, or it failed and is to leave it to a retry. Cleaning up is shielded from cancel, reports
 * its own failure and never hides the first one. Terminate skips all of this: a reap makes up for it.
 */
import { type ApplicationFailure, CancellationScope, isCancellation, log, workflowInfo } from '@temporalio/workflow';
import type { ModelId } from '../contract/ids.js';
import { DELETE_DEADLINE_MS, KEPT_ON_FAILURE_MS } from '../contract/limits.js';
import { makeFailure } from '../contract/make-failure.js';
import type { TrainedModel } from '../contract/requests.js';
import { describeStage } from '../contract/stage.js';
import { explain, failureOf, modelLeftOver } from './explain.js';
import type { Job } from './job.js';
import { dataStep } from './steps.js';
import { CREATION_UNKNOWN } from './train-model.js';

export interface Debt {
  /** The model this job answers for. */
  modelId?: ModelId;
  /** Set when there is a trained model; whoever keeps it needs all of this. */
  trained?: TrainedModel;
  /** Whether a failure from now on leaves everything to a retry, for a time. */
  isKeptOnFailure?: boolean;
  /** What the job before had left behind, where this one is a retry: it is this one's debt too. */
  inherited?: { models: ModelId[]; groups: string[] };
}

/** @param work what the job does; the requests of its whole life, the delete included, are added to its result */
export async function conclude<T extends { warnings: string[] }>(
  job: Job,
  work: (debt: Debt) => Promise<T>,
): Promise<T & { requests: number }> {
  const debt: Debt = {};
  try {
    const result = await job.limit.run(
      () => work(debt),
      () => deadlineOver(job),
    );
    const leftOver = await settle(job, debt);
    const warnings = [
      ...result.warnings,
      ...job.warnings,
      ...(leftOver === undefined ? [] : [modelLeftOver(leftOver)]),
    ];
    for (const [index, warning] of warnings.entries()) job.note(`warning ${index + 1}`, warning);
    job.enter({ stage: 'done' });
    return { ...result, requests: job.requests(), warnings };
  } catch (error) {
    if (debt.isKeptOnFailure === true && !isCancellation(error)) throw leaveToRetry(job, debt, error);
    const kept = keptOf(job, debt);
    const leftOver = await settle(job, debt, failureOf(error)?.code === CREATION_UNKNOWN);
    const reason = job.cancelReason();
    if (isCancellation(error) && leftOver === undefined) {
      job.enter({ stage: 'cancelled', ...(reason === undefined ? {} : { reason }) });
      throw error;
    }
    throw failed(
      job,
      isCancellation(error) && leftOver !== undefined ? cancelledWith(leftOver) : explain(error, { leftOver, kept }),
    );
  }
}

/** Shows why. */
function failed(job: Job, failure: ApplicationFailure): ApplicationFailure {
  const { code, param, request_id, doc_url } = failureOf(failure) ?? {};
  for (const [name, value] of Object.entries({ code, param, 'request id': request_id, documentation: doc_url })) {
    if (value !== undefined) job.note(name, value);
  }
  job.enter({ stage: 'failed', message: failure.message, code });
  return failure;
}

/** Nothing is cleaned up: a retry takes it over, or a reap does when the time is over. */
function leaveToRetry(job: Job, { modelId, trained }: Debt, error: unknown): ApplicationFailure {
  const keptUntil = new Date(Date.now() + KEPT_ON_FAILURE_MS).toISOString();
  if (modelId !== undefined) job.note('model', `${modelId}, kept for a retry until ${keptUntil}`);
  const { workflowId } = workflowInfo();
  return failed(job, explain(error, { kept: trained, forRetry: { job: workflowId, keptUntil } }));
}

/** To call this cancelled would say that nothing is left. */
function cancelledWith(leftOver: ModelId): ApplicationFailure {
  return makeFailure({
    message: `The job was cancelled. ${modelLeftOver(leftOver)}`,
    nonRetryable: true,
    details: { code: 'model_left_over' },
  });
}

function deadlineOver(job: Job): ApplicationFailure {
  return makeFailure({
    message: `The job was not done by its deadline; it was ${describeStage(job.stage())}. Start it again with a later deadline, or send the update \`extend\` in time.`,
    nonRetryable: true,
    details: { code: 'deadline_exceeded' },
  });
}

/** The trained model that outlives the job: because it is to be kept, or because it was never the job's own. */
function keptOf(job: Job, { modelId, trained }: Debt): TrainedModel | undefined {
  return modelId === undefined || job.keepsModel() ? trained : undefined;
}

/**
 * @param isCreationUnknown the body of the creation stays, with which a reap or a retry can ask for the model
 * @returns the model that could not be deleted, if so
 */
async function settle(job: Job, debt: Debt, isCreationUnknown = false): Promise<ModelId | undefined> {
  return CancellationScope.nonCancellable(async () => {
    const { modelId, trained, inherited } = debt;
    const kept = keptOf(job, debt);
    const isKept = kept !== undefined;
    let leftOver: ModelId | undefined;
    const owed = new Set([...(inherited?.models ?? []), ...(modelId === undefined ? [] : [modelId])]);
    if (kept !== undefined) owed.delete(kept.modelId);
    for (const model of owed) {
      job.enter({ stage: 'deleting', modelId: model });
      await job
        .ask({ kind: 'delete', summary: 'delete the model', forMs: DELETE_DEADLINE_MS }, (api) =>
          api.deleteModel({ modelId: model }),
        )
        .catch((error: unknown) => {
          log.error('model left over', { modelId: model, reason: explain(error).message });
          leftOver = model;
          job.modelIsLeft();
        });
    }
    if (modelId !== undefined) {
      const fate = isKept ? 'kept' : leftOver === undefined ? 'deleted' : 'LEFT OVER';
      job.note('model', `${modelId}, ${fate}`);
    }
    if (isCreationUnknown) return leftOver;
    // What a deleted model's metadata could decode is gone with it; what a kept one's can is in a group of its own.
    const groups = [job.artifacts, job.modelArtifacts, ...(inherited?.groups ?? [])];
    const metadata = trained === undefined ? [] : [trained.metadata];
    await dataStep('remove the intermediate artifacts')
      .discardArtifacts(isKept ? { groups, but: metadata } : { groups, of: metadata })
      .catch((error: unknown) => {
        log.warn('artifacts left over', { groups, reason: explain(error).message });
      });
    return leftOver;
  });
}
