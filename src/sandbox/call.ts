/** What the calls have in common: what they are given, what they come to, and the model they are about. */
import { ApiError } from './api-error.js';
import type { Change, Model } from './events.js';
import type { SandboxState } from './sandbox-state.js';

export interface ApiRequest {
  organization: string;
  sequence: number;
  modelId: string;
  query: URLSearchParams;
  body: Buffer;
}

export interface Outcome {
  status: number;
  /** The envelope; absent for 204. */
  body?: object;
  changes: Change[];
  modelId?: string;
}

export type Conclusion = () => Outcome;

/** Another organization's model is not found, never forbidden [doc]. */
export function findModel(state: SandboxState, { organization, modelId }: ApiRequest): Model {
  const model = state.modelOf(organization, modelId);
  if (model === undefined) throw new ApiError('model_not_found', `No model has the id ${modelId.slice(0, 40)}.`);
  return model;
}

export function readyModel(state: SandboxState, request: ApiRequest): Model {
  const model = findModel(state, request);
  const { status, error } = state.progressOf(model);
  if (status !== 'ready')
    throw notReady(`The model is ${status}; generating needs a ready model.${error ? ` ${error}` : ''}`);
  return model;
}

export function notReady(message: string): ApiError {
  return new ApiError('model_not_ready', message);
}

export function modelView(state: SandboxState, model: Model): object {
  const createdMs = Date.now() - (state.clock.nowMs() - model.createdAtMs) / state.clock.speed;
  return { id: model.id, ...state.progressOf(model), created_at: new Date(createdMs).toISOString() };
}

export function answered(
  status: number,
  object: string,
  data: object,
  rest: { modelId: string; changes?: Change[] },
): Outcome {
  return { status, body: { object, data, metadata: { timestamp: new Date().toISOString() } }, changes: [], ...rest };
}
