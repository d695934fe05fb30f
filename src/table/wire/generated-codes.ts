/**
 * The API's answer to a generation request, checked before it is decoded: the SDK checks nothing and returns short or ragged
 * tables (data-plane 8.8). The first fault is named by sub-column and row, never by value.
 */
import { InputError } from '../../contract/input-error.js';
import type { Analysis, Codes } from '../stats.js';
import { subColumnsOf } from '../sub-columns.js';

/**
 * @param data the `data` member of the answer: `{codes: {wire key: [ints]}}`; unknown keys are ignored
 * @param rows how many were asked for
 * @throws InputError answer_invalid
 */
export function generatedCodes(data: unknown, analysis: Analysis, rows: number): Codes {
  const answered = isRecord(data) ? data.codes : undefined;
  if (!isRecord(answered)) throw refusal('it has no `codes` object');
  return new Map(
    subColumnsOf(analysis).map(({ key, sub, cardinality }) => {
      const codes = Object.hasOwn(answered, key) ? answered[key] : undefined;
      if (!Array.isArray(codes)) throw refusal(`it has no list of codes for "${key}"`);
      if (codes.length !== rows) throw refusal(`"${key}" has ${codes.length} codes where ${rows} rows were asked for`);
      // -1 is null in `cat` [sdk]; anywhere else it means nothing.
      const lowest = sub === 'cat' ? -1 : 0;
      const checked = new Int32Array(rows);
      for (let row = 0; row < rows; row += 1) {
        const code: unknown = codes[row];
        if (!Number.isInteger(code) || (code as number) < lowest || (code as number) >= cardinality)
          throw refusal(`row ${row} of "${key}" is no integer from ${lowest} to ${cardinality - 1}`);
        checked[row] = code as number;
      }
      return [key, checked] as const;
    }),
  );
}

function refusal(fault: string): InputError {
  return new InputError(
    'answer_invalid',
    `The API's answer to the generation request cannot be used: ${fault}. Repeat the request; if it stays so, tell DataXID.`,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
