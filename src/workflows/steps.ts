/**
 * The activities as a workflow calls them: which queue, how long, how often. Retries follow the error policy, which
 * sets each delay itself; the policy here is for what happens before an activity can speak (a dead worker).
 * `scheduleToCloseTimeout` includes waiting in the rationed queue. A key lives 24 hours, so nothing that changes
 * something is tried for longer than 23 (contract/limits.ts).
 */
import { type ActivityOptions, proxyActivities } from '@temporalio/workflow';
import type { ApiActivities, DataActivities } from '../activities/index.js';
import {
  DATA_ATTEMPTS_MAX,
  DATA_DEADLINE_MS,
  DATA_HEARTBEAT_MS,
  DELETE_DEADLINE_MS,
  KEY_USE_MS,
  REQUEST_ATTEMPT_MS,
  REQUEST_HEARTBEAT_MS,
} from '../contract/limits.js';
import { apiQueueOf, DATA_QUEUE } from '../contract/messages.js';

export type ApiSteps = ReturnType<typeof apiSteps>;

/** @param trainingTimeoutMs how long a training may take, from its first look */
export function apiSteps(account: string, trainingTimeoutMs: number) {
  const request: ActivityOptions = {
    taskQueue: apiQueueOf(account),
    startToCloseTimeout: REQUEST_ATTEMPT_MS,
    heartbeatTimeout: REQUEST_HEARTBEAT_MS,
    scheduleToCloseTimeout: KEY_USE_MS,
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1 min' },
  };
  const withSummary = (summary: string, options: ActivityOptions = {}) =>
    proxyActivities<ApiActivities>({ ...request, ...options, summary });
  return {
    createModel: withSummary('create the model').createModel,
    initTraining: withSummary('upload the encoded batches').initTraining,
    startTraining: withSummary('start the training').startTraining,
    awaitTraining: withSummary('wait for the training (looking again is expected)', {
      scheduleToCloseTimeout: trainingTimeoutMs,
    }).awaitModel,
    lookAtModel: withSummary('look whether the model is alive').awaitModel,
    generateChunk: (number: number, count: number) => withSummary(`generate chunk ${number} of ${count}`).generateCodes,
    deleteModel: withSummary('delete the model', { scheduleToCloseTimeout: DELETE_DEADLINE_MS }).deleteModel,
  };
}

/** Local work on the worker: no request, no budget. */
export function dataSteps() {
  const withSummary = (summary: string) =>
    proxyActivities<DataActivities>({
      taskQueue: DATA_QUEUE,
      startToCloseTimeout: DATA_DEADLINE_MS,
      heartbeatTimeout: DATA_HEARTBEAT_MS,
      retry: { initialInterval: '1s', maximumAttempts: DATA_ATTEMPTS_MAX },
      summary,
    });
  return {
    prepareTraining: withSummary('read, analyze and encode the table').prepareTraining,
    prepareGeneration: withSummary('check the metadata and the output').prepareGeneration,
    decodeChunk: (number: number, count: number) => withSummary(`decode chunk ${number} of ${count}`).decodeChunk,
    assembleOutput: withSummary('write the output').assembleOutput,
    discardArtifacts: withSummary('remove the intermediate artifacts').discardArtifacts,
  };
}
