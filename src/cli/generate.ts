/** `dxo generate`: rows from a model that `dxo train` left. */
import { Command } from 'commander';
import {
  type RunFlags,
  withExamples,
  withOutputOptions,
  withRequestOption,
  withRunOptions,
} from './command-options.js';
import type { RequestFlags } from './request-options.js';

export function generateCommand(): Command {
  const command = new Command('generate')
    .description('Generate a synthetic table from a trained model.')
    .option('--model <file>', 'what `dxo train --output-model` wrote, or `dxo train --json` printed')
    .option('--seed <n>', 'make generation and decoding repeatable')
    .action(run);
  withRequestOption(withRunOptions(withOutputOptions(command)));
  return withExamples(
    command,
    'dxo generate --model customers.model.json --rows 50000 --output synthetic.parquet',
    'dxo generate --model customers.model.json --output tonight.csv --overwrite --id nightly',
  );
}

async function run(flags: RequestFlags & RunFlags): Promise<void> {
  const { runJob } = await import('./run-job.js');
  process.exitCode = await runJob({ kind: 'generate', flags, folder: process.cwd(), env: process.env });
}
