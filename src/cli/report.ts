/** `dxo report`: one page that shows how close a synthetic table is to the real one. Local, on the files alone. */
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { resolveWritable } from '../artifacts/file-access.js';
import { resolveTableFiles } from '../artifacts/table-files.js';
import { TABLE_HELP, withExamples, withJson } from './command-options.js';
import { note, print, printJson } from './terminal.js';
import { type TextFlags, textSourceOf, withTextOptions } from './text-options.js';

interface ReportFlags extends TextFlags {
  output: string;
  holdout?: string;
  given?: string[];
  seed?: number;
  overwrite?: true;
  json?: true;
}

const SEED_MAX = 2 ** 31 - 1;

export function reportCommand(): Command {
  const command = new Command('report')
    .description('Compare a synthetic table with the real one: distributions, correlations, copies, as one HTML page.')
    .argument('<real>', TABLE_HELP.replace('the table', 'the real table'))
    .argument('<synthetic>', 'the synthetic one')
    .option('--output <file>', 'where the page goes', 'report.html')
    .option('--holdout <file>', 'real rows that the model never saw (default: a random half of the real table)')
    .option(
      '--given <column>',
      'a column whose values were given by conditions: named, not judged; repeatable',
      (name: string, names: string[] = []) => [...names, name],
    )
    .option('--seed <n>', 'of that half and of the rows compared one by one (default: 1)', seedOf)
    .option('--overwrite', 'replace a page that exists')
    .action(run);
  return withExamples(
    withJson(withTextOptions(command, 'real CSV')),
    'dxo report customers.csv customers-synthetic.csv',
    'dxo report trained.csv synthetic.csv --holdout kept-back.csv --output out/report.html',
    'dxo report customers.csv people-of-oslo.csv --given city',
  );
}

async function run(real: string, synthetic: string, flags: ReportFlags): Promise<void> {
  const path = resolve(flags.output);
  const access = { readRoots: [], writeRoots: [path] };
  const output = await resolveWritable(path, access, { overwrite: flags.overwrite === true }, '--output');
  const { writeReport } = await import('../report/index.js');
  const summary = await writeReport({
    real: await filesOf(real, '<real>'),
    synthetic: await filesOf(synthetic, '<synthetic>'),
    ...(flags.holdout === undefined ? {} : { holdout: await filesOf(flags.holdout, '--holdout') }),
    ...(flags.given === undefined ? {} : { given: flags.given }),
    readAs: { real: textSourceOf(flags) },
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    output,
  });
  note(`report written to ${output}`);
  if (flags.json) {
    printJson({ output, ...summary });
    return;
  }
  const { overall, columns, pairs, copiesShare } = summary;
  print(
    `overall ${percent(overall)}, columns ${percent(columns)}, pairs ${percent(pairs)}, exact copies ${percent(copiesShare)}`,
  );
}

function filesOf(file: string, param: string): Promise<string[]> {
  const path = resolve(file);
  return resolveTableFiles(path, { readRoots: [path], writeRoots: [] }, param);
}

function seedOf(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || seed > SEED_MAX) throw new InvalidArgumentError(`Give an integer from 0 to ${SEED_MAX}.`);
  return seed;
}

function percent(share: number | null): string {
  return share === null ? 'none' : `${(share * 100).toFixed(1)} %`;
}
