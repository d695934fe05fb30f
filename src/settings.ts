/**
 * The worker's settings: one schema, one reader of the environment. An empty string counts as unset.
 * docs/settings.md is printed from here (scripts/settings-table.mjs), with unit and default.
 * Not here: TEMPORAL_…, read by @temporalio/envconfig as Temporal's own tools read it.
 */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { delimiter, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { InputError } from './contract/input-error.js';
import { KEY_USE_MS } from './contract/limits.js';

export const DEFAULT_BASE_URL = 'https://api.dataxid.com';

const LOOPBACK = '127.0.0.1';
const isPort = (port: number): boolean => port >= 1 && port <= 65_535;
const KEY_USE_S = KEY_USE_MS / 1_000;

const pathList = z
  .string()
  .transform((text) =>
    text
      .split(delimiter)
      .filter((path) => path !== '')
      .map((path) => resolve(path)),
  )
  .default([]);

export const settingsSchema = z.object({
  DATAXID_API_KEY: z
    .string()
    .optional()
    .meta({ secret: true })
    .describe('API key of the account `default`: `dx_test_…` or `dx_live_…`'),
  DATAXID_API_KEY_FILE: z.string().optional().describe('A file that holds the key, instead of DATAXID_API_KEY'),
  DATAXID_BASE_URL: z.string().default(DEFAULT_BASE_URL).describe('Where the API is; plain http only on loopback'),
  DATAXID_ACCOUNTS_FILE: z
    .string()
    .optional()
    .describe('YAML or JSON with more accounts: `{acme: {apiKeyFile: …, baseUrl: …, rateLimit: …, quotaRows: …}}`'),
  DATAXID_ARTIFACTS: z
    .string()
    .default('.dxo/artifacts')
    .describe('Folder of the artifact store; shared by all workers'),
  DATAXID_READ_ROOTS: pathList.describe(
    'Folders or files that requests may read, separated as in PATH; none by default',
  ),
  DATAXID_WRITE_ROOTS: pathList.describe(
    'Folders or files that requests may write, separated as in PATH; none by default',
  ),
  DATAXID_GRANTS: z.string().optional().describe('A file of single paths that the local command line was told to use'),
  DATAXID_RATE_LIMIT: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(60)
    .meta({ unit: 'requests' })
    .describe('Requests that an account may send in any window, until the API names another limit'),
  DATAXID_RATE_WINDOW_SECONDS: z.coerce
    .number()
    .positive()
    .max(3_600)
    .default(60)
    .meta({ unit: 's' })
    .describe("The window's length; other than 60 only for a sandbox whose time runs faster"),
  DATAXID_QUOTA_ROWS: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .meta({ unit: 'rows' })
    .describe(
      'Rows that the plan of an account allows in a month, if known: jobs that do not fit are held or fail before their training. Else the first 402 tells',
    ),
  DATAXID_KEY_USE_SECONDS: z.coerce
    .number()
    .positive()
    .max(KEY_USE_S)
    .default(KEY_USE_S)
    .meta({ unit: 's' })
    .describe(
      'How long an idempotency key is used after its first request; shorter only for a sandbox whose time runs faster',
    ),
  DATAXID_API_SLOTS: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(100)
    .describe('API requests under way or waiting for their turn, in the worker that spends the budget of an account'),
  DATAXID_DATA_SLOTS: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(2)
    .describe('Tables read, encoded or decoded at once, this worker'),
  DATAXID_SHUTDOWN_GRACE_SECONDS: z.coerce
    .number()
    .min(0)
    .max(3_600)
    .default(30)
    .meta({ unit: 's' })
    .describe('After SIGTERM a running request may go on this long; then it is cut and safely repeated elsewhere'),
  DATAXID_HEALTH_HOST: z.string().default('127.0.0.1').describe('Where the health endpoint listens'),
  DATAXID_HEALTH_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(8788)
    .describe('Port of GET /health; 0 is any free port'),
  DATAXID_METRICS_ADDRESS: z
    .string()
    .transform((text, context) => {
      const [, host = LOOPBACK, port] = /^(?:([\d.]+|\[[\da-fA-F:.]+\])?:)?(\d{1,5})$/.exec(text) ?? [];
      if (port !== undefined && isPort(Number(port)) && isIP(host.replace(/[[\]]/g, '')) > 0) return `${host}:${port}`;
      context.addIssue({
        code: 'custom',
        message: 'must be `port` (on loopback) or `address:port`: 9464, 0.0.0.0:9464',
      });
      return z.NEVER;
    })
    .optional()
    .describe(
      'Where GET /metrics answers, for Prometheus: a port of loopback, or an IP address and a port. Unset: nowhere',
    ),
  DATAXID_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Least level that is logged'),
});
export type Settings = z.infer<typeof settingsSchema>;

export interface Account {
  name: string;
  apiKey: string;
  baseUrl: string;
  /** Requests in any window. */
  rateLimit: number;
  rateWindowMs: number;
  /** Rows in a month, where the operator says so. */
  quotaRows?: number | undefined;
  /** How long a key may be used after its first request. */
  keyUseMs: number;
}

/** @throws InputError (request_invalid) that lists every wrong setting at once */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) {
    throw new InputError(
      'request_invalid',
      `The settings are wrong; docs/settings.md lists them.\n${z.prettifyError(parsed.error)}`,
    );
  }
  return parsed.data;
}

