/** `dxo jobs`: the jobs there are, one of them, its end, and everything that steers it. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { JOB_STATUSES, STAGES, WAIT_REASONS } from '../client/list-query.js';
import { withExamples, withJson } from './command-options.js';
import type { ListFlags } from './list-jobs.js';

type Steering = typeof import('./steer-job.js');

const EXAMPLE_ID = 'nightly';

export function jobsCommand(): Command {
  const jobs = new Command('jobs').description(
    'List, show, wait for and steer jobs. `dxo retry` goes on with one that ended.',
  );
  const commands = [
    listCommand(),
    ofOneJob(
      'show',
      'Say where a job is, what it waits for and until when, or how it ended.',
      ({ showJob }) => showJob,
    ),
    ofOneJob('wait', 'Follow a job to its end.', ({ waitForJob }) => waitForJob),
    ofOneJob('cancel', 'End a job; it deletes its model first.', ({ cancelJob }) => cancelJob, '--reason "wrong table"')
      .option('--reason <text>', 'why, for those who look at the job later')
      .option('--wait', 'until it has ended'),
    ofOneJob('resume', 'Let a held job, or one that waits to ask again, go on now.', ({ resumeJob }) => resumeJob),
    ofOneJob(
      'extend',
      "Move a job's deadline, or else the end of the time its training may take.",
      ({ extendJob }) => extendJob,
      '--hours 2',
    )
      .addOption(new Option('--seconds <n>', 'how much later').conflicts('hours'))
      .option('--hours <n>', 'how much later'),
    ofOneJob(
      'prioritize',
      'Say whose turn comes first, from the next request of the job on.',
      ({ prioritizeJob }) => prioritizeJob,
      '--priority 1',
    )
      .requiredOption('--priority <n>', '1 is asked first, 5 last')
      .option('--fairness-key <key>', 'whose turn it uses among jobs of one priority'),
    ofOneJob('keep', 'Keep the model of a job when it ends.', ({ keepModel }) => keepModel),
    ofOneJob(
      'adopt',
      'Name the model of a job that is held at its creation: it goes on with it.',
      ({ adoptModel }) => adoptModel,
      '--model mdl_0123456789ab',
    ).requiredOption('--model <id>', 'a model of the account that the job may use'),
    ofOneJob('salvage', 'End the generation now, with the rows there are.', ({ salvageJob }) => salvageJob),
  ];
  for (const command of commands) jobs.addCommand(command);
  return withExamples(
    jobs,
    'dxo jobs list --status Running',
    'dxo jobs wait synthesize-customers-2026-11-22T14-03-07-k3f9',
  );
}

function listCommand(): Command {
  const command = new Command('list')
    .description('The newest jobs first.')
    .addOption(new Option('--status <status>', 'only these').choices(JOB_STATUSES).argParser(statusOf))
    .addOption(new Option('--stage <stage>', 'only those in this stage, or that ended in it').choices(STAGES))
    .addOption(new Option('--wait <reason>', 'only those that wait for this').choices(WAIT_REASONS))
    .option('--account <name>', 'only those of this account')
    .option('--table <file name>', 'only those of this table: customers.csv')
    .option('--failure <code>', 'only those that failed with this code (docs/errors.md)')
    .option('--since <when>', 'only those started since: 24h, 7d, 2026-11-22, 2026-11-22T06:00:00Z')
    .option('--limit <n>', 'at most so many (default: 50)')
    .option('--web [url]', "print the Temporal Web UI's addresses of the list and of everyday questions instead")
    .action(async (flags: ListFlags) => {
      const { listJobs } = await import('./list-jobs.js');
      await listJobs(flags);
    });
  return withExamples(
    withJson(command),
    'dxo jobs list --wait quota',
    'dxo jobs list --status Failed --since 24h --json',
    'dxo jobs list --web http://temporal.internal:8080',
  );
}

/** Temporal's word, also as the list writes it: `running`, `cancelled`, `timed_out`. */
function statusOf(text: string): (typeof JOB_STATUSES)[number] {
  const word = text.toLowerCase().replace('cancelled', 'canceled').replace('_', '');
  const status = JOB_STATUSES.find((one) => one.toLowerCase() === word);
  if (status === undefined) throw new InvalidArgumentError(`Allowed choices are ${JOB_STATUSES.join(', ')}.`);
  return status;
}

/** @param options of the example, where the command needs some */
function ofOneJob<Flags>(
  name: string,
  description: string,
  actOf: (steering: Steering) => (id: string, flags: Flags) => Promise<number>,
  options = '',
): Command {
  const command = new Command(name)
    .description(description)
    .argument('<id>', 'the id of the job')
    .action(async (id: string, flags: Flags) => {
      process.exitCode = await actOf(await import('./steer-job.js'))(id, flags);
    });
  return withExamples(withJson(command), `dxo jobs ${name} ${EXAMPLE_ID} ${options}`.trim());
}
