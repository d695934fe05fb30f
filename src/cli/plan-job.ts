/**
 * Does what a job does before its first request (activities/prepare-training.ts), in this process, and counts what would
 * follow. The bodies are made by the functions that the worker uses, from the seeds that a job with the request's `seed`
 * has; without one a job draws its own, and thresholds, fills and batches come out otherwise.
 */
import { encodeTable } from '../activities/prepare-training.js';
import { budgetTimeMs } from '../contract/budget-time.js';
import { type Chunk, planChunks, seedOfChunk } from '../contract/chunks.js';
import { trialsOf } from '../contract/given-table.js';
import { seedOf } from '../contract/keys.js';
import type { SynthesizeRequest } from '../contract/requests.js';
import {
  type Analysis,
  type Conditions,
  createBody,
  fixedValuesText,
  type GivenCodes,
  generateBody,
  initTrainingBody,
  Random,
} from '../table/index.js';
import { subColumnsOfFeature } from '../table/sub-columns.js';
import { type BudgetNeed, budgetNeedOf, type KnownAllowance } from './budget-need.js';
import { accessOf } from './check-input.js';
import { describeLeaving, type Leaving } from './describe-leaving.js';
import { type Bodies, openPayloadFolder, writePayload } from './write-payload.js';

export interface PlannedColumn {
  column: string;
  type: string;
  encoding: string;
  why: string;
  subColumns: { name: string; codes: number }[];
}

export interface Plan {
  table: string;
  rowsTrained: number;
  rowsGenerated: number;
  columns: PlannedColumn[];
  leaving: Leaving;
  /** Bodies of the requests that carry data. */
  bytes: { create: number; initTraining: number; generate: number };
  requests: {
    create: 1;
    initTraining: 1;
    train: 1;
    generate: number;
    delete: 1;
    /** Without looks at the training, which all jobs of an account share. */
    total: number;
  };
  /** How long the request budget takes to let them go; without the looks. */
  budget: BudgetNeed;
  /** Generated rows that the monthly quota is charged with. */
  quotaRows: number;
  warnings: string[];
  /** The folder the bodies were written to. */
  payload?: string;
}

/** @throws InputError for what is wrong with the table or the request */
export async function planJob(
  request: SynthesizeRequest,
  allowance: KnownAllowance,
  payload: string | undefined,
): Promise<Plan> {
  const folder = payload === undefined ? undefined : await openPayloadFolder(payload);
  const { table, columns, generation, policy } = request;
  const seed = request.model.seed ?? request.seed;
  const model = seed === undefined ? request.model : { ...request.model, seed };
  const seedOfPlan = seed ?? seedOf(UNSEEDED, 'prepare');
  const { analysis, codes, conditions } = await encodeTable(
    { table, columns, model, generation, seed: seedOfPlan },
    accessOf({ table, generation }),
  );
  const rows = conditions?.given.rows ?? generation.n_samples ?? analysis.rows;
  const trials = trialsOf(generation);
  const bodies: Bodies = {
    create: () => createBody(analysis, codes, model).chunks(),
    initTraining: () => initTrainingBody(analysis, codes, model, new Random(seedOf(seedOfPlan, 'batches'))),
    generate: planChunks(rows, policy.rowsPerChunk, trials).flatMap((chunk) =>
      Array.from({ length: trials }, (_, trial) => () => {
        const chunkSeed = seedOfChunk(generation.seed ?? request.seed, chunk.index, trial);
        return generateBody(analysis, {
          rows: chunk.rows,
          model,
          generation,
          ...(chunkSeed === undefined ? {} : { seed: chunkSeed }),
          ...(conditions === undefined ? {} : { given: givenCodesOf(conditions, chunk) }),
        }).chunks();
      }),
    ),
  };
  const bytes = await writePayload(folder, bodies, codes);
  const requests = requestsOf(bodies.generate.length);
  return {
    table: table.uri,
    rowsTrained: analysis.rows,
    rowsGenerated: rows,
    columns: columnsOf(analysis),
    leaving: describeLeaving(analysis, model, conditions !== undefined),
    bytes,
    requests,
    budget: budgetNeedOf(budgetTimeMs(requests.total, allowance), allowance),
    quotaRows: rows * trials,
    warnings: warningsOf(analysis, seed),
    ...(folder === undefined ? {} : { payload: folder }),
  };
}

function givenCodesOf(conditions: Conditions, { firstRow, rows }: Chunk): GivenCodes {
  return {
    columns: conditions.given.columns.map(({ name }) => name),
    imputed: conditions.imputed,
    fixedValues: [...fixedValuesText(conditions, firstRow, rows)].join(''),
  };
}

/** Stands for the id that a job without a seed draws from. */
const UNSEEDED = { namespace: 'plan', workflowId: 'plan', firstExecutionRunId: 'plan' };

function columnsOf(analysis: Analysis): PlannedColumn[] {
  return analysis.features.map(({ name, sourceType, stats, reason }) => ({
    column: name,
    type: sourceType,
    encoding: stats.encoding,
    why: reason,
    subColumns: subColumnsOfFeature(name, stats).map(({ sub, cardinality }) => ({ name: sub, codes: cardinality })),
  }));
}

function requestsOf(chunks: number): Plan['requests'] {
  return {
    create: 1,
    initTraining: 1,
    train: 1,
    generate: chunks,
    delete: 1,
    total: 4 + chunks,
  };
}

function warningsOf({ warnings }: Analysis, seed: number | undefined): string[] {
  return seed === undefined
    ? [...warnings, 'No --seed: a job draws its own, so rare thresholds, fills and batches will differ from this plan.']
    : warnings;
}
