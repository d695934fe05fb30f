/**
 * Rows from a model that was trained before, perhaps by another worker. The model is the caller's: it is deleted only
 * if the request says so, and only when the output is written, so that a failed night can be asked for again.
 */
import { generateRequestSchema } from '../contract/requests.js';
import type { GenerateResult } from '../contract/results.js';
import { conclude } from './conclude.js';
import { generateTable } from './generate-table.js';
import { beginJob } from './job.js';
import { parseRequest } from './parse-request.js';
import { dataStep } from './steps.js';

export async function generate(input: unknown): Promise<GenerateResult> {
  const request = parseRequest(generateRequestSchema, input);
  const { trained, generation, output, policy } = request;
  const job = beginJob('generate', { ...request, account: trained.account });

  return conclude(job, async (debt) => {
    debt.trained = trained;
    job.enter({ stage: 'preparing' });
    if (generation.n_samples === undefined) job.rowsWillBe(trained.rows);
    await dataStep('check the metadata and the output').prepareGeneration({
      metadata: trained.metadata,
      generation,
      output,
    });
    const written = await generateTable(job, { trained, generation, output, rowsPerChunk: policy.rowsPerChunk });
    const kept = job.keepsModel();
    // From here on the job answers for it.
    if (!kept) debt.modelId = trained.modelId;
    return {
      output: written,
      model: { id: trained.modelId, kept },
      warnings: [],
    };
  });
}
