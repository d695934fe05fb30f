/**
 * The settings that a stack runs with and that everybody who shares it must agree on. They are compared by fingerprints,
 * so that no key is ever sent or written, and a difference can still be named.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DEFAULT_BASE_URL } from '../settings.js';

const SANDBOX_KEY = 'dx_test_sandbox';
const FINGERPRINT_CHARS = 16;

export const sandboxSettingsSchema = z.object({ speed: z.number().optional(), rateLimit: z.number().optional() });
export type SandboxSettings = z.infer<typeof sandboxSettingsSchema>;

/** Fingerprint by name: each DATAXID_ variable, and what was asked of the sandbox. */
export const stackSettingsSchema = z.record(z.string(), z.string());
export type StackSettings = z.infer<typeof stackSettingsSchema>;

/** The sandbox stands in as long as neither a key nor an address of the real API is given. */
export function usesSandbox(env: NodeJS.ProcessEnv): boolean {
  const hasKey = env.DATAXID_API_KEY && env.DATAXID_API_KEY !== SANDBOX_KEY;
  return !(hasKey || env.DATAXID_API_KEY_FILE || env.DATAXID_ACCOUNTS_FILE || env.DATAXID_BASE_URL);
}

/** What the worker talks to, for people. */
export const baseUrlOf = (env: NodeJS.ProcessEnv, sandboxUrl: string | undefined): string =>
  sandboxUrl ?? (env.DATAXID_BASE_URL || DEFAULT_BASE_URL);

/** Names the API whose jobs a stack has: `sandbox`, or the host of the real one. */
export const apiNameOf = (env: NodeJS.ProcessEnv): string =>
  usesSandbox(env) ? 'sandbox' : new URL(env.DATAXID_BASE_URL || DEFAULT_BASE_URL).host;

/** The API part of the worker's environment: the sandbox's, or what the user set. */
export const apiVariablesOf = (sandboxUrl: string | undefined): NodeJS.ProcessEnv =>
  sandboxUrl === undefined ? {} : { DATAXID_BASE_URL: sandboxUrl, DATAXID_API_KEY: SANDBOX_KEY };

export function stackSettingsOf(env: NodeJS.ProcessEnv, sandbox: SandboxSettings = {}): StackSettings {
  const variables = Object.entries(env).filter(([name, value]) => name.startsWith('DATAXID_') && value);
  const asked = Object.entries(sandbox).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    [...variables, ...asked.map(([name, value]) => [`sandbox ${name}`, `${value}`] as const)]
      .map(([name, value]) => [name, fingerprintOf(`${name}=${value}`)] as const)
      .filter(([name]) => name !== 'DATAXID_API_KEY' || !usesSandbox(env))
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}

export const digestOf = (settings: StackSettings): string => fingerprintOf(JSON.stringify(settings));

/** Names that differ. Who asks nothing of the sandbox takes it as it is. */
export function differencesOf(running: StackSettings, wanted: StackSettings): string[] {
  const names = new Set([...Object.keys(running), ...Object.keys(wanted)]);
  return [...names].filter(
    (name) => running[name] !== wanted[name] && !(name.startsWith('sandbox ') && wanted[name] === undefined),
  );
}

const fingerprintOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, FINGERPRINT_CHARS);
