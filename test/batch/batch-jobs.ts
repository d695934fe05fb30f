/** What the tests of batches share: a kept model, a manifest on disk, a started batch, its manifest of outputs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BatchInput } from '../../src/contract/batch.js';
import type { BatchResult, BatchStatus, ItemResult } from '../../src/contract/batch-results.js';
import { WORKFLOW_QUEUE } from '../../src/contract/messages.js';
import type { TrainedModel } from '../../src/contract/requests.js';
import { JobHandle } from '../../src/index.js';
import type { Fleet } from '../support/fleet.js';
import { writeSmallTable } from '../support/small-table.js';

/** A model of a small table, which a test that asks for it deletes at its end. */
export async function trainModel(fleet: Fleet): Promise<TrainedModel> {
  const job = await fleet.client.train({ table: { uri: writeSmallTable(fleet.folder) }, seed: 1 }, { id: 'model' });
  return (await job.result()).trained;
}

/** `item-000`, … each with an output of its own below `<folder>/<batch>/`. */
export function writeManifest(fleet: Fleet, batch: string, count: number, rows = 20): string {
  const path = join(fleet.folder, `${batch}.jsonl`);
  const items = Array.from({ length: count }, (_, index) => {
    const name = `item-${String(index).padStart(3, '0')}`;
    return { name, generation: { n_samples: rows }, output: { uri: `${batch}/${name}.csv` } };
  });
  writeFileSync(path, items.map((item) => `${JSON.stringify(item)}\n`).join(''));
  return path;
}

export async function startBatch(fleet: Fleet, id: string, request: BatchInput): Promise<JobHandle<BatchResult>> {
  await fleet.client.temporal.workflow.start('batch', { workflowId: id, taskQueue: WORKFLOW_QUEUE, args: [request] });
  return new JobHandle<BatchResult>(fleet.client.temporal, id);
}

export const statusOf = (fleet: Fleet, id: string): Promise<BatchStatus> =>
  fleet.client.temporal.workflow.getHandle(id).query<BatchStatus>('status');

export function resultsOf(path: string): ItemResult[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ItemResult);
}
