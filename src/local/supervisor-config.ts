/** How a client tells a new supervisor what to run: one variable of its environment, beside the user's own. */
import { z } from 'zod';
import { type StackSettings, sandboxSettingsSchema, stackSettingsSchema } from './stack-settings.js';

const VARIABLE = 'DXO_LOCAL_STACK';

const schema = z.object({
  settings: stackSettingsSchema,
  sandbox: sandboxSettingsSchema,
  programs: z.object({ worker: z.string(), sandbox: z.string() }),
});
type SupervisorConfig = z.infer<typeof schema>;

export const supervisorEnv = (env: NodeJS.ProcessEnv, config: SupervisorConfig): NodeJS.ProcessEnv => ({
  ...env,
  [VARIABLE]: JSON.stringify(config),
});

/** @returns the configuration, and the environment as the client's user had it */
export function readSupervisorConfig(
  env: NodeJS.ProcessEnv,
): SupervisorConfig & { env: NodeJS.ProcessEnv; settings: StackSettings } {
  const { [VARIABLE]: text, ...rest } = env;
  if (text === undefined) throw new Error('The supervisor is started by `dxo`, not by hand.');
  return { ...schema.parse(JSON.parse(text)), env: rest };
}
