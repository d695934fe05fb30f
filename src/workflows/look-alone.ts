/**
 * Looks at a job's own model, where the account's watch cannot see it. Looks are repeats of one activity, which cost no
 * history and hold no slot; after the first epoch and ten times in a training it comes back, so that the job shows it.
 */
import { sleep } from '@temporalio/workflow';
import { LOOK_DELAYS_MS, TRAINING_REPORTS, TRAINING_TIMEOUT_S_MAX } from '../contract/limits.js';
import type { TrainingResult } from '../contract/results.js';
import type { Job } from './job.js';

const FOREVER_MS = TRAINING_TIMEOUT_S_MAX * 1_000;
const SLOWEST_LOOK_S = Math.max(...LOOK_DELAYS_MS) / 1_000;

/** @param why the watch cannot see it @throws ApplicationFailure (training_failed) */
export function lookUntilTrained(job: Job, why: string): Promise<TrainingResult> {
  const what = `the model trains; it is looked at alone, every ${SLOWEST_LOOK_S} s or sooner (${why})`;
  return job.waitingFor({ reason: 'training', what }, () => looks(job));
}

async function looks(job: Job): Promise<TrainingResult> {
  const modelId = job.knownModel();
  const { epochsMax } = job;
  const step = Math.max(1, Math.ceil(epochsMax / TRAINING_REPORTS));
  let looks = 0;
  // The first epoch is told at once: it shows that the training runs.
  let reportAtEpoch = 1;
  let seenEpoch = 0;
  for (;;) {
    const past = seenEpoch === 0 ? '' : `, past epoch ${seenEpoch} of at most ${epochsMax}`;
    const summary = `wait for the training${past}: each attempt is a look`;
    const seen = await job.ask({ kind: 'look', summary, forMs: FOREVER_MS }, (api) =>
      api.awaitModel({ modelId, epochsMax, reportAtEpoch, looks }),
    );
    if (seen.training !== undefined) return seen.training;
    const { epoch, losses, looksAgainMs } = seen;
    looks += seen.attempts;
    reportAtEpoch = epoch + step;
    seenEpoch = epoch;
    // A model that was not ready when rows were asked for is waited for too, in the stage `generating`.
    if (job.stage().stage === 'training') job.enter({ stage: 'training', modelId, epoch, epochsMax, ...losses });
    await sleep(looksAgainMs, {
      summary: `training: epoch ${epoch} of at most ${epochsMax}, looks again in ${Math.ceil(looksAgainMs / 1000)} s`,
    });
  }
}

/** @throws ApplicationFailure (training_failed) */
export async function lookAtModel(job: Job): Promise<{ status: string; attempts: number }> {
  const modelId = job.knownModel();
  const errand = { kind: 'look' as const, summary: 'look whether the model is alive', forMs: FOREVER_MS };
  return job.ask(errand, (api) => api.awaitModel({ modelId, epochsMax: job.epochsMax, reportAtEpoch: 0, looks: 0 }));
}
