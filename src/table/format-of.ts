/** The format of a table file by the ending of its name. */
import { extname } from 'node:path';
import { InputError } from '../contract/input-error.js';
import type { TableFormat } from '../contract/requests.js';

const FORMAT_BY_ENDING: Readonly<Record<string, TableFormat>> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.parquet': 'parquet',
};

/**
 * @param param the part of the request that names the file
 * @throws InputError request_invalid if the ending tells no format
 */
export function formatOf(path: string, param: 'table.uri' | 'output.uri'): TableFormat {
  const ending = extname(path).toLowerCase();
  const format = Object.hasOwn(FORMAT_BY_ENDING, ending) ? FORMAT_BY_ENDING[ending] : undefined;
  if (format !== undefined) return format;
  const setting = param.replace('.uri', '.format');
  throw new InputError(
    'request_invalid',
    `The ending of ${path} tells no format. End it in ${Object.keys(FORMAT_BY_ENDING).join(', ')}, or set ${setting}.`,
    param,
  );
}
