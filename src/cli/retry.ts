/** `dxo retry`: a new job that goes on where an ended one stopped. */
import { Command, Option } from 'commander';
import { RETRY_STAGES, type RetryStage } from '../contract/retry.js';
import { withExamples, withJson } from './command-options.js';
import { note } from './terminal.js';

interface RetryFlags {
  from?: RetryStage;
  id?: string;
  detach?: true;
  json?: true;
}

export function retryCommand(): Command {
  const command = new Command('retry')
    .description('Start a new job that uses what a failed, terminated or timed-out one had done.')
    .argument('<id>', 'of the ended job')
    .addOption(
      new Option('--from <stage>', 'redo from here (default: the latest stage that it can go on from)').choices(
        RETRY_STAGES,
      ),
    )
    .option('--id <id>', 'of the new job (default: <id>-retry-<n>)')
    .option('--detach', 'start the job, print its id and leave')
    .action(async (id: string, flags: RetryFlags) => {
      process.exitCode = await retryJob(id, flags);
    });
  return withExamples(withJson(command), 'dxo retry nightly', 'dxo retry nightly --from training --id nightly-again');
}

async function retryJob(id: string, { from, id: newId, ...flags }: RetryFlags): Promise<number> {
  const [{ JobNotFoundError }, { nextRetryIdOf }, { openSessionForJobs }, { followToResult }, { statusOfJob }] =
    await Promise.all([
      import('../client/errors.js'),
      import('../client/retry-request.js'),
      import('./session.js'),
      import('./run-job.js'),
      import('./status-of-job.js'),
    ]);
  const session = await openSessionForJobs(process.cwd(), process.env);
  if (session === undefined) throw new JobNotFoundError(id);
  try {
    await session.makeReadyFor({});
    const retryId = newId ?? nextRetryIdOf(id);
    const before = await statusOfJob(session, retryId);
    const handle = await session.client.retry(id, { from, id: retryId });
    note(
      before === undefined
        ? `job ${retryId} goes on with ${id}`
        : `there is a job ${retryId} already (${before.toLowerCase()}): nothing new is started`,
    );
    return await followToResult(handle, session, flags);
  } finally {
    await session.close();
  }
}
