/**
 * Rows from a model that was trained before, perhaps by another worker. The model is the caller's: it is deleted only
 * if the request says so, and only when the output is written, so that a failed night can be asked for again.
 */
import type { PreparedGeneration } from '../activities/prepare-generation.js';
import { givenTableOf } from '../contract/given-table.js';
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
    const isGiven = givenTableOf(generation) !== undefined;
    if (generation.n_samples === undefined && !isGiven) job.rowsWillBe(trained.rows);
    const { rowsPerChunk } = policy;
    // Undefined from a worker older than this workflow, as in old histories.
    const prepared: PreparedGeneration | undefined = await dataStep(
      'check the metadata and the output',
    ).prepareGeneration({
      job: job.artifacts,
      metadata: trained.metadata,
      generation,
      output,
      rowsPerChunk,
      seed: job.seedFor('conditions'),
    });
    const given = prepared?.given;
    if (generation.n_samples === undefined && given !== undefined) job.rowsWillBe(given.rows);
    const written = await generateTable(job, { trained, generation, given, output, rowsPerChunk });
    const kept = job.keepsModel();
    // From here on the job answers for it.
    if (!kept) debt.modelId = trained.modelId;
    return {
      output: written,
      model: { id: trained.modelId, kept },
      warnings: prepared?.warnings ?? [],
    };
  });
}
