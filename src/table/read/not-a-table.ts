/**
 * DuckDB's refusal of a file as an error for people: the line where it has one, and never its own text, which quotes
 * the line and with it the data.
 */
import { InputError } from '../../contract/input-error.js';
import { CELL_BYTES_MAX } from '../../contract/limits.js';
import type { TableFormat } from '../../contract/requests.js';
import type { ReadableFile } from './readable-file.js';
import { longLineIn } from './text-place.js';

/** DuckDB's own. */
const JSON_LINE_BYTES_MAX = 16 * 1024 * 1024;
const TOO_LONG = /Maximum line size of|maximum_object_size/i;

const WHAT_WAS_WRONG: readonly [pattern: RegExp, what: string][] = [
  [
    /Expected Number of Columns: /,
    'a row has more or fewer fields than the header. Check the row, or set table.delimiter',
  ],
  [/Value with unterminated quote/, 'a quote is opened and never closed'],
  [
    /reached an invalid state|when sniffing file/,
    'lines end in different ways (CR LF, LF), or a quote stands in the middle of a field',
  ],
  [/Invalid unicode|not utf-8 encoded/, 'the text is not UTF-8. Save it as UTF-8'],
  [
    /Maximum line size of/i,
    `a line is longer than ${CELL_BYTES_MAX / 1e6} MB. Shorten the cell, or check that its quote is closed`,
  ],
  [/maximum_object_size/, `a line is longer than ${JSON_LINE_BYTES_MAX / 1024 / 1024} MiB. Shorten the value`],
  [
    /^Out of Memory/,
    'a value or a row group takes more memory than there is for one. Shorten the value, or write smaller row groups',
  ],
  [/duplicate key/i, 'a line has a key twice'],
  [/Malformed JSON|Invalid JSON|expected records/i, 'a line is not one JSON object'],
  [/Parquet file|Parquet magic|thrift/i, 'it is not a Parquet file, or it is damaged'],
];

/** What DuckDB says of a file. Of a statement it says `Parser`, `Binder` or `Catalog Error`: those are faults of ours, but one. */
const FILE_ERROR =
  /^(?:(?:Invalid Input|Out of Memory|IO|Conversion|Out of Range|Permission|Serialization|Not implemented) Error|Binder Error: json_read expected records)/i;

/** Other errors pass as they are. */
export async function notATable(error: unknown, files: readonly ReadableFile[], format: TableFormat): Promise<unknown> {
  const message = (error as Partial<Error> | undefined)?.message;
  if (error instanceof InputError || message === undefined || !FILE_ERROR.test(message)) return error;
  const what = WHAT_WAS_WRONG.find(([pattern]) => pattern.test(message))?.[1];
  const file = files.find(({ readPath }) => message.includes(readPath)) ?? files[0]!;
  const line = TOO_LONG.test(message) ? await tooLongLine(file, format) : /(?:on|in) line:? (\d+)/i.exec(message)?.[1];
  const where = line === undefined ? file.path : `${file.path}, line ${line}`;
  return new InputError(
    'not_a_table',
    `${where}: not a table as ${format.toUpperCase()}${what === undefined ? '' : `: ${what}`}.`,
    'table.uri',
  );
}

/** DuckDB counts lines from the place where it looked. */
async function tooLongLine({ readPath, isZstd }: ReadableFile, format: TableFormat): Promise<number | undefined> {
  return isZstd ? undefined : await longLineIn(readPath, format === 'jsonl' ? JSON_LINE_BYTES_MAX : CELL_BYTES_MAX);
}
