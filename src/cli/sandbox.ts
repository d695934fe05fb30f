/**
 * `dxo sandbox`: the emulator of the DataXID API. Its options are its own; they are read when they are needed, since they
 * bring the whole HTTP server with them.
 */
import { Command } from 'commander';

export function sandboxCommand(): Command {
  return new Command('sandbox')
    .description('Run an emulator of the DataXID API for development. It gives no privacy guarantee.')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (_: unknown, { args }: Command) => {
      const { sandboxCommand: command } = await import('../sandbox/command.js');
      await command().exitOverride().parseAsync(args, { from: 'user' });
    });
}
