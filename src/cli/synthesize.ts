/** `dxo synthesize`: one table in, one synthetic table out. */
import { Command } from 'commander';
import {
  type RunFlags,
  withExamples,
  withOutputOptions,
  withRequestOption,
  withRunOptions,
  withTableOptions,
} from './command-options.js';
import type { RequestFlags } from './request-options.js';

export function synthesizeCommand(): Command {
  const command = new Command('synthesize')
    .description('Turn a table into a synthetic one: train a model, generate from it, delete it.')
    .option('--keep-model', 'leave the trained model for `dxo generate`')
    .option('--report <file>', 'also write a page on how close the output is to the table')
    .action(run);
  withRequestOption(withRunOptions(withOutputOptions(withTableOptions(command))));
  return withExamples(
    command,
    'dxo synthesize customers.csv --rows 50000 --output synthetic.parquet',
    'dxo synthesize customers.csv --seed 7 --encoding zip=TABULAR_CATEGORICAL --on-quota hold',
    'dxo synthesize customers.csv --report report.html',
    'dxo synthesize --request request.yaml --id nightly --detach',
  );
}

async function run(file: string | undefined, flags: RequestFlags & RunFlags): Promise<void> {
  const { runJob } = await import('./run-job.js');
  process.exitCode = await runJob({ kind: 'synthesize', file, flags, folder: process.cwd(), env: process.env });
}
