/** `dxo jobs show|wait|cancel|…`: one job, from any process and at any time. */
import {
  InvalidRequestError,
  JobCancelledError,
  JobFailedError,
  JobNotFoundError,
  OrchestratorUnavailableError,
} from '../client/errors.js';
import type { JobDescription } from '../client/job-description.js';
import type { JobHandle } from '../client/job-handle.js';
import type { BatchResult, BatchStatus } from '../contract/batch-results.js';
import type { JobStatus, WorkflowType } from '../contract/messages.js';
import type { ReapReport } from '../contract/reap.js';
import type { GenerateResult, SynthesizeResult, TrainResult } from '../contract/results.js';
import { describeStage } from '../contract/stage.js';
import { clockOf } from '../contract/text.js';
import { followBatchToEnd } from './batch-run.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { followJob } from './follow-job.js';
import { printReapReport } from './print-reap-report.js';
import { printResult } from './print-result.js';
import { describeAsked, renderProgress } from './render-progress.js';
import { sayDetached } from './run-job.js';
import { openSessionForJobs, type Session } from './session.js';
import { describeSource, errorAnswer, note, print, printJson } from './terminal.js';

type Result = SynthesizeResult | TrainResult | GenerateResult;
interface JsonFlag {
  json?: true;
}

/** Progress is printed, not redrawn, so nothing is cut. */
const COLUMNS = 1_000;
const HOUR_S = 3_600;
/** A job of many: it has a command of its own. */
const BATCH: WorkflowType = 'batch';
/** A job without stages, with a report that grows. */
const REAP: WorkflowType = 'reap';

export function showJob(id: string, { json }: JsonFlag): Promise<ExitCode> {
  return withJob(id, async (handle) => {
    const description = await handle.describe();
    const progress = await handle.status().catch((error: unknown) => {
      if (error instanceof OrchestratorUnavailableError) return undefined;
      throw error;
    });
    const isRunning = description.status === 'RUNNING';
    const end = isRunning ? undefined : await endOf(handle);
    if (json) {
      printJson({ ...description, ...progress, ...end?.answer });
      return EXIT.done;
    }
    print(`${id}  ${description.type}  ${description.status.toLowerCase()}  ${timesOf(description)}`);
    if (description.type === BATCH) {
      print(`  \`dxo batch status ${id}\` says how far it is, and what failed`);
      return EXIT.done;
    }
    if (description.type === REAP) {
      if (progress !== undefined) printReapReport(progress as unknown as ReapReport);
      if (end?.said !== undefined) print(`  ${end.said}`);
      return EXIT.done;
    }
    if (progress === undefined) {
      const { stage, waitReason } = description;
      print(
        `  no worker answers; last seen: ${stage ?? 'not begun'}${waitReason === undefined ? '' : `, waits for ${waitReason}`}`,
      );
    } else {
      const nowMs = (description.closedAt ?? new Date()).getTime();
      const lines = [
        ...renderProgress(progress, nowMs, COLUMNS, isRunning ? 'now' : 'stop'),
        ...(isRunning ? describeAsked(progress, nowMs) : []),
        ...(isRunning && progress.deadline !== undefined
          ? [`        deadline: ${clockOf(new Date(progress.deadline).toISOString())}`]
          : []),
      ];
      if (lines.length > 0) print(lines.join('\n'));
    }
    if (end?.answer.result !== undefined) printResult(end.answer.result);
    if (progress?.stage.stage === 'cancelled') print(`  ${describeStage(progress.stage)}`);
    if (end?.said !== undefined) print(`  ${end.said}`);
    return EXIT.done;
  });
}

export function waitForJob(id: string, flags: JsonFlag): Promise<ExitCode> {
  return withJob(id, async (handle, session) => {
    const link = session.linkOf(id);
    if (link !== undefined) note(`Temporal Web UI: ${link}`);
    const { type } = await handle.describe();
    if (type === REAP) {
      const report = (await handle.result()) as unknown as ReapReport;
      if (flags.json) printJson(report);
      else printReapReport(report);
      return EXIT.done;
    }
    if (type === BATCH) {
      return followBatchToEnd(await session.client.getHandle<BatchResult, BatchStatus>(id), flags);
    }
    const followed = await followJob(handle);
    if (followed.end === 'detached') return sayDetached(id, flags, EXIT.detached);
    if (flags.json) printJson(followed.result);
    else printResult(followed.result);
    return EXIT.done;
  });
}

