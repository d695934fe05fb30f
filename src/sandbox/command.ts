/** The options of `dxo sandbox` and of the program on its own: one definition for both. */
import { Command, InvalidArgumentError } from 'commander';
import { type SandboxOptions, startSandbox } from './start-sandbox.js';

const PORT_DEFAULT = 8787;

interface SandboxFlags {
  port: number;
  host: string;
  allowNonLoopback: boolean;
  rateLimit: number;
  quotaRows: number;
  key: string[];
  state?: string;
  speed?: number;
  seed?: number;
  epochSeconds?: number;
  json: boolean;
}

/** Runs until SIGTERM or SIGINT, then ends with exit code 0. */
export function sandboxCommand(): Command {
  return new Command('sandbox')
    .description('Run an emulator of the DataXID API for development. It gives no privacy guarantee.')
    .option('--port <port>', 'port to listen on; 0 takes a free one', numberOf, PORT_DEFAULT)
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--allow-non-loopback', 'allow a --host that other machines can reach', false)
    .option('--rate-limit <requests>', 'requests a minute for each organization', numberOf, 60)
    .option('--quota-rows <rows>', 'generated rows a month for each organization', numberOf, 100_000)
    .option('--key <key>', 'accept this API key too, as an organization of its own; repeatable', collect, [])
    .option('--state <file>', 'keep everything in this file, so that a restart goes on (default: memory)')
    .option(
      '--speed <factor>',
      'virtual seconds in a second: limits, windows, key expiry and training follow (default: 1)',
      numberOf,
    )
    .option('--seed <number>', 'make model ids and unseeded draws repeatable', numberOf)
    .option('--epoch-seconds <seconds>', 'virtual seconds an epoch takes (default: from the rows)', numberOf)
    .option('--json', 'print the url as JSON', false)
    .addHelpText(
      'after',
      '\nExample:\n  $ dxo sandbox --port 8787 --speed 60 --state .dxo/sandbox.jsonl\n  Point DATAXID_BASE_URL at the printed url and use the key dx_test_sandbox.',
    )
    .action(run);
}

async function run({ key, state, json, ...flags }: SandboxFlags): Promise<void> {
  const options: SandboxOptions = { ...flags, keys: key, stateFile: state };
  const sandbox = await startSandbox(options);
  const stopped = Promise.race(
    ['SIGTERM', 'SIGINT'].map((signal) => new Promise((resolve) => process.once(signal, resolve))),
  );
  process.stdout.write(
    json
      ? `${JSON.stringify({ url: sandbox.url, port: sandbox.port })}\n`
      : `DataXID sandbox listens on ${sandbox.url}\n`,
  );
  await stopped;
  await sandbox.close();
}

function numberOf(text: string): number {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It must be a number.');
  return Number(text);
}

function collect(value: string, values: string[]): string[] {
  return [...values, value];
}
