#!/usr/bin/env node
/**
 * The command `dxo`: its subcommands, and what an error comes to. Each command loads what it needs when it runs, so that
 * `--help` and looking at jobs start fast.
 */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { JobCancelledError } from '../client/errors.js';
import { partMissingOf } from '../optional-parts.js';
import { batchCommand } from './batch.js';
import { budgetCommand } from './budget.js';
import { demoCommand } from './demo.js';
import { devCommand } from './dev.js';
import { doctorCommand } from './doctor.js';
import { EXIT, exitCodeOf } from './exit-codes.js';
import { generateCommand } from './generate.js';
import { jobsCommand } from './jobs.js';
import { planCommand } from './plan.js';
import { reapCommand } from './reap.js';
import { reportCommand } from './report.js';
import { retryCommand } from './retry.js';
import { sandboxCommand } from './sandbox.js';
import { schedulesCommand } from './schedules.js';
import { schemaCommand } from './schema.js';
import { synthesizeCommand } from './synthesize.js';
import { describeSource, errorAnswer, note, printJson } from './terminal.js';
import { trainCommand } from './train.js';
import { workerCommand } from './worker.js';

async function main(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? EXIT.done);
  } catch (thrown) {
    // Commander has said what it had to say; help and --version are no errors.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
    const error = partMissingOf(thrown) ?? thrown;
    note(sentenceOf(error));
    if (args.includes('--json')) printJson(errorAnswer(error));
    return exitCodeOf(error);
  }
}

function program(): Command {
  const root = new Command('dxo')
    .description('Durable synthesis jobs for the DataXID synthetic-data API, on Temporal.')
    .version(packageVersion())
    .addHelpText(
      'after',
      [
        '',
        'Without TEMPORAL_ADDRESS a Temporal server and a worker are started for the current folder, and end when no job',
        'runs; without DATAXID_API_KEY they talk to the built-in sandbox. Exit codes: 0 done, 1 job failed, 2 usage or bad',
        'input, 3 cannot reach what is needed, 130 detached.',
        '',
        'Examples:',
        '  $ dxo synthesize customers.csv --rows 50000 --output synthetic.parquet',
        '  $ dxo plan customers.csv',
      ].join('\n'),
    );
  for (const command of [
    synthesizeCommand(),
    trainCommand(),
    generateCommand(),
    planCommand(),
    reportCommand(),
    jobsCommand(),
    retryCommand(),
    reapCommand(),
    budgetCommand(),
    batchCommand(),
    schedulesCommand(),
    devCommand(),
    workerCommand(),
    sandboxCommand(),
    doctorCommand(),
    schemaCommand(),
    demoCommand(),
  ]) {
    root.addCommand(command);
  }
  return throwing(root);
}

/** Commander would end the process itself; and a command that is added does not take over its parent's ways. */
function throwing(command: Command): Command {
  command.exitOverride().showHelpAfterError('(--help shows the options and an example)');
  for (const child of command.commands) throwing(child);
  return command;
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const source = describeSource(error);
  const isFault = exitCodeOf(error) === EXIT.failed && source === '' && !(error instanceof JobCancelledError);
  return `${error.message}${source}${isFault ? `\n${error.stack ?? ''}` : ''}`;
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

// `dxo jobs list | head` closes the pipe early: that is the reader's right, not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed),
);
process.exit(await main(process.argv.slice(2)));
