import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkApiKey } from '../../src/api/api-key.js';
import { parseBaseUrl } from '../../src/api/base-url.js';
import { AnswerTooLargeError, readWhole } from '../../src/api/http-answer.js';
import { parseRetryAfter, RETRY_AFTER_MS_MAX } from '../../src/api/retry-after.js';

describe('parseBaseUrl', () => {
  test.each([
    ['https://api.dataxid.com', 'https://api.dataxid.com/'],
    ['https://api.dataxid.com/v9//', 'https://api.dataxid.com/v9'],
    ['http://localhost:8787', 'http://localhost:8787/'],
    ['http://127.0.0.1:8787/', 'http://127.0.0.1:8787/'],
    ['http://[::1]:8000', 'http://[::1]:8000/'],
    ['http://0.0.0.0:1', 'http://0.0.0.0:1/'],
  ])('takes %s', (text, expected) => {
    expect(parseBaseUrl(text).href).toBe(expected);
  });

  test.each([
    'http://api.dataxid.com',
    'http://localhost:x@other.host/',
    'http://localhost:8787@other.host/',
    'https://user:hunter2@api.dataxid.com',
    'http://localhost.other.host',
    'http://127.0.0.1.other.host',
    'ftp://localhost',
    'https://api.dataxid.com/?hunter2',
    'api.dataxid.com',
    'localhost:8787',
    '',
  ])('refuses %j', (text) => {
    expect(() => parseBaseUrl(text)).toThrow(expect.objectContaining({ code: 'base_url_refused', param: 'base_url' }));
    expect(() => parseBaseUrl(text)).not.toThrow(/hunter2/);
  });
});

describe('checkApiKey', () => {
  test('takes printable ASCII', () => {
    expect(() => checkApiKey('dx_live_0aZ-._~+/=')).not.toThrow();
  });

  test.each([
    ['', /empty/],
    ['  \n', /empty/],
    ['dx_test_hunter2\n', /begins or ends/],
    ['dx_test hunter2', /space/],
    ['dx_test\r\nhunter2: x', /line break/],
    ['dx_test\u0000hunter2', /control/],
    ['dx_test_hünter2', /ASCII/],
  ])('refuses %j and never quotes it', (key, message) => {
    expect(() => checkApiKey(key)).toThrow(expect.objectContaining({ code: 'api_key_malformed' }));
    expect(() => checkApiKey(key)).toThrow(message);
    expect(() => checkApiKey(key)).not.toThrow(/nter2/);
  });
});

describe('parseRetryAfter', () => {
  const NOW_MS = Date.parse('2026-11-22T10:00:00Z');
  test.each([
    ['7', 7_000],
    [' 7 ', 7_000],
    ['0', 0],
    ['0.25', 250],
    ['3600', RETRY_AFTER_MS_MAX],
    ['999999999999', RETRY_AFTER_MS_MAX],
    ['Sun, 22 Nov 2026 10:00:30 GMT', 30_000],
    ['Sun, 22 Nov 2026 23:00:00 GMT', RETRY_AFTER_MS_MAX],
    ['Sun, 22 Nov 2026 09:59:59 GMT', undefined],
    ['-5', undefined],
    ['5 minutes', undefined],
    ['Infinity', undefined],
    ['1e3', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('reads %j as %s ms', (header, expected) => {
    expect(parseRetryAfter(header, NOW_MS)).toBe(expected);
  });

  test('whatever the header says, the delay is absent or between nothing and an hour', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String), fc.date().map(String)), (header) => {
        const delayMs = parseRetryAfter(header, NOW_MS) ?? 0;
        return delayMs >= 0 && delayMs <= RETRY_AFTER_MS_MAX;
      }),
      { seed: 3 },
    );
  });
});

describe('readWhole', () => {
  async function* chunks(...sizesBytes: number[]) {
    for (const size of sizesBytes) yield Buffer.alloc(size);
  }

  test('takes as many bytes as allowed', async () => {
    expect(await readWhole(chunks(3, 4), undefined, 7)).toHaveLength(7);
  });

  test('stops at the first byte too many, announced or not', async () => {
    await expect(readWhole(chunks(3, 5), undefined, 7)).rejects.toBeInstanceOf(AnswerTooLargeError);
    await expect(readWhole(chunks(), 8, 7)).rejects.toBeInstanceOf(AnswerTooLargeError);
  });
});
