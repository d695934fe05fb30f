/**
 * Which API the local stack will use: the real one when there is a key, else the built-in sandbox. What is wrong with
 * the key or the address is said before anything is started.
 */
import { readFile } from 'node:fs/promises';
import { checkApiKey } from '../api/api-key.js';
import { parseBaseUrl } from '../api/base-url.js';
import { InputError } from '../contract/input-error.js';

export interface ApiChoice {
  kind: 'sandbox' | 'api';
  /** The environment with the key in DATAXID_API_KEY, wherever it came from; the sandbox's has none. */
  env: NodeJS.ProcessEnv;
}

/** @throws InputError api_key_malformed, api_key_missing_here, base_url_refused, file_unreadable */
export async function chooseApi(env: NodeJS.ProcessEnv): Promise<ApiChoice> {
  const { DATAXID_API_KEY, DATAXID_API_KEY_FILE, ...rest } = env;
  const key = DATAXID_API_KEY || (DATAXID_API_KEY_FILE ? await readKey(DATAXID_API_KEY_FILE) : undefined);
  const baseUrl = env.DATAXID_BASE_URL || undefined;
  if (baseUrl !== undefined) parseBaseUrl(baseUrl);
  if (key === undefined) {
    if (baseUrl === undefined) return { kind: 'sandbox', env: rest };
    throw new InputError(
      'api_key_missing_here',
      'DATAXID_BASE_URL is set, but there is no key for the real API: set DATAXID_API_KEY or DATAXID_API_KEY_FILE, or unset DATAXID_BASE_URL to use the built-in sandbox.',
      'DATAXID_API_KEY',
    );
  }
  checkApiKey(key);
  return { kind: 'api', env: { ...rest, DATAXID_API_KEY: key } };
}

async function readKey(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new InputError(
      'file_unreadable',
      `DATAXID_API_KEY_FILE names ${path}, which cannot be read (${code}).`,
      'DATAXID_API_KEY_FILE',
      { cause },
    );
  }
}
