import { describe, expect, test } from '@jest/globals';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import fc from 'fast-check';
import { delayOf, toFailure } from '../../src/activities/to-failure.js';
import { policyOf } from '../../src/contract/errors.js';
import { InputError } from '../../src/contract/input-error.js';

const clock = { attempt: 1, remainingMs: 60_000, jitter: 0 };

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

  test('what nobody foresaw goes on as it is', () => {
    const error = new TypeError('a bug');
    expect(toFailure(error, clock)).toBe(error);
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
          expect(delayMs).toBeLessThanOrEqual(Math.max(60_000, retryAfterMs) * 1.25);
        },
      ),
    );
  });

  test('waiting keeps its pace, retrying doubles it up to a minute', () => {
    const delays = (code: string): number[] =>
      [1, 2, 3, 4, 10].map((attempt) => delayOf(policyOf({ code }), undefined, { ...clock, attempt }));
    expect(delays('internal_error')).toEqual([1_000, 2_000, 4_000, 8_000, 60_000]);
    expect(delays('rate_limit_exceeded')).toEqual([1_000, 1_000, 1_000, 1_000, 1_000]);
  });
});
