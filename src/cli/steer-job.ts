/** `dxo jobs show|wait|cancel|resume`: one job, from any process and at any time. */
import { JobCancelledError, JobFailedError, JobNotFoundError, OrchestratorUnavailableError } from '../client/errors.js';
import type { JobHandle } from '../client/job-handle.js';
import type { GenerateResult, SynthesizeResult, TrainResult } from '../contract/results.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { followJob } from './follow-job.js';
import { printResult } from './print-result.js';
import { renderProgress } from './render-progress.js';
import { sayDetached } from './run-job.js';
import { openSessionForJobs, type Session } from './session.js';
import { errorAnswer, note, print, printJson } from './terminal.js';

type Result = SynthesizeResult | TrainResult | GenerateResult;
interface JsonFlag {
  json?: true;
}

/** Progress is printed, not redrawn, so nothing is cut. */
const COLUMNS = 1_000;

export function showJob(id: string, { json }: JsonFlag): Promise<ExitCode> {
  return withJob(id, async (handle) => {
    const description = await handle.describe();
    const progress = await handle.progress().catch((error: unknown) => {
      if (error instanceof OrchestratorUnavailableError) return undefined;
      throw error;
    });
    const end = description.status === 'RUNNING' ? undefined : await endOf(handle);
    if (json) {
      printJson({ ...description, ...progress, ...end });
      return EXIT.done;
    }
    print(`${id}  ${description.type}  ${description.status.toLowerCase()}`);
    if (progress === undefined) print('  no worker answers, so its stage is not known');
    else print(renderProgress(progress, (description.closedAt ?? new Date()).getTime(), COLUMNS).join('\n'));
    if (end?.result !== undefined) printResult(end.result);
    if (end?.error !== undefined) print(`  ${end.error.message}`);
    return EXIT.done;
  });
}

export function waitForJob(id: string, flags: JsonFlag): Promise<ExitCode> {
  return withJob(id, async (handle, session) => {
    const link = session.linkOf(id);
    if (link !== undefined) note(`Temporal Web UI: ${link}`);
    const followed = await followJob(handle);
    if (followed.end === 'detached') return sayDetached(id, flags, EXIT.detached);
    if (flags.json) printJson(followed.result);
    else printResult(followed.result);
    return EXIT.done;
  });
}

export function cancelJob(id: string, { json, wait }: JsonFlag & { wait?: true }): Promise<ExitCode> {
  return withJob(id, async (handle) => {
    const { status } = await handle.describe();
    let failure: string | undefined;
    if (status === 'RUNNING') {
      await handle.cancel();
      note(`job ${id} was asked to end; it deletes the model that it created first`);
      const { error } = wait ? await endOf(handle) : {};
      // Only a failure has a code; a cancel ends in one when nobody knows whether a model was left.
      if (error?.code !== undefined) failure = error.message;
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
    await handle.resume();
    if (json) printJson({ id, resumed: true });
    else print(`${id}  resumed`);
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
    return await act((await session.client.getHandle(id)) as JobHandle<Result>, session);
  } finally {
    await session.close();
  }
}

/** How the job ended, whichever way. */
async function endOf(
  handle: JobHandle<Result>,
): Promise<{ result?: Result; error?: ReturnType<typeof errorAnswer>['error'] }> {
  try {
    return { result: await handle.result() };
  } catch (error) {
    if (error instanceof JobFailedError || error instanceof JobCancelledError) return errorAnswer(error);
    throw error;
  }
}
