/** What an answer says of the organization's sliding window: three headers, on every answer [doc][ref]. */
import type { HttpAnswer } from './http-answer.js';

export interface RateLimit {
  readonly limit: number;
  readonly remaining: number;
  readonly resetEpochSeconds: number;
}

/** Undefined where a header is missing or no number. */
export function rateLimitOf(headers: HttpAnswer['headers']): RateLimit | undefined {
  const [limit, remaining, resetEpochSeconds] = ['limit', 'remaining', 'reset'].map((name) =>
    Number(headers[`x-ratelimit-${name}`] ?? Number.NaN),
  ) as [number, number, number];
  const isWhole = [limit, remaining, resetEpochSeconds].every(Number.isFinite);
  return isWhole ? { limit, remaining, resetEpochSeconds } : undefined;
}
