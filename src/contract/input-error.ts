/**
 * What somebody gave us cannot be used: a file, a column, a setting of the request. Thrown before a request is spent.
 * The message says what, where and what to do, and never quotes a cell's value.
 */
export type InputErrorCode =
  | 'request_invalid'
  | 'file_not_found'
  | 'file_unreadable'
  | 'not_a_table'
  | 'table_empty'
  | 'columns_invalid'
  | 'column_unknown'
  | 'path_not_allowed'
  | 'output_exists'
  | 'output_unwritable'
  | 'disk_full'
  | 'artifact_missing'
  | 'artifact_corrupt'
  | 'api_key_missing_here'
  | 'api_key_malformed'
  | 'base_url_refused'
  | 'answer_invalid';

export class InputError extends Error {
  override readonly name = 'InputError';
  constructor(
    readonly code: InputErrorCode,
    message: string,
    /** The part of the request that is wrong, as a path: `table.uri`, `columns.encoding.age`. */
    readonly param?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
