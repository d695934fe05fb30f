/** What a worker registers: the activities of an account's API queue and those of the data queue, given what they use. */
import { assembleOutput } from './assemble-output.js';
import { awaitBatchJob } from './await-batch-job.js';
import { awaitModel } from './await-model.js';
import { claimLeftovers } from './claim-leftovers.js';
import { createModel } from './create-model.js';
import { decodeChunk } from './decode-chunk.js';
import { deleteModel } from './delete-model.js';
import type { ApiDeps, DataDeps } from './deps.js';
import { discardArtifacts } from './discard-artifacts.js';
import { examineJobs } from './examine-jobs.js';
import { findModel } from './find-model.js';
import { findReusable } from './find-reusable.js';
import { findUnaccounted } from './find-unaccounted.js';
import { generateCodes } from './generate-codes.js';
import { initTraining } from './init-training.js';
import { joinWatch } from './join-watch.js';
import { judgeModels } from './judge-models.js';
import { type BudgetDeps, keepBudget } from './keep-budget.js';
import { listModels } from './list-models.js';
import { makeReport } from './make-report.js';
import { noteSettlement } from './note-settlement.js';
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
  generateCodes: generateCodes(deps),
  deleteModel: deleteModel(deps),
  findModel: findModel(deps),
  listModels: listModels(deps),
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
  examineJobs: examineJobs(),
  judgeModels: judgeModels(),
  findUnaccounted: findUnaccounted(),
  claimLeftovers: claimLeftovers(),
  noteSettlement: noteSettlement(),
  findReusable: findReusable(deps),
});
export type DataActivities = ReturnType<typeof dataActivities>;

export const budgetActivities = (deps: BudgetDeps) => ({ keepBudget: keepBudget(deps) });
export type BudgetActivities = ReturnType<typeof budgetActivities>;
