/** Options that several commands share, spelt once, and the example that each command's --help ends with. */
import type { Command } from 'commander';
import { ENCODING_TYPES } from '../contract/encoding.js';
import { withTextOptions } from './text-options.js';

export interface RunFlags {
  id?: string;
  detach?: true;
  json?: true;
}

export const TABLE_HELP =
  "the table: .csv, .tsv, .jsonl (or one with .gz or .zst behind it), .parquet or .arrow; 'part-*.csv' is several files";

export function withExamples(command: Command, ...lines: string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`);
}

export function withTableOptions(command: Command): Command {
  const withFile = command
    .argument('[file]', TABLE_HELP)
    .option('--seed <n>', 'make the job repeatable: analysis, batches, generation, decoding')
    .option(
      '--encoding <column=TYPE...>',
      `how a column becomes integers; repeatable. TYPE: ${ENCODING_TYPES.join(', ')}`,
    )
    .option('--model-size <size>', 'small, medium (default) or large')
    .option('--max-epochs <n>', 'at most so many epochs (default: 100)');
  return withTextOptions(withFile);
}

export function withOutputOptions(command: Command): Command {
  return command
    .option('--rows <n>', 'rows to generate (default: as many as were trained on)')
    .option('--output <file>', 'where the synthetic table goes; its ending is its format')
    .option('--overwrite', 'replace an output that exists');
}

export function withRequestOption(command: Command): Command {
  return command.option(
    '--request <file>',
    'the whole request as .json or .yaml (`dxo schema request`); flags win over it',
  );
}

export function withRunOptions(command: Command): Command {
  return withJson(
    command
      .option('--id <id>', 'the id of the job; if a job runs under it, attach to that one')
      .option('--on-quota <action>', 'when the row quota is used up: fail (default) or hold')
      .option('--detach', 'start the job, print its id and leave'),
  );
}

export function withJson(command: Command): Command {
  return command.option('--json', 'print one JSON object, last on stdout');
}
