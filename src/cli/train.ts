/** `dxo train`: a table in, a trained model out, for `dxo generate` tonight and every night after. */
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { InputError } from '../contract/input-error.js';
import { type RunFlags, withExamples, withRequestOption, withRunOptions, withTableOptions } from './command-options.js';
import type { RequestFlags } from './request-options.js';

export function trainCommand(): Command {
  const command = new Command('train')
    .description('Train a model on a table and keep it.')
    .option('--output-model <file>', 'write the reference to the model here, for `dxo generate --model`')
    .action(run);
  withRequestOption(withRunOptions(withTableOptions(command)));
  return withExamples(command, 'dxo train customers.csv --output-model customers.model.json');
}

async function run(
  file: string | undefined,
  { outputModel, ...flags }: RequestFlags & RunFlags & { outputModel?: string },
): Promise<void> {
  const { runJob } = await import('./run-job.js');
  process.exitCode = await runJob({
    kind: 'train',
    file,
    flags,
    folder: process.cwd(),
    env: process.env,
    onResult: async ({ trained }) => {
      if (outputModel !== undefined) await writeReference(outputModel, trained);
    },
  });
}

async function writeReference(path: string, trained: object): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify({ trained }, null, 2)}\n`);
  } catch (cause) {
    throw new InputError(
      'output_unwritable',
      `The model is trained, but ${path} cannot be written (${(cause as NodeJS.ErrnoException).code}); \`dxo jobs wait\` with the job's id prints the reference again.`,
      '--output-model',
      { cause },
    );
  }
}
