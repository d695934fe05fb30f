/** A batch for the Web UI's "Current Details": Markdown, in which names and messages of others stay plain text. */
import type { BatchStatus } from '../contract/batch-results.js';
import { cutToBytes, describeSpan, escapeMarkdown } from '../contract/text.js';

const MINUTE_MS = 60_000;
/** Of one failure; the query has it whole. */
const FAILURE_BYTES_MAX = 200;

export function describeBatch(status: BatchStatus, nowMs: number): string {
  const { stage, counts, rows, rowsDone, itemsOfUnknownRows, requests, requestsAtLeast } = status;
  const { atOnce, expectedEnd, deadline, failures } = status;
  const ended = counts.done + counts.failed + counts.cancelled;
  const lines = [
    ['done', `${counts.done} of ${counts.items}`],
    ['failed', String(counts.failed)],
    ...(counts.cancelled === 0 ? [] : [['cancelled', String(counts.cancelled)]]),
    ['under way', `${counts.running} (at most ${atOnce} at once)`],
    ['waiting', String(counts.waiting)],
    [
      'rows',
      `${rowsDone} of ${rows}${itemsOfUnknownRows === 0 ? '' : `, items that do not say: ${itemsOfUnknownRows}`}`,
    ],
    ['API requests', `${requests}${requestsAtLeast === undefined ? '' : ` of at least ${requestsAtLeast}`}`],
    ...budgetLines(status),
    ...rateLines(status, ended, nowMs),
    ...(expectedEnd === undefined ? [] : [['expected end', expectedEnd]]),
    ...(deadline === undefined ? [] : [['deadline', deadline]]),
  ];
  const said = stage.message === undefined ? '' : `: ${escapeMarkdown(stage.message)}`;
  return [
    `**${stage.stage}**${said}`,
    ['| | |', '| --- | --- |', ...lines.map(([name, text]) => `| ${name} | ${text} |`)].join('\n'),
    ...(failures.length === 0 ? [] : [`Last failures, newest first:\n\n${failureLines(failures)}`]),
  ].join('\n\n');
}

function budgetLines({ budgetSeconds }: BatchStatus): string[][] {
  if (budgetSeconds === undefined) return [];
  return [
    [
      'the request budget takes',
      budgetSeconds === 0 ? 'no time: they may all go at once' : describeSpan(budgetSeconds * 1_000),
    ],
  ];
}

function rateLines({ stage, entered }: BatchStatus, ended: number, nowMs: number): string[][] {
  const began = entered.find((one) => one.stage === 'running');
  const tookMs = began === undefined ? 0 : nowMs - Date.parse(began.at);
  if (stage.stage !== 'running' || tookMs < MINUTE_MS) return [];
  return [['items a minute', (ended / (tookMs / MINUTE_MS)).toFixed(1)]];
}

function failureLines(failures: BatchStatus['failures']): string {
  return failures
    .map(
      ({ name, code, message }) =>
        `- ${escapeMarkdown(name)}: ${escapeMarkdown(cutToBytes(`${message} (${code})`, FAILURE_BYTES_MAX))}`,
    )
    .join('\n');
}
