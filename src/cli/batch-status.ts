/**
 * `dxo batch status`: how far a batch is, or how it ended, and what failed and why. An ended batch is told from its
 * manifest of outputs where this machine has it: that has every item, the batch itself only its last failures.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { JobNotFoundError, OrchestratorUnavailableError } from '../client/errors.js';
import type { JobHandle } from '../client/job-handle.js';
import {
  type BatchResult,
  type BatchStatus,
  type FailedItem,
  itemErrorSchema,
  itemResultSchema,
} from '../contract/batch-results.js';
import { memoOfBatch } from './batch-memo.js';
import { failureTable, renderBatch } from './batch-print.js';
import { pathOf } from './check-input.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { openSessionForJobs } from './session.js';
import { print, printJson } from './terminal.js';

/** A terminal is no place for more; the manifest of outputs has them all. */
const FAILURES_SHOWN = 50;

/** @throws JobNotFoundError, InvalidRequestError where it is no batch */
export async function showBatch(id: string, { json }: { json?: true }): Promise<ExitCode> {
  const session = await openSessionForJobs(process.cwd(), process.env);
  if (session === undefined) throw new JobNotFoundError(id);
  try {
    const handle = await session.client.getHandle<BatchResult, BatchStatus>(id);
    const { memo, description } = await memoOfBatch(session.client.temporal, id);
    const status = await statusOf(handle);
    const isRunning = description.status === 'RUNNING';
    const results = isRunning || memo === undefined ? undefined : await readResults(pathOf(memo.request.output.uri));
    const failures = results?.failures ?? status?.failures ?? [];
    if (json) {
      printJson({ ...description, ...status, failures, ...(results === undefined ? {} : { results: results.counts }) });
      return EXIT.done;
    }
    print(`${id}  batch  ${description.status.toLowerCase()}`);
    if (status !== undefined) print(renderBatch({ ...status, failures: [] }, Date.now()).join('\n'));
    else if (results === undefined) print('  no worker answers, so its counts are not known');
    if (results !== undefined && status === undefined) print(`  ${describeResults(results.counts)}`);
    for (const fault of status?.faults ?? []) print(`  ${fault}`);
    if (failures.length > 0) print(`\n${failureTable(failures.slice(0, FAILURES_SHOWN))}`);
    if (failures.length > FAILURES_SHOWN) print(`and ${failures.length - FAILURES_SHOWN} more in ${results?.path}`);
    const isToRetry = results !== undefined && results.counts.done !== results.items;
    if (isToRetry) print(`\nretry the rest: dxo batch retry ${id}`);
    return EXIT.done;
  } finally {
    await session.close();
  }
}

async function statusOf(handle: JobHandle<BatchResult, BatchStatus>): Promise<BatchStatus | undefined> {
  try {
    return await handle.status();
  } catch (error) {
    if (error instanceof OrchestratorUnavailableError) return undefined;
    throw error;
  }
}

type ResultCounts = Record<'done' | 'failed' | 'cancelled' | 'not_run', number>;

interface Results {
  path: string;
  items: number;
  counts: ResultCounts;
  failures: FailedItem[];
}

/** Undefined where it is not on this machine, or is not what a batch wrote. */
async function readResults(path: string): Promise<Results | undefined> {
  const results: Results = { path, items: 0, counts: { done: 0, failed: 0, cancelled: 0, not_run: 0 }, failures: [] };
  try {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      const { name, status, error } = itemResultSchema.parse(JSON.parse(line));
      results.items += 1;
      results.counts[status] += 1;
      if (status === 'failed') results.failures.push({ name, ...itemErrorSchema.parse(error) });
    }
    return results;
  } catch {
    return undefined;
  }
}

const describeResults = ({ done, failed, cancelled, not_run }: ResultCounts): string =>
  `${done} done, ${failed} failed, ${cancelled} cancelled, ${not_run} not run`;
