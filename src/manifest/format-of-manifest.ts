/** A manifest's format by its ending, and how large it may be. */
import { extname } from 'node:path';
import type { ManifestFormat } from '../contract/batch.js';
import { InputError } from '../contract/input-error.js';

const FORMATS: Readonly<Record<string, ManifestFormat>> = {
  '.yaml': 'yaml',
  '.yml': 'yaml',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.csv': 'csv',
};

const MEBIBYTE = 1024 * 1024;
/** Read as one text. YAML is parsed in one go, 1 to 2 s for each MiB (measured), in which the worker is not heard. */
const BYTES_MAX: Readonly<Record<ManifestFormat, number>> = {
  yaml: 4 * MEBIBYTE,
  jsonl: 128 * MEBIBYTE,
  csv: 64 * MEBIBYTE,
};

/** @throws InputError (request_invalid) where the ending says nothing */
export function formatOfManifest(path: string): ManifestFormat {
  const format = FORMATS[extname(path).toLowerCase()];
  if (format !== undefined) return format;
  throw new InputError(
    'request_invalid',
    `${path} does not end in ${Object.keys(FORMATS).join(', ')}; name its format, or rename it.`,
    'manifest.format',
  );
}

/** @throws InputError (request_invalid) */
export function checkManifestSize(path: string, bytes: number, format: ManifestFormat): void {
  const bytesMax = BYTES_MAX[format];
  if (bytes <= bytesMax) return;
  const way = format === 'yaml' ? 'write it as JSONL, which may be larger' : 'split it into several batches';
  throw new InputError(
    'request_invalid',
    `${path} has ${bytes} bytes and a ${format} manifest may have ${bytesMax}; ${way}.`,
    'manifest.uri',
  );
}
