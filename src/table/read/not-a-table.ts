/**
 * DuckDB's refusal of a file as an error for people: the line where it has one, and never its own text, which quotes
 * the line and with it the data.
 */
import { InputError } from '../../contract/input-error.js';
import type { TableFormat } from '../../contract/requests.js';

const WHAT_WAS_WRONG: readonly [pattern: RegExp, what: string][] = [
  [
    /Expected Number of Columns: /,
    'a row has more or fewer fields than the header. Check the row, or set table.delimiter',
  ],
  [/Value with unterminated quote/, 'a quote is opened and never closed'],
  [/Invalid unicode|not utf-8 encoded/, 'the text is not UTF-8. Save it as UTF-8'],
  [/Maximum line size of/i, 'a line is longer than 2 MB'],
  [/Malformed JSON|Invalid JSON/i, 'a line is not one JSON object'],
  [/Parquet file|Parquet magic|thrift/i, 'it is not a Parquet file, or it is damaged'],
];

/** What DuckDB says of a file. Of a statement it says `Parser`, `Binder` or `Catalog Error`: those are faults of ours. */
const FILE_ERROR = /^(?:Invalid Input|IO|Conversion|Out of Range|Permission|Serialization|Not implemented) Error/i;

/** Other errors pass as they are. */
export function notATable(error: unknown, path: string, format: TableFormat): unknown {
  const message = (error as Partial<Error> | undefined)?.message;
  if (error instanceof InputError || message === undefined || !FILE_ERROR.test(message)) return error;
  const line = /(?:on|in) line:? (\d+)/i.exec(message)?.[1];
  const what = WHAT_WAS_WRONG.find(([pattern]) => pattern.test(message))?.[1];
  const where = line === undefined ? path : `${path}, line ${line}`;
  return new InputError(
    'not_a_table',
    `${where}: not a table as ${format.toUpperCase()}${what === undefined ? '' : `: ${what}`}.`,
    'table.uri',
  );
}
