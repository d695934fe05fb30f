/** A request budget as lines for people. Pure: the clock is an argument. */
import type { Budget } from '../client/read-budget.js';
import {
  type BudgetState,
  type Leaving,
  type QuotaState,
  REQUEST_KINDS,
  type RequestKind,
} from '../contract/budget.js';
import { PRIORITY_MAX } from '../contract/limits.js';
import { alignedTable, describeDuration } from './terminal.js';

const BAR_CELLS = 30;
const NEXT_LINES = 10;
/** It is told each second; what is older is from a worker that hangs or was killed. */
const TOLD_MS_MAX = 5_000;

export function renderBudget({ account, spender, state }: Budget, nowMs: number): string {
  if (state === undefined) {
    return `account ${account}: nobody spends its budget. Is the name one of the workers' accounts, and does a worker run (\`dxo doctor\`)?`;
  }
  const ours = stillIn(state.ours, nowMs);
  const others = stillIn(state.others, nowMs);
  const cells = (count: number): number => Math.min(BAR_CELLS, Math.round((count / state.limit) * BAR_CELLS));
  const bar = `${'#'.repeat(cells(ours))}${'o'.repeat(cells(ours + others) - cells(ours))}`.padEnd(BAR_CELLS, '.');
  return [
    `account ${account}, spent by ${spender ?? 'nobody just now'}${describeAge(state, nowMs)}`,
    `[${bar}] ${describeUse(state, nowMs)}`,
    describeTraffic(state),
    ...(state.silentUntilMs > nowMs ? [`the API has asked for silence until ${clockOf(state.silentUntilMs)} UTC`] : []),
    ...(state.quota === undefined ? [] : [describeQuota(state.quota)]),
    ...waitingLines(state),
    ...(state.next.length === 0
      ? []
      : [
          alignedTable([
            ['NEXT (UTC)', 'FOR', 'JOB'],
            ...state.next.slice(0, NEXT_LINES).map(({ at, kind, job }) => [clockOf(Date.parse(at)), kind, job]),
          ]),
          ...moreLines(state),
        ]),
  ].join('\n');
}

function describeAge({ at }: BudgetState, nowMs: number): string {
  const ageMs = nowMs - Date.parse(at);
  return ageMs > TOLD_MS_MAX ? `, who told this ${describeDuration(ageMs)} ago` : '';
}

function moreLines({ waiting }: BudgetState): string[] {
  const rest = Object.values(waiting).reduce((sum, count) => sum + count, 0) - NEXT_LINES;
  return rest > 0 ? [`… and ${rest} more`] : [];
}

/** A row for each kind, a column for each priority. */
function waitingLines({ waitingByPriority = [] }: BudgetState): string[] {
  const kinds = REQUEST_KINDS.filter((kind) => waitingByPriority.some((one) => one.kind === kind));
  if (kinds.length === 0) return [];
  const priorities = Array.from({ length: PRIORITY_MAX }, (_, index) => index + 1);
  const cell = (kind: RequestKind, priority: number): string =>
    String(waitingByPriority.find((one) => one.kind === kind && one.priority === priority)?.count ?? '.');
  return [
    alignedTable([
      ['WAITING', ...priorities.map((priority) => `PRIORITY ${priority}`)],
      ...kinds.map((kind) => [kind, ...priorities.map((priority) => cell(kind, priority))]),
    ]),
  ];
}

/** One line: used of the limit, others' part, who waits. */
export function describeBudget(state: BudgetState, nowMs = Date.parse(state.at)): string {
  return `${describeUse(state, nowMs)}, ${describeTraffic(state)}`;
}

function describeUse({ limit, windowMs, ...state }: BudgetState, nowMs: number): string {
  const others = stillIn(state.others, nowMs);
  const used = `${stillIn(state.ours, nowMs)} of ${limit} requests in the last ${windowMs / 1_000} s`;
  return others === 0 ? used : `${used}, and ${others} by others`;
}

function describeTraffic({ waiting, sent, refused }: BudgetState): string {
  const kinds = REQUEST_KINDS.filter((kind) => (waiting[kind] ?? 0) > 0).map((kind) => `${waiting[kind]} ${kind}`);
  return `${kinds.length === 0 ? 'nobody waits' : `waiting: ${kinds.join(', ')}`}, ${sent} sent, ${refused} refused`;
}

/** One line: rows used of the limit, and what jobs that have begun will still need. */
function describeQuota({ limit, used, reserved, reservedBy, resetsAtMs }: QuotaState): string {
  const resets = `resets ${new Date(resetsAtMs).toISOString().slice(0, 10)}`;
  return [
    limit === undefined
      ? 'quota  not known: no 402 has told it, and DATAXID_QUOTA_ROWS is not set'
      : `quota  ${rowsOf(used)} of ${rowsOf(limit)} rows used`,
    ...(reservedBy === 0
      ? []
      : [`${rowsOf(reserved)} reserved by ${rowsOf(reservedBy)} ${reservedBy === 1 ? 'job' : 'jobs'}`]),
    ...(limit === undefined ? [] : [resets]),
  ].join(', ');
}

/** `10 000`. */
function rowsOf(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
}

function stillIn(leaving: readonly Leaving[], nowMs: number): number {
  return leaving.reduce((sum, [atMs, count]) => (atMs > nowMs ? sum + count : sum), 0);
}

function clockOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 19);
}
