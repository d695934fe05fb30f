/**
 * What is wrong with one place of a request, as a sentence with the bound and with what was given. Numbers, switches and the
 * short words that choose between options are quoted; any longer text is not, since it may be a key that stands in the wrong place.
 */
import type { z } from 'zod';

/** No key looks like this. */
const WORD = /^[A-Za-z-]{1,20}$/;

/** The schema's kinds of values, as somebody who writes YAML calls them. */
const KINDS: Readonly<Record<string, string>> = {
  object: 'an object',
  record: 'an object',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

/** @param given the whole of what was parsed. The place itself is the caller's to name */
export function describeIssue(issue: z.core.$ZodIssue, given: unknown): string {
  const value = issue.path.reduce<unknown>(
    (inner, name) => (inner as Record<PropertyKey, unknown> | undefined)?.[name],
    given,
  );
  const fault = faultOf(issue, value);
  const isWord = issue.code === 'invalid_value' && typeof value === 'string' && WORD.test(value);
  const isQuoted = isWord || typeof value === 'number' || typeof value === 'boolean';
  return isQuoted ? `${fault}; ${JSON.stringify(value)} was given` : fault;
}

/** The library's own sentence where it is as good. */
function faultOf(issue: z.core.$ZodIssue, value: unknown): string {
  const { code, message } = issue;
  if (code === 'invalid_type' && message.startsWith('Invalid input')) {
    const kind = KINDS[issue.expected] ?? `of type ${issue.expected}`;
    if (value === undefined) return `is missing; it must be ${kind}`;
    return typeof value === 'number' ? `must be ${kind}` : `must be ${kind}, not ${kindOf(value)}`;
  }
  if (code === 'invalid_value' && message.startsWith('Invalid')) {
    return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
  }
  if ((code === 'too_small' || code === 'too_big') && ['number', 'int'].includes(issue.origin)) {
    return `must be ${boundOf(issue)}`;
  }
  return message;
}

function boundOf(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  if (issue.code === 'too_small') return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
  return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return KINDS[Array.isArray(value) ? 'array' : typeof value] ?? typeof value;
}
