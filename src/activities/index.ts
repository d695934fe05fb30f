/** What a worker registers: the activities of an account's API queue and those of the data queue, given what they use. */
import { assembleOutput } from './assemble-output.js';
import { awaitBatchJob } from './await-batch-job.js';
import { awaitModel } from './await-model.js';
import { createModel } from './create-model.js';
import { decodeChunk } from './decode-chunk.js';
import { deleteModel } from './delete-model.js';
import type { ApiDeps, DataDeps } from './deps.js';
import { discardArtifacts } from './discard-artifacts.js';
import { generateCodes } from './generate-codes.js';
import { initTraining } from './init-training.js';
import { joinWatch } from './join-watch.js';
import { type BudgetDeps, keepBudget } from './keep-budget.js';
import { lookAtModels } from './look-at-models.js';
import { makeReport } from './make-report.js';
import { planBatch } from './plan-batch.js';
import { prepareGeneration } from './prepare-generation.js';
import { prepareTraining } from './prepare-training.js';
import { readBatchItems } from './read-batch-items.js';
import { recordBatchOutcomes } from './record-batch-outcomes.js';
import { requestCancel } from './request-cancel.js';
import { startTraining } from './start-training.js';
import { writeBatchResults } from './write-batch-results.js';

export const apiActivities = (deps: ApiDeps) => ({
  createModel: createModel(deps),
  initTraining: initTraining(deps),
  startTraining: startTraining(deps),
  awaitModel: awaitModel(deps),
  lookAtModels: lookAtModels(deps),
  generateCodes: generateCodes(deps),
  deleteModel: deleteModel(deps),
});
export type ApiActivities = ReturnType<typeof apiActivities>;

export const dataActivities = (deps: DataDeps) => ({
  prepareTraining: prepareTraining(deps),
  prepareGeneration: prepareGeneration(deps),
  decodeChunk: decodeChunk(deps),
  assembleOutput: assembleOutput(deps),
  makeReport: makeReport(deps),
  discardArtifacts: discardArtifacts(deps),
  requestCancel,
  joinWatch,
  planBatch: planBatch(deps),
  readBatchItems: readBatchItems(deps),
  recordBatchOutcomes: recordBatchOutcomes(deps),
  awaitBatchJob: awaitBatchJob(),
  writeBatchResults: writeBatchResults(deps),
});
export type DataActivities = ReturnType<typeof dataActivities>;

export const budgetActivities = (deps: BudgetDeps) => ({ keepBudget: keepBudget(deps) });
export type BudgetActivities = ReturnType<typeof budgetActivities>;
