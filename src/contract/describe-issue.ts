/**
 * What is wrong with one place of a request, as a sentence with the bound and with what was given. Numbers, switches and the
 * short words that choose between options are quoted; any longer text is not, since it may be a key that stands in the wrong place.
 */
import type { z } from 'zod';

/** No key looks like this. */
const WORD = /^[A-Za-z-]{1,20}$/;

/** @param given the whole of what was parsed. The place itself is the caller's to name */
export function describeIssue({ code, message, path }: z.core.$ZodIssue, given: unknown): string {
  const value = path.reduce<unknown>(
    (inner, name) => (inner as Record<PropertyKey, unknown> | undefined)?.[name],
    given,
  );
  const isWord = code === 'invalid_value' && typeof value === 'string' && WORD.test(value);
  const isQuoted = isWord || typeof value === 'number' || typeof value === 'boolean';
  return isQuoted ? `${message}; ${JSON.stringify(value)} was given` : message;
}
