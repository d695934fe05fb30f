/**
 * Rows from a model that was trained before, perhaps by another worker. The model is the caller's: it is deleted only
 * if the request says so, and only when the output is written, so that a failed night can be asked for again.
 */
import { givenTableOf } from '../contract/given-table.js';
import { generateRequestSchema } from '../contract/requests.js';
import type { GenerateResult } from '../contract/results.js';
import { checkGeneration } from './check-generation.js';
import { conclude } from './conclude.js';
import { generateTable } from './generate-table.js';
import { beginJob } from './job.js';
import { parseRequest } from './parse-request.js';
import { takeOver } from './take-over.js';

export async function generate(input: unknown): Promise<GenerateResult> {
  const request = parseRequest(generateRequestSchema, input);
  const { trained, generation, output, policy } = request;
  const job = beginJob('generate', { ...request, account: trained.account });

  return conclude(job, async (debt) => {
    debt.trained = trained;
    const { chunks, mayHaveWritten } = await takeOver(job, 'generate', request, debt);
    job.enter({ stage: 'preparing' });
    const isGiven = givenTableOf(generation) !== undefined;
    if (generation.n_samples === undefined && !isGiven) job.rowsWillBe(trained.rows);
    const { rowsPerChunk } = policy;
    const checked = await checkGeneration(
      {
        job: job.artifacts,
        metadata: trained.metadata,
        generation,
        output,
        rowsPerChunk,
        seed: job.seedFor('conditions'),
      },
      mayHaveWritten,
    );
    const { given } = checked;
    if (generation.n_samples === undefined && given !== undefined) job.rowsWillBe(given.rows);
    debt.isKeptOnFailure = policy.keepOnFailure;
    const written = await generateTable(job, { trained, generation, given, output, rowsPerChunk, made: chunks });
    const kept = job.keepsModel();
    // From here on the job answers for it.
    if (!kept) debt.modelId = trained.modelId;
    return {
      output: written,
      model: { id: trained.modelId, kept },
      warnings: checked.warnings,
    };
  });
}