export function cancelJob(
  id: string,
  { json, wait, reason }: JsonFlag & { wait?: true; reason?: string },
): Promise<ExitCode> {
  return withJob(id, async (handle) => {
    const { status } = await handle.describe();
    let failure: string | undefined;
    if (status === 'RUNNING') {
      await handle.cancel({ reason });
      note(`job ${id} was asked to end; it deletes the model that it created first`);
      const { answer, said } = wait ? await endOf(handle) : {};
      // Only a failure has a code; a cancel ends in one when nobody knows whether a model was left.
      if (answer?.error?.code !== undefined) failure = said;
    } else {
      note(`job ${id} has ended already (${status.toLowerCase()})`);
    }
    const after = await handle.describe();
    if (json) printJson(after);
    else print(`${id}  ${after.status.toLowerCase()}`);
    if (failure === undefined) return EXIT.done;
    note(failure);
    return EXIT.failed;
  });
}

export function resumeJob(id: string, { json }: JsonFlag): Promise<ExitCode> {
  return withJob(id, async (handle) => {
    const status = await handle.resume();
    if (json) printJson({ id, ...status });
    // Its status is from before it goes on.
    else print(`${id}  resumed: it asks again now; \`dxo jobs show ${id}\` says what came of it`);
    return EXIT.done;
  });
}

export function extendJob(
  id: string,
  { seconds, hours, ...flags }: JsonFlag & { seconds?: string; hours?: string },
): Promise<ExitCode> {
  if (seconds === undefined && hours === undefined) {
    throw new InvalidRequestError('Say how much later: --seconds or --hours.', ['seconds']);
  }
  const later = seconds === undefined ? Math.round(Number(hours) * HOUR_S) : Number(seconds);
  return steer(id, flags, `extended by ${later} s`, (handle) => handle.extend({ seconds: later }));
}

export function prioritizeJob(
  id: string,
  { priority, fairnessKey, ...flags }: JsonFlag & { priority: string; fairnessKey?: string },
): Promise<ExitCode> {
  return steer(id, flags, `has priority ${priority} from its next request on`, (handle) =>
    handle.setPriority({ priority: Number(priority), fairnessKey }),
  );
}

export function keepModel(id: string, flags: JsonFlag): Promise<ExitCode> {
  return steer(id, flags, 'keeps its model', (handle) => handle.keep());
}

export function salvageJob(id: string, flags: JsonFlag): Promise<ExitCode> {
  return steer(id, flags, 'ends with the rows there are', (handle) => handle.salvage());
}

export function adoptModel(id: string, { model, ...flags }: JsonFlag & { model: string }): Promise<ExitCode> {
  return steer(id, flags, `goes on with ${model}`, (handle) => handle.adopt({ modelId: model }));
}

/** One update; what it came to is said, with where the job is now. */
function steer(
  id: string,
  { json }: JsonFlag,
  done: string,
  update: (handle: JobHandle<Result>) => Promise<JobStatus>,
): Promise<ExitCode> {
  return withJob(id, async (handle) => {
    const status = await update(handle);
    if (json) printJson({ id, ...status });
    else print(`${id}  ${done}\n  ${describeStage(status.stage)}`);
    return EXIT.done;
  });
}

async function withJob(
  id: string,
  act: (handle: JobHandle<Result>, session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const session = await openSessionForJobs(process.cwd(), process.env);
  if (session === undefined) throw new JobNotFoundError(id);
  try {
    return await act(await session.client.getHandle<Result>(id), session);
  } finally {
    await session.close();
  }
}

interface End {
  /** For programs. */
  answer: { result?: Result; error?: ReturnType<typeof errorAnswer>['error'] };
  /** For people, of a job without a result. */
  said?: string;
}

/** How the job ended, whichever way. */
async function endOf(handle: JobHandle<Result>): Promise<End> {
  try {
    return { answer: { result: await handle.result() } };
  } catch (error) {
    if (!(error instanceof JobFailedError || error instanceof JobCancelledError)) throw error;
    return { answer: errorAnswer(error), said: `${error.message}${describeSource(error)}` };
  }
}

/** `started 2026-11-22 14:03:07 UTC, ended 2026-11-22 14:05:12 UTC` */
function timesOf({ startedAt, closedAt }: JobDescription): string {
  return [
    `started ${clockOf(startedAt.toISOString())}`,
    ...(closedAt === undefined ? [] : [`ended ${clockOf(closedAt.toISOString())}`]),
  ].join(', ');
}
