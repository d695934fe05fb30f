/** Where programs that were fetched once are kept for every project of this user. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** `$XDG_CACHE_HOME/dataxid-orchestrator`, else `~/.cache/dataxid-orchestrator`. A relative XDG path is ignored, as XDG asks. */
export function cacheFolderOf(env: NodeJS.ProcessEnv): string {
  const { XDG_CACHE_HOME: xdg } = env;
  return join(xdg && isAbsolute(xdg) ? xdg : join(env.HOME || homedir(), '.cache'), 'dataxid-orchestrator');
}
