import { describe, expect, test } from '@jest/globals';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import fc from 'fast-check';
import { delayOf, toFailure } from '../../src/activities/to-failure.js';
import { DataxidError, type ErrorFields } from '../../src/api/api-error.js';
import { policyOf } from '../../src/contract/errors.js';
import { InputError } from '../../src/contract/input-error.js';

const clock = { attempt: 1, withoutEffect: 0, remainingMs: 60_000, jitter: 0 };

describe('toFailure', () => {
  test('bad input is never repeated, and says its code and place', () => {
    const failure = toFailure(
      new InputError('column_unknown', 'There is no column "aeg".', 'columns.encoding.aeg'),
      clock,
    );
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({
      type: 'column_unknown',
      nonRetryable: true,
      message: 'There is no column "aeg".',
      details: [{ code: 'column_unknown', param: 'columns.encoding.aeg' }],
    });
  });

  const refusal = (code: string, fields: Partial<ErrorFields> = {}): DataxidError =>
    new DataxidError('the API said so', { operation: 'generate rows', code, requestId: 'req_1', ...fields });

  test.each([
    { code: 'rate_limit_exceeded', retryAfterMs: 4_000, askAgainMs: 4_000, nonRetryable: false, category: 'BENIGN' },
    { code: 'internal_error', askAgainMs: 1_000, nonRetryable: false },
    { code: 'parameter_invalid', param: 'body.config', nonRetryable: true },
    { code: 'model_not_ready', askAgainMs: 2_000, nonRetryable: true },
    { code: 'quota_exceeded', nonRetryable: true },
    { code: 'http_502', statusCode: 502, askAgainMs: 1_000, nonRetryable: false },
  ])('$code becomes a failure by its row of the policy', (row) => {
    const { code, retryAfterMs, askAgainMs, param, statusCode, ...expected } = row;
    const failure = toFailure(refusal(code, { retryAfterMs, param, statusCode }), clock) as ApplicationFailure;
    expect(failure).toMatchObject({
      type: code,
      ...expected,
      nextRetryDelay: expected.nonRetryable ? undefined : askAgainMs,
      ...(expected.category === undefined ? {} : { category: ApplicationFailureCategory.BENIGN }),
    });
    expect(failure.details).toEqual([
      {
        code,
        request_id: 'req_1',
        ...(param === undefined ? {} : { param }),
        ...(statusCode === undefined ? {} : { status: statusCode }),
        ...(askAgainMs === undefined ? {} : { ask_again_ms: askAgainMs }),
        attempts: 1,
      },
    ]);
  });

  test.each([
    ['a delay that does not fit into the time that is left', { retryAfterMs: 4_000 }, { ...clock, remainingMs: 3_000 }],
    ['a wait that somebody should see', { retryAfterMs: 40_000 }, clock],
    ['a third try', { retryAfterMs: undefined }, { ...clock, attempt: 3 }],
  ])('%s goes back to the workflow, which is told when to ask again', (_, fields, at) => {
    const failure = toFailure(refusal('rate_limit_exceeded', fields), at) as ApplicationFailure;
    expect(failure).toMatchObject({ nonRetryable: true, nextRetryDelay: undefined });
    expect(failure.details).toEqual([
      expect.objectContaining({ ask_again_ms: fields.retryAfterMs ?? 1_000, attempts: at.attempt }),
    ]);
  });

  test('a failure stays small whatever the API says', () => {
    const failure = toFailure(
      new DataxidError('💥'.repeat(10_000), { operation: 'generate rows', code: 'internal_error' }),
      clock,
    );
    expect(Buffer.byteLength((failure as Error).message)).toBeLessThanOrEqual(300);
  });

  test('what nobody foresaw is tried again, and its text, which may quote a cell, is withheld', () => {
    const failure = toFailure(new TypeError('cannot read "a cell"\nof a row'), clock) as ApplicationFailure;
    expect(failure).toMatchObject({ type: 'unexpected_error', nonRetryable: false });
    expect(failure.message).toContain('TypeError');
    expect(failure.stack).toMatch(/^\s+at .*to-failure\.test/);
    expect(`${failure.message}${failure.stack}`).not.toMatch(/a cell|of a row/);
  });

  test('a failure of our own goes on as it is', () => {
    const failure = toFailure(new InputError('table_empty', 'no rows'), clock);
    expect(toFailure(failure, clock)).toBe(failure);
  });
});

describe('delayOf', () => {
  test('a delay is never 0, never below Retry-After, and at most a quarter above the larger of both', () => {
    const codes = fc.constantFrom('internal_error', 'rate_limit_exceeded', 'idempotency_key_in_use', 'no_answer');
    fc.assert(
      fc.property(
        codes,
        fc.nat(3_600_000),
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (code, retryAfterMs, attempt, jitter) => {
          const delayMs = delayOf(policyOf({ code }), retryAfterMs, { ...clock, attempt, jitter });
          expect(delayMs).toBeGreaterThanOrEqual(Math.max(1_000, retryAfterMs));
          expect(delayMs).toBeLessThanOrEqual(Math.max(8_000, retryAfterMs) * 1.25);
        },
      ),
    );
  });

  test('waiting keeps its pace, retrying doubles it as far as an activity goes', () => {
    const delays = (code: string): number[] =>
      [1, 2, 3, 4, 10].map((attempt) => delayOf(policyOf({ code }), undefined, { ...clock, attempt }));
    expect(delays('internal_error')).toEqual([1_000, 2_000, 4_000, 8_000, 8_000]);
    expect(delays('rate_limit_exceeded')).toEqual([1_000, 1_000, 1_000, 1_000, 1_000]);
  });
});
