/** `dxo demo`: a real table of 10 000 rows becomes a synthetic one, in the sandbox whatever the environment says. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { withExamples } from './command-options.js';
import { EXIT } from './exit-codes.js';
import { note } from './terminal.js';

const ROWS = '10000';
const OUTPUT = 'out/birdstrikes-synthetic.csv';

export function demoCommand(): Command {
  const command = new Command('demo')
    .description(`Synthesize the example table into ${OUTPUT}: no account, no configuration, nothing left running.`)
    .action(run);
  return withExamples(command, 'dxo demo');
}

async function run(): Promise<void> {
  const ignored = ['DATAXID_API_KEY', 'DATAXID_API_KEY_FILE', 'DATAXID_BASE_URL', 'TEMPORAL_ADDRESS'].filter(
    (name) => process.env[name],
  );
  if (ignored.length > 0) note(`the demo runs in the sandbox and ignores ${ignored.join(', ')}`);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ignored.includes(name)));
  note('the sandbox is an emulator of the API for development; it gives no privacy guarantee');
  const { runJob } = await import('./run-job.js');
  const table = fileURLToPath(new URL('../../examples/birdstrikes.csv', import.meta.url));
  process.exitCode = await runJob({
    kind: 'synthesize',
    file: table,
    flags: { rows: ROWS, output: OUTPUT, overwrite: true },
    folder: process.cwd(),
    env,
    place: { kind: 'local', env },
  });
  if (process.exitCode !== EXIT.done) return;
  const { printCloseness } = await import('./print-closeness.js');
  await printCloseness(table, resolve(OUTPUT));
}
