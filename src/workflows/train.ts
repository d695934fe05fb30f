/** A table in, a trained model out: what `generate` takes, tonight and every night after. On failure and cancel the model is deleted. */
import { type TrainedModel, trainRequestSchema } from '../contract/requests.js';
import type { TrainResult } from '../contract/results.js';
import { conclude } from './conclude.js';
import { beginJob } from './job.js';
import { parseRequest } from './parse-request.js';
import { takeOver } from './take-over.js';
import { createModel, prepare, trainModel } from './train-model.js';

export async function train(input: unknown): Promise<TrainResult> {
  const request = parseRequest(trainRequestSchema, input);
  const job = beginJob('train', request);

  return conclude(job, async (debt) => {
    const taken = await takeOver(job, 'train', request, debt);
    const prepared = await prepare(job, request, taken);
    const modelId = taken.model?.id ?? (await createModel(job, prepared, taken));
    debt.modelId = modelId;
    const training = await trainModel(job, modelId, prepared, taken.model);
    const trained: TrainedModel = {
      account: request.account,
      modelId,
      metadata: prepared.metadata,
      rows: prepared.rows,
    };
    debt.trained = trained;
    return { trained, training, warnings: prepared.warnings };
  });
}
