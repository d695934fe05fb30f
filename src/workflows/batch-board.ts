/**
 * What the outside sees of a batch: the query, the search attributes, the Web UI's details. Counts and the last failures,
 * whatever the number of items. Search attributes change with the stage only, since each change is an event.
 */
import { type ApplicationFailure, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { PlannedBatch } from '../activities/plan-batch.js';
import type { BatchRequest } from '../contract/batch.js';
import type {
  BatchCounts,
  BatchResult,
  BatchStage,
  BatchStatus,
  FailedItem,
  ItemOutcome,
} from '../contract/batch-results.js';
import { makeFailure } from '../contract/make-failure.js';
import { SEARCH_ATTRIBUTES } from '../contract/messages.js';
import { cutToBytes } from '../contract/text.js';
import { letBatchBeSteered } from './batch-controls.js';
import { describeBatch } from './batch-details.js';

/** What the next run goes on from. */
export interface BoardState {
  stage: BatchStage;
  atOnce: number;
  entered: BatchStatus['entered'];
  items: number;
  /** Done by the batch that this one retries. */
  doneBefore: number;
  done: number;
  failed: number;
  cancelled: number;
  rows: number;
  rowsDone: number;
  itemsOfUnknownRows: number;
  requests: number;
  requestsAtLeast?: number;
  budgetMs?: number;
  first: FailedItem[];
  last: FailedItem[];
  cancelReason?: string;
}

export type BatchBoard = ReturnType<typeof openBatchBoard>;

const FAILURES_SHOWN = 10;
/** A rate from fewer items says nothing. */
const ITEMS_TO_TELL_RATE = 3;
/** The first of fifty faults, in the failure of the batch; the query has them all. */
const FAULTS_TOLD = 5;
const FAULTS_BYTES_MAX = 1_500;

export function openBatchBoard({ policy, deadline }: BatchRequest, from?: BoardState) {
  const state: BoardState = structured(from ?? { ...NOTHING_YET, atOnce: policy.atOnce });
  let running = 0;
  let faults: string[] | undefined;

  const counts = (): BatchCounts => {
    const { items, doneBefore, done, failed, cancelled } = state;
    const ended = doneBefore + done + failed + cancelled;
    return { items, done: doneBefore + done, failed, cancelled, running, waiting: items - ended - running };
  };
  const status = (): BatchStatus => {
    const { stage, atOnce, entered, rows, rowsDone, itemsOfUnknownRows, requests, last } = state;
    const { requestsAtLeast, budgetMs } = state;
    const end = expectedEnd();
    return {
      stage,
      entered,
      counts: counts(),
      rowsDone,
      rows,
      itemsOfUnknownRows,
      requests,
      ...(requestsAtLeast === undefined ? {} : { requestsAtLeast }),
      ...(budgetMs === undefined ? {} : { budgetSeconds: Math.ceil(budgetMs / 1_000) }),
      atOnce,
      ...(end === undefined ? {} : { expectedEnd: end }),
      ...(deadline === undefined ? {} : { deadline }),
      failures: last,
      ...(faults === undefined ? {} : { faults }),
    };
  };
  /** If it goes on as it has so far. */
  const expectedEnd = (): string | undefined => {
    const { done, failed, cancelled, entered, stage } = state;
    const ended = done + failed + cancelled;
    const began = entered.find((one) => one.stage === 'running');
    if (stage.stage !== 'running' || began === undefined || ended < ITEMS_TO_TELL_RATE) return undefined;
    const perItemMs = (Date.now() - Date.parse(began.at)) / ended;
    const left = counts().waiting + running;
    return new Date(Date.now() + perItemMs * left).toISOString();
  };
  const publish = (): void => setCurrentDetails(describeBatch(status(), Date.now()));

  letBatchBeSteered({
    status,
    setAtOnce(count) {
      state.atOnce = count;
      publish();
    },
    cancelledBecause(reason) {
      state.cancelReason = reason;
    },
  });

  return {
    counts,
    atOnce: () => state.atOnce,

    enter(stage: BatchStage['stage'], why?: string, code?: string): void {
      const message = stage === 'cancelled' ? state.cancelReason : why;
      state.stage = { stage, ...(message === undefined ? {} : { message }) };
      state.entered.push({ stage, at: new Date().toISOString() });
      upsertSearchAttributes([
        { key: SEARCH_ATTRIBUTES.stage, value: stage },
        ...(code === undefined ? [] : [{ key: SEARCH_ATTRIBUTES.failureCode, value: code }]),
      ]);
      publish();
    },

    planned({ count, countToRun, rows, itemsOfUnknownRows, accounts, ...needs }: PlannedBatch): void {
      const { requestsAtLeast, budgetMs } = needs;
      Object.assign(state, { items: count, doneBefore: count - countToRun, rows, itemsOfUnknownRows });
      if (requestsAtLeast !== undefined) Object.assign(state, { requestsAtLeast, budgetMs });
      const [account] = accounts;
      upsertSearchAttributes([
        { key: SEARCH_ATTRIBUTES.rows, value: rows },
        ...(accounts.length !== 1 ? [] : [{ key: SEARCH_ATTRIBUTES.account, value: account ?? '' }]),
      ]);
    },

    /** @returns the failure that the batch ends with */
    faulty(shown: string[], count: number): ApplicationFailure {
      faults = shown;
      const rest =
        count > FAULTS_TOLD ? `; and ${count - FAULTS_TOLD} more (the query \`status\` has ${shown.length})` : '';
      const told = cutToBytes(shown.slice(0, FAULTS_TOLD).join('; '), FAULTS_BYTES_MAX);
      return makeFailure({
        message: `The manifest has ${count} ${count === 1 ? 'fault' : 'faults'}, and nothing was started: ${told}${rest}.`,
        nonRetryable: true,
        details: { code: 'manifest_invalid', param: 'manifest.uri' },
      });
    },

    running(count: number): void {
      running = count;
      publish();
    },

    settled({ name, rows }: { name: string; rows?: number | undefined }, outcome: ItemOutcome): void {
      running -= 1;
      state[outcome.status] += 1;
      state.requests += outcome.requests ?? 0;
      state.rowsDone += outcome.output?.rows ?? 0;
      // A table whose rows nobody knew has told them by its output.
      if (outcome.output !== undefined && rows === undefined) {
        state.rows += outcome.output.rows;
        state.itemsOfUnknownRows -= 1;
      }
      if (outcome.status === 'failed' && outcome.error !== undefined) {
        const failed = { name, ...outcome.error };
        if (state.first.length < FAILURES_SHOWN) state.first.push(failed);
        state.last = [failed, ...state.last].slice(0, FAILURES_SHOWN);
      }
      publish();
    },

    /** Nothing more is begun, and why. */
    stops(message: string): void {
      state.stage = { ...state.stage, message };
      publish();
    },

    state: (): BoardState => state,
    result: (output: BatchResult['output']): BatchResult => ({
      counts: counts(),
      rows: state.rowsDone,
      requests: state.requests,
      output,
      failures: state.first,
    }),
  };
}

const NOTHING_YET: Omit<BoardState, 'atOnce'> = {
  stage: { stage: 'preparing' },
  entered: [],
  items: 0,
  doneBefore: 0,
  done: 0,
  failed: 0,
  cancelled: 0,
  rows: 0,
  rowsDone: 0,
  itemsOfUnknownRows: 0,
  requests: 0,
  first: [],
  last: [],
};

/** A copy that may be changed. */
const structured = (state: BoardState): BoardState => JSON.parse(JSON.stringify(state)) as BoardState;
