/**
 * What a backend service imports: the client, its handles and errors, and the shapes of requests and results.
 * Loads no worker, no DuckDB and no sandbox; the table library is `dataxid-orchestrator/table`.
 */
export * from './client/errors.js';
export { type JobDescription, JobHandle, type JobProgress } from './client/job-handle.js';
export { type JobListItem, type StartOptions, SynthesisClient } from './client/synthesis-client.js';
export type { JobStatus } from './contract/messages.js';
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
