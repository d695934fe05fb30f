/** `dxo dev`: the local stack in the foreground, to look at it, to keep it warm, or to end it. */
import { Command, Option } from 'commander';
import { InputError } from '../contract/input-error.js';
import { requireOptionalParts } from '../optional-parts.js';
import { withExamples, withJson } from './command-options.js';
import { note, print, printJson } from './terminal.js';

/** Nothing happens at it. */
const AWAKE_INTERVAL_MS = 60_000;

interface DevFlags {
  stop?: true;
  status?: true;
  speed?: string;
  json?: true;
}

export function devCommand(): Command {
  const command = new Command('dev')
    .description('Start Temporal, its Web UI, the API or the sandbox, and a worker for this folder; stay until Ctrl-C.')
    .option('--status', 'say what runs in this folder, and leave')
    .addOption(
      new Option('--stop', 'end what runs in this folder; running jobs go on at the next start').conflicts('status'),
    )
    .addOption(new Option('--speed <n>', "how many times faster the sandbox's time runs").conflicts(['status', 'stop']))
    .action(run);
  withJson(command);
  return withExamples(command, 'dxo dev', 'dxo dev --speed 60', 'dxo dev --status --json', 'dxo dev --stop');
}

async function run({ stop, status, speed, json }: DevFlags): Promise<void> {
  const folder = process.cwd();
  const { describeLocalStack, stopLocalStack } = await import('../local/local-stack.js');
  const { hasLocalState } = await import('./session.js');
  if (stop) {
    const stopped = (await hasLocalState(folder)) && (await stopLocalStack(folder));
    if (json) printJson({ stopped });
    else print(stopped ? 'the local stack has ended' : 'no local stack runs in this folder');
  } else if (status) {
    const stack = (await hasLocalState(folder)) ? await describeLocalStack(folder) : undefined;
    if (json) printJson(stack ?? {});
    else print(stack === undefined ? 'no local stack runs in this folder' : descriptionOf(stack));
  } else {
    await stay(folder, speed, json);
  }
}

async function stay(folder: string, speed: string | undefined, json: true | undefined): Promise<void> {
  requireOptionalParts();
  const [{ attachLocalStack }, { chooseApi }, { sandboxOf, reachable }] = await Promise.all([
    import('../local/local-stack.js'),
    import('./api-choice.js'),
    import('./session.js'),
  ]);
  const { kind, env } = await chooseApi(process.env);
  const sandbox = sandboxOf(speed === undefined ? env : { DXO_SANDBOX_SPEED: speed });
  if (speed !== undefined && kind === 'api') {
    throw new InputError('request_invalid', '--speed is for the sandbox; with a key the real API is used.', '--speed');
  }
  const { stack, detach } = await reachable(attachLocalStack({ folder, env, sandbox, report: note }));
  if (json) printJson(stack);
  else print(descriptionOf(stack));
  note('Ctrl-C leaves; what runs ends when no job runs any more');
  // Neither a signal handler nor the attachment keeps a process alive.
  const awake = setInterval(() => undefined, AWAKE_INTERVAL_MS);
  await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  clearInterval(awake);
  await detach();
}

function descriptionOf(stack: {
  uiUrl: string;
  address: string;
  baseUrl: string;
  sandboxUrl?: string;
  pids: object;
}): string {
  return [
    `Temporal Web UI  ${stack.uiUrl}`,
    `Temporal         ${stack.address}`,
    `API              ${stack.baseUrl}${stack.sandboxUrl === undefined ? '' : ' (the built-in sandbox)'}`,
    `processes        ${Object.entries(stack.pids)
      .map(([name, pid]) => `${name} ${pid}`)
      .join(', ')}`,
  ].join('\n');
}
