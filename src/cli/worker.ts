/** `dxo worker`: the worker process of src/worker.ts, for a Temporal server that is there already. */
import { Command } from 'commander';
import { withExamples } from './command-options.js';

export function workerCommand(): Command {
  const command = new Command('worker')
    .description('Run a worker until SIGTERM, with the settings of the environment (docs/settings.md).')
    .action(run);
  return withExamples(
    command,
    'TEMPORAL_ADDRESS=temporal:7233 DATAXID_READ_ROOTS=/data DATAXID_WRITE_ROOTS=/out dxo worker',
  );
}

async function run(): Promise<void> {
  const [{ readSettings }, { makeLog }, { runWorker }] = await Promise.all([
    import('../settings.js'),
    import('../log.js'),
    import('../worker.js'),
  ]);
  const settings = readSettings(process.env);
  await runWorker(settings, makeLog(settings.DATAXID_LOG_LEVEL));
}
