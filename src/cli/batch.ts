/** `dxo batch`: many jobs from one manifest. */
import { Command, Option } from 'commander';
import type { BatchFlags } from './batch-request.js';
import { withExamples, withJson } from './command-options.js';

export function batchCommand(): Command {
  const batch = new Command('batch').description('Run many jobs from a manifest, and retry the ones that failed.');
  batch.addCommand(runCommand()).addCommand(planCommand()).addCommand(statusCommand()).addCommand(retryCommand());
  return withExamples(batch, 'dxo batch plan tables.csv', 'dxo batch run tables.csv --output results.jsonl');
}

function runCommand(): Command {
  const command = withManifest(new Command('run'))
    .description('Run every item of a manifest (YAML, JSONL or CSV), a few at a time.')
    .option('--output <file>', 'where the manifest of outputs is written: JSONL, a line an item')
    .option('--overwrite', 'replace a manifest of outputs that exists')
    .option('--at-once <n>', 'items under way at once (default: 10)')
    .option('--attempts <n>', 'tries of an item whose failure may pass (default: 2)')
    .addOption(
      new Option('--on-failure <action>', 'when an item fails: continue (default) or fail-fast').choices([
        'continue',
        'fail-fast',
      ]),
    )
    .option('--max-failures <n>', 'more failed items than these end the batch')
    .option('--quota-rows <n>', 'rows of quota that are left: a batch that asks for more is refused before it starts')
    .option('--deadline <instant>', 'when the batch has to be done: 2026-11-22T06:00:00Z')
    .option('--id <id>', 'the id of the batch; if a batch runs under it, attach to that one')
    .option('--detach', 'start the batch, print its id and leave')
    .action(async (manifest: string, flags: BatchFlags) => {
      const { runBatch } = await import('./batch-run.js');
      process.exitCode = await runBatch(manifest, flags, process.cwd(), process.env);
    });
  return withExamples(
    command,
    'dxo batch run tables.csv --output results.jsonl',
    'dxo batch run outputs.yaml --kind generate --model customers.model.json --output results.jsonl --at-once 20',
  );
}

function planCommand(): Command {
  const command = withManifest(new Command('plan'))
    .description('Check a manifest and say what its batch would cost. Starts and sends nothing.')
    .action(async (manifest: string, flags: BatchFlags) => {
      const { planBatchHere } = await import('./batch-plan.js');
      await planBatchHere(manifest, flags, process.cwd());
    });
  return withExamples(command, 'dxo batch plan tables.csv');
}

function withManifest(command: Command): Command {
  return withJson(
    command
      .argument('<manifest>', '.yaml, .jsonl or .csv; relative paths in it begin at its folder')
      .addOption(
        new Option('--kind <kind>', 'what each item is').choices(['synthesize', 'generate']).default('synthesize'),
      )
      .option('--defaults <file>', 'a partial request as .json or .yaml, which every item is merged over')
      .option('--model <file>', 'generate: the model of items that name none, as `dxo train --output-model` wrote it')
      .option('--seed <n>', 'make the batch repeatable: items draw theirs from it and from their name'),
  );
}

function statusCommand(): Command {
  const command = withJson(new Command('status'))
    .description('Say how far a batch is, or how it ended, and what failed and why.')
    .argument('<id>', 'the id of the batch')
    .action(async (id: string, flags: { json?: true }) => {
      const { showBatch } = await import('./batch-status.js');
      process.exitCode = await showBatch(id, flags);
    });
  return withExamples(command, 'dxo batch status nightly');
}

function retryCommand(): Command {
  const command = withJson(new Command('retry'))
    .description('Run the items of an ended batch that are not done. The manifest of outputs then has all of them.')
    .argument('<id>', 'the id of the ended batch')
    .option('--output <file>', 'another manifest of outputs (default: that of the batch, replaced)')
    .option('--at-once <n>', 'items under way at once (default: as the batch)')
    .option('--detach', 'start the batch, print its id and leave')
    .action(async (id: string, flags: { output?: string; atOnce?: string; detach?: true; json?: true }) => {
      const { retryBatch } = await import('./batch-retry.js');
      process.exitCode = await retryBatch(id, flags, process.cwd(), process.env);
    });
  return withExamples(command, 'dxo batch retry nightly');
}
