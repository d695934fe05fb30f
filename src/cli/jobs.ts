/** `dxo jobs`: the jobs there are, one of them, its end, its cancelling and resuming. */
import { Command, Option } from 'commander';
import { withExamples, withJson } from './command-options.js';

interface JsonFlag {
  json?: true;
}

/** Temporal's words. */
const STATUSES = ['Running', 'Completed', 'Failed', 'Canceled', 'Terminated', 'TimedOut'];

export function jobsCommand(): Command {
  const jobs = new Command('jobs').description('List, show, wait for, cancel and resume jobs.');
  jobs
    .addCommand(listCommand())
    .addCommand(
      ofOneJob('show', 'Say where a job is, or how it ended.', (steering, id, flags) => steering.showJob(id, flags)),
    )
    .addCommand(ofOneJob('wait', 'Follow a job to its end.', (steering, id, flags) => steering.waitForJob(id, flags)))
    .addCommand(
      ofOneJob('cancel', 'End a job; it deletes its model first.', (steering, id, flags) =>
        steering.cancelJob(id, flags),
      ).option('--wait', 'until it has ended'),
    )
    .addCommand(
      ofOneJob('resume', 'Let a held job go on now.', (steering, id, flags) => steering.resumeJob(id, flags)),
    );
  return withExamples(
    jobs,
    'dxo jobs list --status Running',
    'dxo jobs wait synthesize-customers-2026-11-22T14-03-07-k3f9',
  );
}

function listCommand(): Command {
  const command = new Command('list')
    .description('The newest jobs first.')
    .addOption(new Option('--status <status>', 'only these').choices(STATUSES))
    .option('--limit <n>', 'at most so many (default: 50)')
    .action(async (flags: { status?: string; limit?: string } & JsonFlag) => {
      const { listJobs } = await import('./list-jobs.js');
      await listJobs(flags);
    });
  return withExamples(withJson(command), 'dxo jobs list', 'dxo jobs list --status Failed --limit 5 --json');
}

type Steering = typeof import('./steer-job.js');

function ofOneJob(
  name: string,
  description: string,
  act: (steering: Steering, id: string, flags: JsonFlag & { wait?: true }) => Promise<number>,
): Command {
  const command = new Command(name)
    .description(description)
    .argument('<id>', 'the id of the job')
    .action(async (id: string, flags: JsonFlag & { wait?: true }) => {
      process.exitCode = await act(await import('./steer-job.js'), id, flags);
    });
  return withExamples(withJson(command), `dxo jobs ${name} nightly`);
}
