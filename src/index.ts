/**
 * What a backend service imports: the client, its handles and errors, and the shapes of requests and results.
 * Loads no worker, no DuckDB and no sandbox; the table library is `dataxid-orchestrator/table`.
 */
export type { ConnectOptions } from './client/connect.js';
export * from './client/errors.js';
export type { JobDescription } from './client/job-description.js';
export { JobHandle, type JobProgress } from './client/job-handle.js';
export type { JobFilter } from './client/list-query.js';
export type { StartOptions } from './client/parse-start.js';
export { SynthesisClient } from './client/synthesis-client.js';
export { type BatchInput, batchRequestSchema } from './contract/batch.js';
export type { BatchResult, BatchStatus } from './contract/batch-results.js';
export type { FailureDetails, JobPlan, JobStatus } from './contract/messages.js';
export type { ReapInput, ReapReport } from './contract/reap.js';
export {
  type GenerateInput,
  generateRequestSchema,
  type SynthesizeInput,
  synthesizeRequestSchema,
  type TrainedModel,
  type TrainInput,
  trainRequestSchema,
} from './contract/requests.js';
export type { GenerateResult, SynthesizeResult, TrainResult } from './contract/results.js';
export { describeStage, type Stage } from './contract/stage.js';
