/**
 * A job's progress as lines: each stage it has entered with how long it took, a bar for the one it is in, and what it
 * waits for. Pure: the clock is an argument.
 */
import type { JobProgress } from '../client/job-handle.js';
import type { JobStatus } from '../contract/messages.js';
import { describeStage, type Stage } from '../contract/stage.js';
import { clockOf } from '../contract/text.js';
import { describeDuration } from './terminal.js';

const BAR_CELLS = 24;
const NAME_CHARS = 12;

/**
 * The live block of a terminal. @param columns lines are cut to this width, since a wrapped one cannot be redrawn
 * @param present `stop` for a job that was ended from outside: it does not know
 */
export function renderProgress(
  progress: JobProgress,
  nowMs: number,
  columns: number,
  present: 'now' | 'stop' = 'now',
): string[] {
  const { stage, entered } = progress;
  const last = lastWorkOf(progress);
  const past = entered.slice(0, -1).map(({ stage: name, at }, i) => {
    const tookMs = Date.parse(entered[i + 1]?.at ?? at) - Date.parse(at);
    const outcome = i === last ? (stage.stage === 'failed' ? 'fail' : 'stop') : 'done';
    return `  ${outcome.padEnd(5)} ${name.padEnd(NAME_CHARS)} ${describeDuration(tookMs)}`;
  });
  const since = entered.at(-1)?.at;
  const elapsed = since === undefined ? '' : `  ${describeDuration(Math.max(0, nowMs - Date.parse(since)))}`;
  // Its end is told after the block, at length.
  if (['done', 'failed', 'cancelled'].includes(stage.stage)) return past;
  const now = `  ${present.padEnd(5)} ${stage.stage.padEnd(NAME_CHARS)} ${barOf(stage)}${wordsOf(stage)}${elapsed}`;
  return [
    ...past,
    now,
    ...waitsOf(progress).map((sentence) => `        waits: ${sentence}`),
    ...expectations(progress).map((sentence) => `        ${sentence}`),
  ].map((line) => line.slice(0, Math.max(columns - 1, 1)));
}

/** Where a job that failed or was cancelled did not get further; -1: it did. What came after was its clean-up. */
function lastWorkOf({ stage, entered }: JobProgress): number {
  if (stage.stage !== 'failed' && stage.stage !== 'cancelled') return -1;
  return entered.findLastIndex(({ stage: name }) => !['deleting', 'failed', 'cancelled'].includes(name));
}

/** One line for logs, where nothing can be redrawn: the same text means that nothing changed. */
export function describeProgress(progress: JobProgress): string {
  return [describeStage(progress.stage), ...waitsOf(progress)].join('; ');
}

/** What the job has asked for and not got yet, a line each. */
export function describeAsked({ asked }: JobStatus, nowMs: number): string[] {
  return asked.map(
    ({ what, since }) => `        asked: ${what}, ${describeDuration(Math.max(0, nowMs - Date.parse(since)))} ago`,
  );
}

/** What is to come, and when, as far as it can be told. */
function expectations({ nextRequestAt, placeInBudget, endsAt }: JobProgress): string[] {
  return [
    ...(nextRequestAt === undefined
      ? []
      : [
          `next request: about ${clockOf(nextRequestAt.toISOString())}, place ${placeInBudget} in the request budget (later, if others go first)`,
        ]),
    ...(endsAt === undefined ? [] : [`should end: about ${clockOf(endsAt)}`]),
  ];
}

/** Why the job does not go on, and until when. A training or a hold says so itself. */
function waitsOf({ stage, wait, waiting }: JobProgress): string[] {
  if (wait === undefined || stage.stage === 'training' || stage.stage === 'held') return waiting;
  return [`${wait.what}${wait.until === undefined ? '' : `, until ${clockOf(wait.until)}`}`, ...waiting];
}

function barOf(stage: Stage): string {
  const share = shareOf(stage);
  if (share === undefined) return '';
  const filled = Math.round(Math.min(1, share) * BAR_CELLS);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_CELLS - filled)}] `;
}

/** How much of the stage is done, where it can be told. */
function shareOf(stage: Stage): number | undefined {
  if (stage.stage === 'training') return stage.epoch / stage.epochsMax;
  return stage.stage === 'generating' ? stage.rowsDone / stage.rows : undefined;
}

/** Short, since the stage's name stands before it. */
function wordsOf(stage: Stage): string {
  switch (stage.stage) {
    case 'training': {
      const loss = stage.trainLoss === undefined ? '' : `, loss ${stage.trainLoss.toFixed(4)}`;
      const validation =
        stage.validationLoss === undefined ? '' : `, validation loss ${stage.validationLoss.toFixed(4)}`;
      return `epoch ${stage.epoch} of at most ${stage.epochsMax}${loss}${validation}`;
    }
    case 'generating':
      return `${stage.rowsDone} of ${stage.rows} rows`;
    case 'uploading':
      return `${(stage.bytes / 1e6).toFixed(1)} MB of encoded batches`;
    case 'held':
      return `${stage.reason}, until ${clockOf(stage.until)} or \`dxo jobs resume\`: ${stage.message}`;
    case 'assembling':
      return `${stage.rows} rows into the output`;
    default:
      return '';
  }
}
