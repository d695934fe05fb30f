import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { InputError } from '../src/contract/input-error.js';
import { accountsOf, readSettings, settingsSchema } from '../src/settings.js';
import { markdownTable, printedPart } from './support/docs-page.js';

const folder = mkdtempSync(join(tmpdir(), 'dxo-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('docs/settings.md shows every setting with its default, its unit and its meaning', () => {
  const rows = Object.entries(settingsSchema.shape).map(([name, schema]) => {
    const { unit, secret } = (schema.meta() ?? {}) as { unit?: string; secret?: boolean };
    const fallback = schema.safeParse(undefined).data;
    const shown =
      fallback === undefined || (Array.isArray(fallback) && fallback.length === 0)
        ? ''
        : `\`${fallback}\`${unit === undefined ? '' : ` ${unit}`}`;
    return [`\`${name}\``, shown, `${schema.description ?? ''}${secret === true ? ' (secret: redacted in logs)' : ''}`];
  });
  const fresh = markdownTable(['setting', 'default', 'meaning'], rows);
  expect(rows.every(([, , meaning]) => meaning !== '')).toBe(true);
  expect(printedPart('settings.md', fresh)).toBe(fresh);
});

describe('readSettings', () => {
  test('an empty text counts as unset', () => {
    expect(readSettings({ DATAXID_RATE_LIMIT: '' }).DATAXID_RATE_LIMIT).toBe(60);
  });

  test.each([
    ['9464', '127.0.0.1:9464'],
    [':9464', '127.0.0.1:9464'],
    ['0.0.0.0:9464', '0.0.0.0:9464'],
    ['[::1]:9464', '[::1]:9464'],
  ])('the metrics are served on loopback unless an address is named: %s', (text, address) => {
    expect(readSettings({ DATAXID_METRICS_ADDRESS: text }).DATAXID_METRICS_ADDRESS).toBe(address);
  });

  test.each(['0', '70000', 'metrics.test:9464', '1.2.3:9464', '127.0.0.1'])('%s is no address of metrics', (text) => {
    expect(() => readSettings({ DATAXID_METRICS_ADDRESS: text })).toThrow(/DATAXID_METRICS_ADDRESS/);
  });

  test('every wrong setting is named at once', () => {
    const read = (): unknown => readSettings({ DATAXID_RATE_LIMIT: 'many', DATAXID_LOG_LEVEL: 'loud' });
    expect(read).toThrow(InputError);
    expect(read).toThrow(/DATAXID_RATE_LIMIT[\s\S]*DATAXID_LOG_LEVEL|DATAXID_LOG_LEVEL[\s\S]*DATAXID_RATE_LIMIT/);
  });
});

describe('accountsOf', () => {
  test('a key may live in a file, and further accounts inherit what they do not say', () => {
    const keyFile = join(folder, 'key');
    const accountsFile = join(folder, 'accounts.yaml');
    writeFileSync(keyFile, 'dx_live_from_file\n');
    writeFileSync(accountsFile, `acme:\n  apiKeyFile: ${keyFile}\n  rateLimit: 120\n`);
    const settings = readSettings({ DATAXID_API_KEY: 'dx_test_one', DATAXID_ACCOUNTS_FILE: accountsFile });
    expect(accountsOf(settings)).toEqual([
      {
        name: 'default',
        apiKey: 'dx_test_one',
        baseUrl: 'https://api.dataxid.com',
        rateLimit: 60,
        rateWindowMs: 60_000,
        keyUseMs: 82_800_000,
      },
      {
        name: 'acme',
        apiKey: 'dx_live_from_file',
        baseUrl: 'https://api.dataxid.com',
        rateLimit: 120,
        rateWindowMs: 60_000,
        keyUseMs: 82_800_000,
      },
    ]);
  });

  test.each([
    ['no key at all', {}, /DATAXID_API_KEY/],
    ['a key file that is not there', { DATAXID_API_KEY_FILE: '/nowhere/key' }, /\/nowhere\/key/],
  ])('%s is refused with the setting’s name', (_, env, message) => {
    expect(() => accountsOf(readSettings(env))).toThrow(message);
  });
});
