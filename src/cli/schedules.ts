/** `dxo schedules`: the file of schedules against the server, and single schedules by their names. */
import { Command } from 'commander';
import { withExamples, withJson } from './command-options.js';

type Applying = typeof import('./schedules-apply.js');
type Looking = typeof import('./schedules-list.js');
type Steering = typeof import('./schedules-steer.js');

const FILE = 'schedules.yaml';
const applying = (): Promise<Applying> => import('./schedules-apply.js');
const looking = (): Promise<Looking> => import('./schedules-list.js');
const steering = (): Promise<Steering> => import('./schedules-steer.js');

export function schedulesCommand(): Command {
  const schedules = new Command('schedules').description(
    'Run requests at their times: plan and apply a file, look, steer.',
  );
  for (const command of [planCommand(), applyCommand(), listCommand(), showCommand(), ...steeringCommands()]) {
    schedules.addCommand(withJson(command));
  }
  return withExamples(schedules, 'dxo schedules plan', 'dxo schedules apply', 'dxo schedules list --check');
}

function planCommand(): Command {
  const command = fileCommand('plan', 'Show what apply would change; changes nothing.')
    .option('--detailed-exitcode', 'exit code 4 when there is something to apply')
    .action(async (file: string, flags: object) => {
      process.exitCode = await (await applying()).planFile(file, flags);
    });
  return withExamples(command, 'dxo schedules plan', 'dxo schedules plan nightly.yaml --detailed-exitcode');
}

function applyCommand(): Command {
  const command = fileCommand('apply', 'Make the server as the file says. A file with a fault changes nothing.')
    .option('--yes', 'do not ask')
    .option('--resume', 'also end pauses that somebody, or a failed run, made')
    .option('--take-over <name...>', 'replace schedules of these names that this book did not make')
    .action(async (file: string, flags: object) => {
      process.exitCode = await (await applying()).applyFile(file, flags);
    });
  return withExamples(command, 'dxo schedules apply', 'dxo schedules apply nightly.yaml --yes --json');
}

function fileCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('[file]', 'the schedules as YAML (`dxo schema schedules`)', FILE);
}

function listCommand(): Command {
  const command = new Command('list')
    .description('All schedules of the namespace: the next run, how the last due one ended, what never ran.')
    .option('--check', 'exit code 1 when the last due run of any was missed, skipped or failed')
    .action(async (flags: object) => {
      process.exitCode = await (await looking()).listSchedules(flags);
    });
  return withExamples(command, 'dxo schedules list', 'dxo schedules list --check');
}

function showCommand(): Command {
  return ofOne('show', 'Say what a schedule runs and when, its last and its next runs.').action(
    async (name: string, flags: object) => {
      process.exitCode = await (await looking()).showSchedule(name, flags);
    },
  );
}

function steeringCommands(): Command[] {
  const backfill = new Command('backfill')
    .description('Run what was due in a span again, one after the other, each under the time that it was due.')
    .argument('<name>', 'the name of the schedule')
    .requiredOption('--from <instant>', 'ISO 8601, included: 2026-11-20, or 2026-11-20T02:30:00Z')
    .requiredOption('--to <instant>', 'included; a date is its first moment')
    .action(async (name: string, flags: { from: string; to: string }) => {
      process.exitCode = await (await steering()).backfill(name, flags);
    });
  return [
    ofOne('trigger', 'Start a run now.').action(async (name: string, flags: object) => {
      process.exitCode = await (await steering()).trigger(name, flags);
    }),
    withExamples(backfill, 'dxo schedules backfill nightly --from 2026-11-20 --to 2026-11-22'),
    ofOne('pause', 'Start no runs until it is resumed; one that runs goes on.', '--note "quota is used up"')
      .option('--note <text>', 'why, for those who look at it')
      .action(async (name: string, flags: object) => {
        process.exitCode = await (await steering()).pause(name, flags);
      }),
    ofOne('resume', 'Let a paused schedule go on.')
      .option('--note <text>', 'for those who look at it')
      .action(async (name: string, flags: object) => {
        process.exitCode = await (await steering()).resume(name, flags);
      }),
    ofOne('delete', 'Delete a schedule; jobs that it started go on.')
      .option('--yes', 'do not ask')
      .action(async (name: string, flags: object) => {
        process.exitCode = await (await steering()).remove(name, flags);
      }),
  ];
}

function ofOne(name: string, description: string, options = ''): Command {
  const command = new Command(name).description(description).argument('<name>', 'the name of the schedule');
  return withExamples(command, `dxo schedules ${name} nightly ${options}`.trim());
}
