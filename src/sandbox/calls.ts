/**
 * The seven calls of the API. Each first looks and computes (which may take a while), then concludes in one synchronous
 * step that decides on the state as it is by then: two requests never spend the same quota, nor a deleted model.
 * Not here: keys, limits, stored answers, faults (answer-request.ts).
 */
import { parameterInvalid } from './api-error.js';
import { LIST_LIMIT_DEFAULT, LIST_LIMIT_MAX } from './assumptions.js';
import { type ApiRequest, answered, type Conclusion, findModel, modelView, notReady } from './call.js';
import type { Model } from './events.js';
import type { CALLS } from './faults.js';
import { generateRows } from './generate-rows.js';
import { createBodySchema, initTrainingBodySchema, parseBody, trainBodySchema } from './request-bodies.js';
import type { SandboxState } from './sandbox-state.js';
import { epochSecondsOf } from './training-course.js';
import { packTrainingData, readTrainingData } from './training-data.js';

export type CallHandler = (state: SandboxState, request: ApiRequest) => Conclusion | Promise<Conclusion>;

export const HANDLERS: Record<(typeof CALLS)[number], CallHandler> = {
  create: createModel,
  'init-training': initTraining,
  train: startTraining,
  get: getModel,
  list: listModels,
  generate: generateRows,
  delete: deleteModel,
};

function createModel(state: SandboxState, { organization, body }: ApiRequest): Conclusion {
  const { metadata, config } = parseBody(createBodySchema, body);
  return () => {
    const model: Model = {
      id: state.newModelId(),
      organization,
      createdAtMs: state.clock.nowMs(),
      cardinalities: metadata.cardinalities,
      isSequential: metadata.is_sequential,
      seqLenMax: metadata.seq_len_max,
      embeddingDim: config.embedding_dim,
    };
    return answered(201, 'model', modelView(state, model), {
      modelId: model.id,
      changes: [{ type: 'model-created', model }],
    });
  };
}

function initTraining(state: SandboxState, request: ApiRequest): Conclusion {
  const found = findModel(state, request);
  const body = parseBody(initTrainingBodySchema, request.body);
  const data = readTrainingData(found, body.batches);
  return () => {
    const model = untrainedModel(state, request);
    const upload = {
      rows: data.rows,
      maxEpochs: body.max_epochs,
      patience: body.patience,
      timeLimitSeconds: body.time_limit_seconds,
      blob: `${model.id}-${request.sequence}.codes`,
    };
    state.blobs.write(upload.blob, packTrainingData(data));
    return answered(
      200,
      'model',
      { id: model.id, status: 'created', batches: body.batches.length },
      {
        modelId: model.id,
        changes: [{ type: 'training-initialized', modelId: model.id, upload }],
      },
    );
  };
}

function startTraining(state: SandboxState, request: ApiRequest): Conclusion {
  parseBody(trainBodySchema, request.body);
  return () => {
    const model = untrainedModel(state, request);
    if (model.upload === undefined) throw notReady('The model has no training data: call init-training first.');
    const training = {
      startedAtMs: state.clock.nowMs(),
      epochSeconds: state.options.epochSeconds ?? epochSecondsOf(model.upload.rows),
      seed: state.newSeed(`training ${model.id}`),
      failure: state.failures[0],
    };
    void state.learnedTable(model);
    return answered(
      200,
      'model',
      { id: model.id, status: 'training' },
      {
        modelId: model.id,
        changes: [{ type: 'training-started', modelId: model.id, training }],
      },
    );
  };
}

function getModel(state: SandboxState, request: ApiRequest): Conclusion {
  return () => {
    const model = findModel(state, request);
    return answered(200, 'model', modelView(state, model), { modelId: model.id });
  };
}

/** Newest first [assumed]. */
function listModels(state: SandboxState, { organization, query }: ApiRequest): Conclusion {
  const limit = Number(query.get('limit') ?? LIST_LIMIT_DEFAULT);
  if (!Number.isInteger(limit) || limit < 1 || limit > LIST_LIMIT_MAX) {
    throw parameterInvalid('limit', `limit is an integer from 1 to ${LIST_LIMIT_MAX}.`);
  }
  return () => {
    const own = [...state.models.values()].filter((model) => model.organization === organization).reverse();
    const after = query.get('starting_after');
    const last = own.findIndex(({ id }) => id === after);
    if (after !== null && last < 0)
      throw parameterInvalid('starting_after', 'No model of this organization has this id.');
    const page = own.slice(last + 1, last + 1 + limit);
    const envelope = {
      object: 'list',
      data: page.map((model) => modelView(state, model)),
      metadata: { timestamp: new Date().toISOString(), has_more: last + 1 + limit < own.length },
    };
    return { status: 200, body: envelope, changes: [] };
  };
}

function deleteModel(state: SandboxState, request: ApiRequest): Conclusion {
  return () => {
    const { id } = findModel(state, request);
    return { status: 204, modelId: id, changes: [{ type: 'model-deleted', modelId: id }] };
  };
}

/** A model is trained once; after a failure it may be tried again [assumed]. */
function untrainedModel(state: SandboxState, request: ApiRequest): Model {
  const model = findModel(state, request);
  const { status } = state.progressOf(model);
  if (status === 'created' || status === 'failed') return model;
  throw parameterInvalid('id', `The model is ${status} and cannot be trained again: create another.`);
}