const accountsFileSchema = z.record(
  z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  z.strictObject({
    apiKey: z.string().optional(),
    apiKeyFile: z.string().optional(),
    baseUrl: z.string().optional(),
    rateLimit: z.number().int().min(1).max(1_000_000).optional(),
    quotaRows: z.number().int().min(1).optional(),
  }),
);

/** The accounts that this worker serves, each with its key. @throws InputError where there is none, or a file cannot be read */
export function accountsOf(settings: Settings): Account[] {
  const defaults = {
    baseUrl: settings.DATAXID_BASE_URL,
    rateLimit: settings.DATAXID_RATE_LIMIT,
    ...(settings.DATAXID_QUOTA_ROWS === undefined ? {} : { quotaRows: settings.DATAXID_QUOTA_ROWS }),
    rateWindowMs: settings.DATAXID_RATE_WINDOW_SECONDS * 1_000,
    keyUseMs: settings.DATAXID_KEY_USE_SECONDS * 1_000,
  };
  const accounts: Account[] = [];
  const defaultKey = keyOf(settings.DATAXID_API_KEY, settings.DATAXID_API_KEY_FILE, 'DATAXID_API_KEY_FILE');
  if (defaultKey !== undefined) accounts.push({ name: 'default', apiKey: defaultKey, ...defaults });
  if (settings.DATAXID_ACCOUNTS_FILE !== undefined) {
    const parsed = accountsFileSchema.safeParse(
      parseYaml(readText(settings.DATAXID_ACCOUNTS_FILE, 'DATAXID_ACCOUNTS_FILE')),
    );
    if (!parsed.success) {
      throw new InputError('request_invalid', `DATAXID_ACCOUNTS_FILE is wrong.\n${z.prettifyError(parsed.error)}`);
    }
    for (const [name, { apiKey, apiKeyFile, ...rest }] of Object.entries(parsed.data)) {
      const key = keyOf(apiKey, apiKeyFile, `${name}.apiKeyFile of DATAXID_ACCOUNTS_FILE`);
      if (key === undefined) {
        throw new InputError(
          'api_key_missing_here',
          `Account ${name} in DATAXID_ACCOUNTS_FILE has neither apiKey nor apiKeyFile.`,
        );
      }
      accounts.push({ name, apiKey: key, ...defaults, ...rest });
    }
  }
  if (accounts.length === 0) {
    throw new InputError(
      'api_key_missing_here',
      'No API key: set DATAXID_API_KEY, DATAXID_API_KEY_FILE or DATAXID_ACCOUNTS_FILE.',
    );
  }
  return accounts;
}

function keyOf(key: string | undefined, file: string | undefined, setting: string): string | undefined {
  return key ?? (file === undefined ? undefined : readText(file, setting).trim());
}

function readText(path: string, setting: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new InputError(
      'file_unreadable',
      `${setting} names ${path}, which cannot be read: ${(error as Error).message}`,
      setting,
      {
        cause: error,
      },
    );
  }
}
