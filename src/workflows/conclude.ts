/**
 * How every job ends. A created model is a debt: it is deleted on success, failure and cancel, unless the job is to keep
 * a model whose training is done. Cleaning up is shielded from cancel, reports its own failure and never hides the
 * first one. Terminate skips all of this.
 */
import { type ApplicationFailure, CancellationScope, isCancellation, log } from '@temporalio/workflow';
import type { ModelId } from '../contract/ids.js';
import { DELETE_DEADLINE_MS } from '../contract/limits.js';
import { makeFailure } from '../contract/make-failure.js';
import type { TrainedModel } from '../contract/requests.js';
import { describeStage } from '../contract/stage.js';
import { explain, failureOf } from './explain.js';
import type { Job } from './job.js';
import { dataStep } from './steps.js';

export interface Debt {
  /** The model this job answers for. */
  modelId?: ModelId;
  /** Set when there is a trained model; whoever keeps it needs all of this. */
  trained?: TrainedModel;
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
      ...(leftOver === undefined ? [] : [mustBeDeleted(leftOver)]),
    ];
    for (const [index, warning] of warnings.entries()) job.note(`warning ${index + 1}`, warning);
    job.enter({ stage: 'done' });
    return { ...result, requests: job.requests(), warnings };
  } catch (error) {
    const kept = keptOf(job, debt);
    const leftOver = await settle(job, debt);
    const reason = job.cancelReason();
    if (isCancellation(error) && leftOver === undefined) {
      job.enter({ stage: 'cancelled', ...(reason === undefined ? {} : { reason }) });
      throw error;
    }
    const failure = isCancellation(error) ? cancelledWith(leftOver) : explain(error, { leftOver, kept });
    const { code, param, request_id, doc_url } = failureOf(failure) ?? {};
    for (const [name, value] of Object.entries({ code, param, 'request id': request_id, documentation: doc_url })) {
      if (value !== undefined) job.note(name, value);
    }
    job.enter({ stage: 'failed', message: failure.message, code });
    throw failure;
  }
}

const mustBeDeleted = (modelId: ModelId | undefined): string => `The model ${modelId} could not be deleted: delete it.`;

/** To call this cancelled would say that nothing is left. */
function cancelledWith(leftOver: ModelId | undefined): ApplicationFailure {
  return makeFailure({
    message: `The job was cancelled, and its model ${leftOver} could not be deleted: delete it.`,
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

/** @returns the model that could not be deleted, if so */
async function settle(job: Job, debt: Debt): Promise<ModelId | undefined> {
  return CancellationScope.nonCancellable(async () => {
    const { modelId, trained } = debt;
    const isKept = keptOf(job, debt) !== undefined;
    let leftOver: ModelId | undefined;
    if (modelId !== undefined && !isKept) {
      job.enter({ stage: 'deleting', modelId });
      await job
        .ask({ kind: 'delete', summary: 'delete the model', forMs: DELETE_DEADLINE_MS }, (api) =>
          api.deleteModel({ modelId }),
        )
        .catch((error: unknown) => {
          log.error('model left over', { modelId, reason: explain(error).message });
          leftOver = modelId;
          job.modelIsLeft();
        });
    }
    if (modelId !== undefined) {
      const fate = isKept ? 'kept' : leftOver === undefined ? 'deleted' : 'LEFT OVER: delete it';
      job.note('model', `${modelId}, ${fate}`);
    }
    // What a deleted model's metadata could decode is gone with it.
    const ofModel = trained === undefined ? job.modelArtifacts : groupOf(trained.metadata.uri);
    const groups = isKept ? [job.artifacts] : [job.artifacts, ofModel];
    await dataStep('remove the intermediate artifacts')
      .discardArtifacts({ groups })
      .catch((error: unknown) => {
        log.warn('artifacts left over', { groups, reason: explain(error).message });
      });
    return leftOver;
  });
}

/** `artifact:<group>/<name>` */
function groupOf(uri: string): string {
  return uri.slice('artifact:'.length, uri.lastIndexOf('/'));
}
