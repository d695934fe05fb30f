/**
 * One table in, one synthetic table out: prepare, create, upload, train, generate chunk by chunk, assemble, delete.
 * A retry takes over what an ended job had done, and goes on from there (take-over.ts).
 * Not here: bytes of the table (activities), what an error means (contract/errors.ts), a key's format (contract/keys.ts),
 * waiting (training.ts, ask-api.ts), how a job ends (conclude.ts).
 */
import { planChunks } from '../contract/chunks.js';
import { trialsOf } from '../contract/given-table.js';
import { synthesizeRequestSchema, type TrainedModel } from '../contract/requests.js';
import type { SynthesizeResult } from '../contract/results.js';
import { conclude } from './conclude.js';
import { generateTable } from './generate-table.js';
import { beginJob } from './job.js';
import { parseRequest } from './parse-request.js';
import { reportOn } from './report-on.js';
import { rowsToBill } from './rows-to-bill.js';
import { takeOver } from './take-over.js';
import { createModel, prepare, trainModel } from './train-model.js';

export async function synthesize(input: unknown): Promise<SynthesizeResult> {
  const request = parseRequest(synthesizeRequestSchema, input);
  const { account, generation, output, report, policy } = request;
  const job = beginJob('synthesize', request);

  return conclude(job, async (debt) => {
    // Too many chunks would be found after a paid training.
    if (generation.n_samples !== undefined) {
      planChunks(generation.n_samples, policy.rowsPerChunk, trialsOf(generation));
    }
    const { rowsPerChunk } = policy;
    const taken = await takeOver(job, 'synthesize', request, debt);
    const prepared = await prepare(job, request, taken, { generation, rowsPerChunk, output, report });
    const rows = prepared.given?.rows ?? generation.n_samples ?? prepared.rows;
    const rowsLeft = rowsToBill({ rows, rowsPerChunk, generation, made: taken.chunks });
    const modelId = taken.model?.id ?? (await createModel(job, prepared, taken, rowsLeft));
    debt.modelId = modelId;
    const training = await trainModel(job, modelId, prepared, taken.model);
    const trained: TrainedModel = { account, modelId, metadata: prepared.metadata, rows: prepared.rows };
    debt.trained = trained;
    debt.isKeptOnFailure = policy.keepOnFailure;

    const { given } = prepared;
    const made = taken.chunks;
    const written = await generateTable(job, { trained, generation, given, output, rowsPerChunk, made });
    const reported = await reportOn(job, request, written, given);
    const kept = job.keepsModel();
    if (kept) job.note('metadata of the model', prepared.metadata.uri);
    return {
      output: written,
      ...(reported === undefined ? {} : { report: reported }),
      rowsTrained: prepared.rows,
      model: { id: modelId, kept },
      ...(kept ? { trained } : {}),
      training,
      warnings: prepared.warnings,
    };
  });
}
