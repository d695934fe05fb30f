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

export async function generate(input: unknown): Promise<GenerateResult> {
  const request = parseRequest(generateRequestSchema, input);
  const { trained, generation, output, policy } = request;
  const job = beginJob({ ...request, account: trained.account });

  return conclude(job, async (debt) => {
    debt.kept = trained;
    job.enter({ stage: 'preparing' });
    await job.data.prepareGeneration({ metadata: trained.metadata, generation, output });
    const written = await generateTable(job, { trained, generation, output, rowsPerChunk: policy.rowsPerChunk });
    if (!policy.keepModel) {
      debt.modelId = trained.modelId;
      delete debt.kept;
    }
    return {
      output: written,
      model: { id: trained.modelId, kept: policy.keepModel },
      warnings: [],
    };
  });
}
