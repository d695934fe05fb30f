/** What a table file is by the ending of its name: its format, and how the whole of it is compressed. */
import { extname } from 'node:path';
import { InputError } from '../contract/input-error.js';
import type { TableFormat } from '../contract/requests.js';

export interface FileKind {
  format: TableFormat;
  /** Of a text format; the others are compressed inside. */
  compression: 'none' | 'gzip' | 'zstd';
}

const FORMAT_BY_ENDING: Readonly<Record<string, TableFormat>> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.parquet': 'parquet',
  '.arrow': 'arrow',
};
const COMPRESSION_BY_ENDING: Readonly<Record<string, FileKind['compression']>> = { '.gz': 'gzip', '.zst': 'zstd' };

export function isText(format: TableFormat): boolean {
  return format === 'csv' || format === 'tsv' || format === 'jsonl';
}

/**
 * @param format what the request says, whatever the ending
 * @param param the part of the request that names the file
 * @throws InputError request_invalid if the ending tells no format, or a format that is not compressed as a whole
 */
export function fileKindOf(path: string, format: TableFormat | undefined, param: 'table.uri' | 'output.uri'): FileKind {
  const last = extname(path);
  const compression = entryOf(COMPRESSION_BY_ENDING, last) ?? 'none';
  const found =
    format ?? entryOf(FORMAT_BY_ENDING, compression === 'none' ? last : extname(path.slice(0, -last.length)));
  if (found === undefined) {
    throw new InputError(
      'request_invalid',
      `The ending of ${path} tells no format. End it in ${Object.keys(FORMAT_BY_ENDING).join(', ')} (text may have .gz or .zst behind it), or set ${param.replace('.uri', '.format')}.`,
      param,
    );
  }
  if (compression !== 'none' && !isText(found)) {
    throw new InputError(
      'request_invalid',
      `${path}: ${found} is compressed inside, not as a whole. Name it without ${last}.`,
      param,
    );
  }
  return { format: found, compression };
}

function entryOf<Entry>(entries: Readonly<Record<string, Entry>>, ending: string): Entry | undefined {
  const key = ending.toLowerCase();
  return Object.hasOwn(entries, key) ? entries[key] : undefined;
}
