/**
 * `fixed_values` of a generation request (data-plane 8.5): codes that rows have already, -1 where the model draws. Made of a
 * stretch of the conditions once, when a job is prepared, and put into the request as it is.
 */
import type { Conditions } from '../conditions.js';
import { withoutNul } from './wire-json.js';

/** `{wire key: [codes of the rows]}` as JSON, a sub-column at a time. */
export function* fixedValuesText(
  { codes }: Pick<Conditions, 'codes'>,
  firstRow: number,
  rows: number,
): Generator<string> {
  let separator = '{';
  for (const [key, values] of codes) {
    yield `${separator}${JSON.stringify(withoutNul(key))}:[${values.subarray(firstRow, firstRow + rows).join(',')}]`;
    separator = ',';
  }
  yield '}';
}
