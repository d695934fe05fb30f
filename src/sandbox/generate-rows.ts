/** The call that costs: rows drawn from the learned table, billed when they are answered. */
import { parameterInvalid } from './api-error.js';
import { periodOf } from './assumptions.js';
import { type ApiRequest, answered, type Conclusion, readyModel } from './call.js';
import { fixedCodesOf, fixedStepsOf, sampleOptionsOf } from './conditions.js';
import type { Model } from './events.js';
import { checkEmbedding, type GenerateBody, generateBodySchema, parseBody } from './request-bodies.js';
import { checkQuota } from './row-quota.js';
import { sampleSequences } from './sample-sequences.js';
import { sampleTable } from './sample-table.js';
import type { SandboxState } from './sandbox-state.js';
import { featureKeys, POSITION_PREFIX } from './training-data.js';

export async function generateRows(state: SandboxState, request: ApiRequest): Promise<Conclusion> {
  const model = readyModel(state, request);
  const body = parseBody(generateBodySchema, request.body);
  const size = checkEmbedding(body.embedding, model.embeddingDim, 'body.embedding');
  if (body.is_sequential !== model.isSequential) {
    throw parameterInvalid('body.is_sequential', `The model is ${model.isSequential ? '' : 'not '}sequential.`);
  }
  body.seed ??= state.newSeed(`generate ${request.sequence}`);
  const drawn = model.isSequential ? drawSequences(state, model, body, size) : drawRows(state, model, body, size);
  const { codes, rows } = await drawn(() => checkQuota(state, request.organization, size));
  return () => {
    readyModel(state, request);
    checkQuota(state, request.organization, rows);
    const columns = Object.keys(codes);
    const period = periodOf(state.clock.nowMs());
    return answered(
      200,
      'generation',
      { codes, n_rows: rows, n_cols: columns.length, columns },
      {
        modelId: model.id,
        changes: [{ type: 'rows-billed', organization: request.organization, period, rows }],
      },
    );
  };
}

interface Drawn {
  codes: Record<string, number[] | number[][]>;
  rows: number;
}
/** Parameters are checked at once; `beforeWork` refuses before any work where the rows are known. */
type Draw = (beforeWork: () => void) => Promise<Drawn>;

function drawRows(state: SandboxState, model: Model, body: GenerateBody, rows: number): Draw {
  const fixed = fixedCodesOf(model, body, rows);
  const options = sampleOptionsOf(model, body);
  return async (beforeWork) => {
    beforeWork();
    const columns = await sampleTable(await state.learnedTable(model), rows, fixed, options);
    return {
      rows,
      codes: Object.fromEntries(featureKeys(model).map((key, place) => [key, Array.from(columns[place]!)])),
    };
  };
}

function drawSequences(state: SandboxState, model: Model, body: GenerateBody, entities: number): Draw {
  const plan = {
    entities,
    lengthMax: body.seq_len_max ?? model.seqLenMax,
    keys: featureKeys(model),
    positionKeys: Object.keys(model.cardinalities).filter((key) => key.startsWith(POSITION_PREFIX)),
    fixedSteps: fixedStepsOf(model, body, entities),
  };
  const options = sampleOptionsOf(model, body);
  return async () => sampleSequences(await state.learnedTable(model), plan, options);
}
