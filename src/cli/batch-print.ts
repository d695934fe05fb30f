/** A batch for a person to read: how far it is, how it ended, what failed and why. Pure; the clock is an argument. */
import type { BatchCounts, BatchResult, BatchStatus, FailedItem } from '../contract/batch-results.js';
import { describeBudgetTime } from './budget-need.js';
import { alignedTable, describeBytes, describeDuration, print } from './terminal.js';

const BAR_CELLS = 24;
/** Of the failures that a status tells; `dxo batch status` shows them all. */
const FAILURES_IN_BLOCK = 3;
/** A message in a table; it is whole under --json. */
const MESSAGE_CHARS = 160;

export function renderBatch(status: BatchStatus, nowMs: number): string[] {
  const { stage, counts, rows, rowsDone, itemsOfUnknownRows, requests, expectedEnd, failures } = status;
  const share = counts.items === 0 ? 0 : (counts.done + counts.failed + counts.cancelled) / counts.items;
  const filled = Math.round(share * BAR_CELLS);
  const left = expectedEnd === undefined ? '' : `, about ${describeDuration(Date.parse(expectedEnd) - nowMs)} left`;
  const needs = describeBatchNeed(status);
  const atLeast = itemsOfUnknownRows === 0 ? '' : 'at least ';
  return [
    `  ${stage.stage.padEnd(10)} [${'#'.repeat(filled)}${'.'.repeat(BAR_CELLS - filled)}] ${describeCounts(counts)}${left}`,
    `  ${'rows'.padEnd(10)} ${rowsDone} of ${atLeast}${rows}, ${requests} requests`,
    ...(needs === undefined ? [] : [`  ${'budget'.padEnd(10)} ${needs}`]),
    ...(stage.message === undefined ? [] : [`  ${'because'.padEnd(10)} ${stage.message}`]),
    ...failures
      .slice(0, FAILURES_IN_BLOCK)
      .map(({ name, code, message }) => `  ${'failed'.padEnd(10)} ${name}: ${message} (${code})`),
  ];
}

/** Undefined before the manifest is read, and once the batch has ended. */
export function describeBatchNeed({ stage, requestsAtLeast, budgetSeconds }: BatchStatus): string | undefined {
  if (stage.stage !== 'running' || requestsAtLeast === undefined || budgetSeconds === undefined) return undefined;
  return `at least ${requestsAtLeast} requests; what the request budget takes: ${describeBudgetTime(budgetSeconds)}`;
}

/** `4120 of 10000 done, 3 failed, 50 under way, 5827 waiting` */
export function describeCounts({ items, done, failed, cancelled, running, waiting }: BatchCounts): string {
  const parts = [
    [failed, 'failed'],
    [cancelled, 'cancelled'],
    [running, 'under way'],
    [waiting, 'waiting'],
  ] as const;
  return [`${done} of ${items} done`, ...parts.filter(([count]) => count > 0).map((part) => part.join(' '))].join(', ');
}

export function printBatchResult(id: string, { counts, rows, requests, output, failures }: BatchResult): void {
  const lines = [
    `items     ${describeCounts(counts)}`,
    `rows      ${rows}`,
    `requests  ${requests}`,
    `results   ${output.uri} (${describeBytes(output.bytes)})`,
  ];
  print(lines.join('\n'));
  if (failures.length > 0) print(`\n${failureTable(failures)}`);
  if (counts.done < counts.items) print(`\nretry the rest: dxo batch retry ${id}`);
}

export function failureTable(failures: readonly FailedItem[]): string {
  return alignedTable([
    ['ITEM', 'CODE', 'WHY'],
    ...failures.map(({ name, code, message }) => [name, code, cut(message)]),
  ]);
}

const cut = (message: string): string =>
  message.length <= MESSAGE_CHARS ? message : `${message.slice(0, MESSAGE_CHARS - 1)}…`;
