/** `dxo batch plan`: a manifest checked, and what its batch asks of the API. Starts and sends nothing. */
import { resolve } from 'node:path';
import { type BatchItem, type BatchKind, quotaRowsOf } from '../contract/batch.js';
import { planChunks } from '../contract/chunks.js';
import { trialsOf } from '../contract/given-table.js';
import { generateRequestSchema, synthesizeRequestSchema } from '../contract/requests.js';
import { itemsOf } from './batch-manifest.js';
import { type BatchFlags, batchRequestOf } from './batch-request.js';
import { describeDuration, print, printJson } from './terminal.js';

/** The API takes so many requests a minute from an organization [doc]. */
const REQUESTS_PER_MINUTE = 60;
const MINUTE_MS = 60_000;
/** Create, upload, train. Looks at the training come on top, and the delete where the model is not kept. */
const REQUESTS_TO_TRAIN = 3;

export interface PlanOfBatch {
  manifest: string;
  kind: BatchKind;
  items: number;
  /** Rows of the items that say how many they ask for. */
  rows: number;
  /** Those rows as the quota counts them: each trial of imputing asks for all of them. */
  quotaRows: number;
  /** Items that ask for as many rows as their table has: it is not opened here. */
  itemsOfUnknownRows: number;
  /** Without the looks at trainings, whose number is the trainings'. */
  requestsAtLeast: number;
  /** How long the budget of 60 requests a minute takes to let them through. */
  budgetMinutes: number;
}

/** @throws InvalidRequestError that lists the faults of the manifest */
export async function planBatchHere(manifest: string, flags: BatchFlags, folder: string): Promise<void> {
  // Nothing is written, so any name will do.
  const request = await batchRequestOf(manifest, { ...flags, output: resolve(folder, 'results.jsonl') }, folder);
  const plan = planOf(await itemsOf(request), request.kind, request.manifest.uri);
  if (flags.json) printJson(plan);
  else print(describePlan(plan));
}

function planOf(items: readonly BatchItem[], kind: BatchKind, manifest: string): PlanOfBatch {
  const rows = items.reduce((sum, item) => sum + (item.rows ?? 0), 0);
  const requestsAtLeast = items.reduce((sum, item) => sum + requestsOf(item, kind), 0);
  return {
    manifest,
    kind,
    items: items.length,
    rows,
    quotaRows: items.reduce((sum, item) => sum + quotaRowsOf(item), 0),
    itemsOfUnknownRows: items.filter((item) => item.rows === undefined).length,
    requestsAtLeast,
    budgetMinutes: Math.ceil(requestsAtLeast / REQUESTS_PER_MINUTE),
  };
}

function requestsOf({ request, rows }: BatchItem, kind: BatchKind): number {
  const schema = kind === 'generate' ? generateRequestSchema : synthesizeRequestSchema;
  const { policy, generation } = schema.parse(request);
  const trials = trialsOf(generation);
  const chunks = rows === undefined ? 1 : planChunks(rows, policy.rowsPerChunk, trials).length;
  return (kind === 'generate' ? 0 : REQUESTS_TO_TRAIN) + chunks * trials + (policy.keepModel ? 0 : 1);
}

function describePlan({
  manifest,
  kind,
  items,
  quotaRows,
  itemsOfUnknownRows,
  requestsAtLeast,
  budgetMinutes,
}: PlanOfBatch): string {
  const looks = kind === 'generate' ? '' : ', and looks at the trainings';
  const unknown = itemsOfUnknownRows === 0 ? '' : `, and those of ${itemsOfUnknownRows} items that say no n_samples`;
  return [
    `${manifest}: ${items} items to ${kind}, nothing wrong with it`,
    `Requests   ${requestsAtLeast} at least${looks}`,
    `Budget     ${describeDuration(budgetMinutes * MINUTE_MS)} of 60 requests a minute`,
    `Quota      ${quotaRows} rows${unknown}`,
  ].join('\n');
}
