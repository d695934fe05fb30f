/**
 * Stays with a batch until its end, showing its counts on stderr: on a terminal in one block that is drawn anew, elsewhere
 * a line now and then. The first Ctrl-C detaches; the batch goes on.
 */
import type { JobHandle } from '../client/job-handle.js';
import type { BatchResult, BatchStatus } from '../contract/batch-results.js';
import { describeBatchNeed, renderBatch } from './batch-print.js';
import type { Followed } from './follow-job.js';
import { columnsOf, openRedraw } from './redraw.js';
import { note } from './terminal.js';

const LOOK_INTERVAL_MS = 1_000;
/** Lines of a log: one for each stage, and one so often in between. */
const LINE_INTERVAL_MS = 15_000;

/** @throws JobFailedError, JobCancelledError, OrchestratorUnavailableError */
export async function followBatch(handle: JobHandle<BatchResult, BatchStatus>): Promise<Followed<BatchResult>> {
  let stop = (): void => undefined;
  const detached = new Promise<Followed<BatchResult>>((resolve) => {
    stop = () => resolve({ end: 'detached' });
  });
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const show = process.stderr.isTTY ? redrawn(process.stderr) : nowAndThen();
  const toEnd = async (): Promise<Followed<BatchResult>> => {
    for await (const status of handle.progress(LOOK_INTERVAL_MS)) show(status);
    return { end: 'done', result: await handle.result() };
  };
  try {
    return await Promise.race([toEnd(), detached]);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

function redrawn(stream: NodeJS.WriteStream): (status: BatchStatus) => void {
  const draw = openRedraw(stream);
  return (status) => draw(renderBatch(status, Date.now()).map((line) => line.slice(0, columnsOf(stream) - 1)));
}

function nowAndThen(): (status: BatchStatus) => void {
  let stage = '';
  let saidAtMs = 0;
  return (status) => {
    if (status.stage.stage === stage && Date.now() - saidAtMs < LINE_INTERVAL_MS) return;
    const isNew = status.stage.stage !== stage;
    stage = status.stage.stage;
    saidAtMs = Date.now();
    note(renderBatch(status, saidAtMs)[0] ?? '');
    const needs = isNew ? describeBatchNeed(status) : undefined;
    if (needs !== undefined) note(`  ${needs}`);
  };
}
