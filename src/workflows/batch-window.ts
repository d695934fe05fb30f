/**
 * The sliding window: as many items under way as the policy allows, the next one as soon as one has ended, until all are
 * run, something ends the batch, or the history is long enough. Then the items under way are handed to the next run
 * as they are. Progress is a position and the window, never a list of items.
 */
import {
  ActivityFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import type { PlannedBatch } from '../activities/plan-batch.js';
import { type BatchRequest, failuresAllowed } from '../contract/batch.js';
import type { ItemOutcome } from '../contract/batch-results.js';
import { policyOf } from '../contract/errors.js';
import type { BatchBoard } from './batch-board.js';
import { type ItemUnderWay, runItem } from './batch-item.js';
import type { Ledger } from './batch-ledger.js';
import { openPages } from './batch-pages.js';
import { explain, failureOf } from './explain.js';

export interface WindowState {
  /** Position of the next item to begin. */
  next: number;
  underWay: ItemUnderWay[];
}

/** Why nothing more is begun. */
export interface Stop {
  code: string;
  message: string;
  /** What is under way is cancelled too, not waited for. */
  cancels: boolean;
  /** Somebody asked for it. */
  isCancel?: boolean;
}

export type WindowEnd = { goesOn: WindowState } | { goesOn?: undefined; stop: Stop | undefined };

export interface WindowInput {
  request: BatchRequest;
  planned: PlannedBatch;
  board: BatchBoard;
  ledger: Ledger;
  from: WindowState | undefined;
}

/** About 9 history events an item: 4 500, where Temporal warns at 10 240 and suggests to go on anew at 4 096. */
const ITEMS_PER_RUN = 500;

export async function runWindow({ request, planned, board, ledger, from }: WindowInput): Promise<WindowEnd> {
  const { policy, deadline, kind } = request;
  const { workflowId } = workflowInfo();
  const outer = CancellationScope.current();
  const scope = new CancellationScope();
  const underWay = new Map<number, ItemUnderWay>();
  let next = from?.next ?? 0;
  let begun = 0;
  const pages = openPages(planned);
  let stop: Stop | undefined;
  let fault: { error: unknown } | undefined;

  const isOver = (): boolean => stop !== undefined || fault !== undefined;
  const halt = (reason: Stop): void => {
    stop ??= reason;
    board.stops(stop.message);
    if (reason.cancels) scope.cancel();
  };

  const begin = (item: ItemUnderWay): void => {
    underWay.set(item.position, item);
    runItem(item, { batchId: workflowId, kind, attempts: policy.attempts, deadline, requestOf: pages.requestOf })
      .then((outcome) => settle(item, outcome))
      .catch((error: unknown) => {
        underWay.delete(item.position);
        giveUp(error);
      });
  };
  /** A step of the batch itself failed: it ends, and says why. Anything else is a fault of this code. */
  const giveUp = (error: unknown): void => {
    if (!(error instanceof ActivityFailure)) fault ??= { error };
    else halt({ code: failureOf(explain(error))?.code ?? '', message: explain(error).message, cancels: true });
  };
  const settle = (item: ItemUnderWay, outcome: ItemOutcome): void => {
    underWay.delete(item.position);
    board.settled(item, outcome);
    const reason = reasonToStop(outcome, { failed: board.counts().failed, policy, accounts: planned.accounts });
    if (reason !== undefined) halt(reason);
    ledger.add(outcome).catch(giveUp);
  };

  const slide = async (): Promise<boolean> => {
    if (from === undefined) board.enter('running');
    for (const item of from?.underWay ?? []) begin(item);
    board.running(underWay.size);
    while (next < planned.countToRun && !isOver()) {
      if (underWay.size >= board.atOnce()) {
        await condition(() => underWay.size < board.atOnce() || isOver());
      } else if (deadline !== undefined && Date.parse(deadline) <= Date.now()) {
        halt(DEADLINE_OVER);
      } else if (begun >= ITEMS_PER_RUN || workflowInfo().continueAsNewSuggested) {
        // A job that is only being started could not be found again.
        await condition(() => fault !== undefined || ![...underWay.values()].some((item) => item.isBeingStarted));
        await condition(allHandlersFinished);
        if (!isOver()) return true;
      } else {
        const { index, name, rows } = await pages.itemAt(next);
        if (isOver()) break;
        begin({ position: next, index, name, rows, attempt: 1 });
        next += 1;
        begun += 1;
        board.running(underWay.size);
      }
    }
    await condition(() => underWay.size === 0 || fault !== undefined);
    return false;
  };

  const goesOn = await scope.run(slide).catch((error: unknown) => {
    if (!isCancellation(error)) giveUp(error);
    else if (outer.consideredCancelled)
      halt({ code: 'cancelled', message: 'Cancelled.', cancels: true, isCancel: true });
    return false;
  });
  if (goesOn) return { goesOn: { next, underWay: [...underWay.values()] } };
  await CancellationScope.nonCancellable(() => condition(() => underWay.size === 0 || fault !== undefined));
  if (fault !== undefined) throw fault.error;
  return { stop };
}

const DEADLINE_OVER: Stop = {
  code: 'deadline_exceeded',
  message: 'The deadline of the batch is over.',
  cancels: false,
};

/** What ends the batch: more failures than it may have, or one that every other item would meet as well. */
function reasonToStop(
  { status, error }: ItemOutcome,
  { failed, policy, accounts }: { failed: number; policy: BatchRequest['policy']; accounts: readonly string[] },
): Stop | undefined {
  if (status !== 'failed' || error === undefined) return undefined;
  const isOfAccount =
    policyOf({ ...error, statusCode: error.status }).action === 'hold' || error.status === UNAUTHORIZED;
  if (isOfAccount && accounts.length === 1) {
    return { code: error.code, message: `No other item could succeed either: ${error.message}`, cancels: false };
  }
  if (failed <= failuresAllowed(policy)) return undefined;
  return {
    code: 'batch_failed',
    message:
      policy.onFailure === 'fail-fast'
        ? 'An item failed, and the batch fails fast (policy.onFailure).'
        : `${failed} items failed, more than policy.maxFailures allows (${policy.maxFailures}).`,
    cancels: true,
  };
}

/** HTTP: the key was not accepted. */
const UNAUTHORIZED = 401;
