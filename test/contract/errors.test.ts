import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type ErrorPolicy,
  POLICY_BY_CODE,
  POLICY_BY_STATUS,
  POLICY_BY_TYPE,
  policyOf,
} from '../../src/contract/errors.js';
import { markdownTable, printedPart } from '../support/docs-page.js';

const row = (name: string, { action, meaning, advice, floorMs, ceilingMs }: ErrorPolicy): string[] => [
  `\`${name}\``,
  action,
  meaning,
  floorMs === undefined
    ? ''
    : ceilingMs === undefined
      ? `${floorMs / 1000} s`
      : `${floorMs / 1000} to ${ceilingMs / 1000} s`,
  advice ?? '',
];

describe('the error policy', () => {
  test('docs/errors.md shows every row of the table', () => {
    const head = ['error', 'action', 'what it means', 'delay', 'what to do'];
    const fresh = [
      '### By code',
      markdownTable(
        head,
        Object.entries(POLICY_BY_CODE).map(([name, policy]) => row(name, policy)),
      ),
      '### By type, for codes without a row',
      markdownTable(
        head,
        Object.entries(POLICY_BY_TYPE).map(([name, policy]) => row(name, policy)),
      ),
      '### By HTTP status, for answers without a known type',
      markdownTable(
        head,
        POLICY_BY_STATUS.map((policy) =>
          row(policy.from === policy.to ? `${policy.from}` : `${policy.from} to ${policy.to}`, policy),
        ),
      ),
    ].join('\n\n');
    expect(printedPart('errors.md', fresh)).toBe(fresh);
  });

  test('docs/errors.md names every code of our own', () => {
    const named = (path: string, pattern: RegExp): string[] =>
      [...readFileSync(path, 'utf8').matchAll(pattern)].map(([, code]) => code ?? '');
    const folders = ['src/activities', 'src/workflows'];
    const files = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
    const codes = [
      ...named('src/contract/input-error.ts', /^ {2}\| '(\w+)'/gm),
      ...files.flatMap((file) => named(file, /code: (?:isLast \? )?'(\w+)'/g)),
    ];
    expect(codes.length).toBeGreaterThan(20);
    const page = readFileSync('docs/errors.md', 'utf8');
    expect(codes.filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
  });

  test.each([
    ['api_key_missing', 'authentication_error', 401, 'fail'],
    ['api_key_invalid', 'authentication_error', 401, 'fail'],
    ['parameter_invalid', 'invalid_request_error', 400, 'fail'],
    ['model_not_found', 'not_found_error', 404, 'fail'],
    ['model_not_ready', 'invalid_request_error', 400, 'rekey'],
    ['training_service_unavailable', 'api_error', 503, 'retry'],
    ['idempotency_key_in_use', 'invalid_request_error', 409, 'wait'],
    ['quota_exceeded', 'quota_exceeded_error', 402, 'hold'],
    ['rate_limit_exceeded', 'rate_limit_error', 429, 'wait'],
    ['internal_error', 'api_error', 500, 'retry'],
  ])('the documented %s is answered with its action', (code, type, statusCode, action) => {
    expect(policyOf({ code, type, statusCode }).action).toBe(action);
  });

  test.each([
    [{ code: 'new_code', type: 'api_error', statusCode: 400 }, 'retry'],
    [{ code: 'new_code', type: 'new_type', statusCode: 429 }, 'wait'],
    [{ code: 'http_402', statusCode: 402 }, 'hold'],
    [{ code: 'http_502', statusCode: 502 }, 'retry'],
    [{ code: 'http_301', statusCode: 301 }, 'fail'],
    [{ code: 'toString', type: 'constructor', statusCode: 418 }, 'fail'],
  ])('%j, which nobody has seen yet, is decided by the next best thing', (error, action) => {
    expect(policyOf(error).action).toBe(action);
  });

  test('every error that can be made up has a policy, and every delay is above zero', () => {
    const error = fc.record({
      code: fc.option(fc.string(), { nil: undefined }),
      type: fc.option(fc.string(), { nil: undefined }),
      statusCode: fc.option(fc.integer({ min: 100, max: 599 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(error, (made) => {
        const policy = policyOf(made);
        expect(policy.meaning).not.toBe('');
        expect(policy.floorMs ?? 1).toBeGreaterThan(0);
        if (policy.action === 'fail') expect(policy.advice).toBeDefined();
      }),
    );
  });
});
