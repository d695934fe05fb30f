/**
 * Many jobs from one manifest: read and check it whole, then run its items in a sliding window, each as a child workflow
 * that is a job like any other, and at the end write what each came to. An item that fails does not end the batch unless
 * its policy says so; what would make every other item fail as well (quota, key) does.
 * History stays short however many items there are: the batch goes on in a new run (continue-as-new) every few hundred items,
 * with its window full. Outcomes are kept as artifacts, so that a cancelled or failed batch still has its manifest of
 * outputs, and a retry runs just the rest.
 * Not here: the window (batch-window.ts), one item (batch-item.ts), what the outside sees (batch-board.ts).
 */
import {
  CancellationScope,
  CancelledFailure,
  continueAsNew,
  isCancellation,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { PlannedBatch } from '../activities/plan-batch.js';
import { type BatchRequest, batchRequestSchema } from '../contract/batch.js';
import { BATCH_MEMO_KEY, type BatchMemo, type BatchResult } from '../contract/batch-results.js';
import { MESSAGE_BYTES_MAX } from '../contract/limits.js';
import { makeFailure } from '../contract/make-failure.js';
import { cutToBytes } from '../contract/text.js';
import { type BatchBoard, type BoardState, openBatchBoard } from './batch-board.js';
import { type Ledger, type LedgerState, openLedger } from './batch-ledger.js';
import { runWindow, type Stop, type WindowState } from './batch-window.js';
import { explain, failureOf } from './explain.js';
import { parseRequest } from './parse-request.js';
import { scheduledTime } from './scheduled-time.js';
import { dataStep } from './steps.js';

/** What one run hands to the next. Its size follows from the window, not from the number of items. */
export interface CarriedOver {
  planned: PlannedBatch;
  window: WindowState;
  ledger: LedgerState;
  board: BoardState;
}

/** @param carriedOver from the run before, where the batch goes on */
export async function batch(input: unknown, carriedOver?: CarriedOver): Promise<BatchResult> {
  const request = parseRequest(batchRequestSchema, input);
  const board = openBatchBoard(request, carriedOver?.board);
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const group = `${workflowId}/${firstExecutionRunId}`;

  const planned = carriedOver?.planned ?? (await plan(request, group, board));
  const keep = (outcomes: LedgerState['newest']): void =>
    keepForRetry(request, { items: planned.items, ...(outcomes === undefined ? {} : { outcomes }) });
  const ledger = openLedger(group, carriedOver?.ledger ?? { newest: request.retryOf?.outcomes, unrecorded: [] }, {
    onRecorded: keep,
  });
  if (carriedOver === undefined) keep(request.retryOf?.outcomes);

  const end = await runWindow({ request, planned, board, ledger, from: carriedOver?.window });
  if (end.goesOn !== undefined) {
    return continueAsNew<typeof batch>(request, {
      planned,
      window: end.goesOn,
      ledger: ledger.state(),
      board: board.state(),
    });
  }
  return CancellationScope.nonCancellable(() => conclude({ request, group, planned, board, ledger, stop: end.stop }));
}

function keepForRetry(request: BatchRequest, artifacts: Omit<BatchMemo, 'request'>): void {
  const { defaults: _, retryOf: __, ...rest } = request;
  upsertMemo({ [BATCH_MEMO_KEY]: { request: rest, ...artifacts } satisfies BatchMemo });
}

/** @throws ApplicationFailure request_invalid, batch_over_quota, what the activity said, or the cancel */
async function plan(request: BatchRequest, group: string, board: BatchBoard): Promise<PlannedBatch> {
  board.enter('preparing');
  try {
    const { at, by } = scheduledTime();
    const answer = await dataStep('read and check the manifest').planBatch({
      group,
      request,
      scheduledAt: at.toISOString(),
      schedule: by,
    });
    if ('faults' in answer) throw board.faulty(answer.faults, answer.faultCount);
    const { planned } = answer;
    checkQuota(request, planned);
    board.planned(planned);
    return planned;
  } catch (error) {
    if (isCancellation(error)) {
      board.enter('cancelled');
      throw error;
    }
    const failure = explain(error);
    board.enter('failed', failure.message, failureOf(failure)?.code);
    throw failure;
  }
}

/** Before the first request: a quota that ends in the middle leaves half of the outputs. */
function checkQuota({ policy }: BatchRequest, planned: PlannedBatch): void {
  const { quotaRows } = policy;
  const { quotaRows: rows = planned.rows, itemsOfUnknownRows } = planned;
  if (quotaRows === undefined || rows <= quotaRows) return;
  const unknown = itemsOfUnknownRows === 0 ? '' : `, and ${itemsOfUnknownRows} items do not say how many`;
  throw makeFailure({
    message: `The batch asks for ${rows} rows of quota${unknown}; ${quotaRows} are left by policy.quotaRows: ${rows - quotaRows} too many. Nothing was started. Ask for less, split the batch, or raise the quota.`,
    nonRetryable: true,
    details: { code: 'batch_over_quota', param: 'policy.quotaRows' },
  });
}

interface Ending {
  request: BatchRequest;
  group: string;
  planned: PlannedBatch;
  board: BatchBoard;
  ledger: Ledger;
  /** Why not all items were run. */
  stop: Stop | undefined;
}

/** Writes down what was done, whatever ended the batch. */
async function conclude({ request, group, planned, board, ledger, stop }: Ending): Promise<BatchResult> {
  board.enter('assembling', stop?.message);
  try {
    await ledger.flush();
    const { newest } = ledger.state();
    const output = await dataStep('write the manifest of outputs').writeBatchResults({
      group,
      items: planned.items,
      outcomes: newest,
      output: request.output,
    });
    const result = board.result(output);
    if (stop !== undefined)
      throw stop.isCancel ? new CancelledFailure('The batch was cancelled.') : stopped(stop, result);
    // With nothing left to retry, nobody needs the items any more.
    if (result.counts.done === result.counts.items) {
      keepForRetry(request, {});
      await dataStep('remove the intermediate artifacts').discardArtifacts({ groups: [group] });
    }
    board.enter('done');
    return result;
  } catch (error) {
    if (error instanceof CancelledFailure) {
      board.enter('cancelled');
      throw error;
    }
    const failure = explain(error);
    board.enter('failed', failure.message, failureOf(failure)?.code);
    throw failure;
  }
}

function stopped({ code, message }: Stop, { counts, output }: BatchResult): Error {
  const { done, items, failed } = counts;
  const left = items - done - failed;
  return makeFailure({
    message: cutToBytes(
      `${message} ${done} of ${items} items are done, ${failed} failed, ${left} were not run or cancelled; ${output.uri} has each. \`dxo batch retry\` runs the rest.`,
      MESSAGE_BYTES_MAX * 2,
    ),
    nonRetryable: true,
    details: { code },
  });
}
