/** `dxo plan`: what a job would do and send, without sending anything. */
import { Command } from 'commander';
import { withExamples, withJson, withOutputOptions, withRequestOption, withTableOptions } from './command-options.js';
import type { RequestFlags } from './request-options.js';

export function planCommand(): Command {
  const command = new Command('plan')
    .description(
      'Say how each column would be encoded, what would leave this machine and what it would cost. Sends nothing.',
    )
    .option(
      '--payload <dir>',
      'write the exact request bodies into this empty or new folder, to be read before anything is sent',
    )
    .action(run);
  withJson(withRequestOption(withOutputOptions(withTableOptions(command))));
  return withExamples(
    command,
    'dxo plan customers.csv --rows 50000',
    'dxo plan customers.csv --seed 7 --payload bodies    # what a job with the same --seed sends, byte for byte',
  );
}

async function run(file: string | undefined, flags: RequestFlags & { payload?: string; json?: true }): Promise<void> {
  const [{ requestOf }, { checkInput }, { knownAllowances }, { planJob }, { printPlan }, { printJson }] =
    await Promise.all([
      import('./request-options.js'),
      import('./check-input.js'),
      import('./known-allowance.js'),
      import('./plan-job.js'),
      import('./print-plan.js'),
      import('./terminal.js'),
    ]);
  const request = await requestOf('synthesize', file, flags, process.cwd());
  await checkInput({ table: request.table, columns: request.columns, generation: request.generation });
  const allowanceOf = await knownAllowances([request.account], process.cwd());
  const plan = await planJob(request, allowanceOf(request.account), flags.payload);
  if (flags.json) printJson(plan);
  else printPlan(plan);
}
