/** A Chromium of this machine: the one that CHROMIUM_PATH names, or one where systems put it. */
import { existsSync } from 'node:fs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** @returns its path; undefined where there is none */
export function findChromium(env: NodeJS.ProcessEnv): string | undefined {
  return [env.CHROMIUM_PATH || undefined, ...PLACES].find((path) => path !== undefined && existsSync(path));
}
