/** Whether histories are what a release's workflow code makes of them: a job whose history is not stands still at its worker's next end. */
import { join } from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';

let isQuiet = false;

/**
 * @param release folder of a build
 * @param histories `{workflowId, history}`
 * @returns {Promise<Map<string, string>>} what did not replay: run id -> why
 */
export async function replayFailures(release, histories) {
  // What fails is told by who asked; the SDK would warn of it besides.
  if (!isQuiet)
    Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'OFF' } } });
  isQuiet = true;
  const workflowBundle = { codePath: join(release, 'workflow-bundle.js') };
  const failures = new Map();
  for await (const { runId, error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
    if (error !== undefined) failures.set(runId, error.message);
  }
  return failures;
}
