/** `dxo reap`: delete what ended jobs left behind, or say what would be. */
import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { withExamples, withJson } from './command-options.js';
import { EXIT } from './exit-codes.js';
import { note, print, printJson } from './terminal.js';

interface ReapFlags {
  account: string;
  dryRun?: true;
  days?: string;
  json?: true;
}

export function reapCommand(): Command {
  const command = new Command('reap')
    .description(
      'Delete the models and artifacts that terminated, timed-out and failed jobs left behind. Exit code 1 where one could not be deleted.',
    )
    .option('--account <name>', 'whose models', 'default')
    .option('--dry-run', 'delete nothing, and say what would be; spends the list of models')
    .option('--days <n>', 'of jobs that ended within so many days (default: 30)')
    .action(runReap);
  return withExamples(withJson(command), 'dxo reap --dry-run', 'dxo reap --account acme --json');
}

async function runReap({ account, days, json, ...flags }: ReapFlags): Promise<void> {
  const [{ openSessionForJobs }, { jobIdOf }, { printReapReport }] = await Promise.all([
    import('./session.js'),
    import('../contract/ids.js'),
    import('./print-reap-report.js'),
  ]);
  const dryRun = flags.dryRun === true;
  const session = await openSessionForJobs(process.cwd(), process.env);
  if (session === undefined) {
    if (json) printJson({ account, dryRun, examined: 0 });
    else print('nothing to reap: nothing was started in this folder (it has no .dxo), and TEMPORAL_ADDRESS is not set');
    return;
  }
  try {
    await session.makeReadyFor({});
    const request = { account, dryRun, ...(days === undefined ? {} : { days: Number(days) }) };
    const id = jobIdOf('reap', account, new Date(), randomBytes(2).toString('hex'));
    const handle = await session.client.reap(request, { id });
    note(`${id} started`);
    const report = await handle.result();
    if (json) printJson({ id, ...report });
    else printReapReport(report);
    if (!dryRun && report.counts.leftOver > 0) process.exitCode = EXIT.failed;
  } finally {
    await session.close();
  }
}
