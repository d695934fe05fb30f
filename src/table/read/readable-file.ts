/**
 * A table file as DuckDB can read it: itself, or a copy in the scratch folder. Copied are gzip (DuckDB takes a cut file for a
 * short one), every encoding but UTF-8 (DuckDB knows few, and not the wrong bytes in them) and Arrow (it reads none). What
 * cannot be read is refused with file, line and field; nothing is held in memory but a piece.
 */
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { access, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { InputError } from '../../contract/input-error.js';
import type { TableFormat, TableSource } from '../../contract/requests.js';
import { isText } from '../file-kind.js';
import { type CsvDialect, csvDialectOf } from './csv-dialect.js';
import { decodeText, WrongByte } from './decode-text.js';
import { type FoundEncoding, textEncodingOf } from './text-encoding.js';
import { placeIn } from './text-place.js';
import { isWholeZstd } from './zstd-frames.js';

export interface ReadableFile {
  /** As it was named. */
  path: string;
  /** What DuckDB reads. */
  readPath: string;
  /** DuckDB unpacks it while it reads. */
  isZstd: boolean;
  /** Of the columns, where the copy has others. */
  names?: readonly string[];
}

type Source = Omit<TableSource, 'uri'> & { signal?: AbortSignal };

/** A header longer than this is none. */
const START_BYTES_MAX = 4 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/**
 * @param copy a path in the scratch folder that this file may use, and add endings to
 * @throws InputError not_a_table
 */
export async function makeReadable(
  path: string,
  format: TableFormat,
  source: Source,
  copy: string,
): Promise<ReadableFile> {
  if (format === 'arrow') {
    const { arrowToParquet } = await import('./arrow-to-parquet.js');
    const names = await arrowToParquet(path, copy, dirname(copy));
    return { path, readPath: copy, isZstd: false, names };
  }
  if (!isText(format)) return { path, readPath: path, isZstd: false };
  const start = await startOf(path, ZSTD_MAGIC.length);
  if (start.equals(ZSTD_MAGIC)) return await zstdFile(path, source);
  const unpacked = start.indexOf(GZIP_MAGIC) === 0 ? await unpack(path, `${copy}.unpacked`, source.signal) : path;
  const readPath = await inUtf8({ path, unpacked, copy }, format, source);
  if (unpacked !== path && unpacked !== readPath) await rm(unpacked);
  return { path, readPath, isZstd: false };
}

/** The beginning of a readable text, as far as a header may reach. */
export async function textStartOf(path: string): Promise<string> {
  const text = (await startOf(path, START_BYTES_MAX)).toString('utf8');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

/** @throws InputError file_not_found, file_unreadable, table_empty, not_a_table */
export async function checkReadable(path: string): Promise<void> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') {
      throw new InputError('file_not_found', `There is no file ${path}. Check the path.`, 'table.uri', { cause });
    }
    throw unreadable(path, cause);
  });
  if (!found.isFile()) throw new InputError('not_a_table', `${path} is not a file. Name one table file.`, 'table.uri');
  if (found.size === 0) throw new InputError('table_empty', `${path} is empty (0 bytes).`, 'table.uri');
  await access(path, constants.R_OK).catch((cause: Error) => {
    throw unreadable(path, cause);
  });
}

function unreadable(path: string, cause: Error): InputError {
  return new InputError(
    'file_unreadable',
    `${path} cannot be read by this process. Check its permissions.`,
    'table.uri',
    { cause },
  );
}

async function startOf(path: string, bytes: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(bytes, size)), 0, Math.min(bytes, size), 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function zstdFile(path: string, { encoding = 'utf-8' }: Source): Promise<ReadableFile> {
  if (encoding !== 'utf-8') {
    throw new InputError(
      'not_a_table',
      `${path}: zstd is read in UTF-8 only, not in ${encoding}. Unpack it, or pack it with gzip.`,
      'table.encoding',
    );
  }
  if (await isWholeZstd(path)) return { path, readPath: path, isZstd: true };
  throw new InputError('not_a_table', `${path}: the zstd file is cut off or damaged. Make it again.`, 'table.uri');
}

async function unpack(path: string, target: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    await pipeline(createReadStream(path, { signal }), createGunzip(), createWriteStream(target));
    return target;
  } catch (cause) {
    if (!String((cause as NodeJS.ErrnoException).code).startsWith('Z_')) throw cause;
    throw new InputError('not_a_table', `${path}: the gzip file is cut off or damaged. Make it again.`, 'table.uri', {
      cause,
    });
  }
}

interface Copying {
  path: string;
  unpacked: string;
  copy: string;
}

/** The path of the text in UTF-8: the unpacked file's own, unless it must be rewritten. */
async function inUtf8({ path, unpacked, copy }: Copying, format: TableFormat, source: Source): Promise<string> {
  const found = await textEncodingOf(unpacked, source.encoding, source.signal);
  const refuse = async (what: string, textPath: string, atByte: number): Promise<never> => {
    const dialect = format === 'jsonl' ? undefined : await dialectFor(textPath, format, source);
    const where = await placeIn(textPath, atByte, dialect);
    const isGuess = source.encoding === undefined && found.encoding === 'windows-1252';
    const label = isGuess ? 'text in UTF-8 or WINDOWS-1252' : found.encoding.toUpperCase();
    throw new InputError(
      'not_a_table',
      `${path}, ${where}: not a table as ${format.toUpperCase()}: ${what} is not ${label}. Correct it, or set table.encoding.`,
      'table.uri',
    );
  };
  if (found.wrongAt !== undefined) {
    const [byte] = await bytesAt(unpacked, found.wrongAt);
    return await refuse(`the byte 0x${byte!.toString(16)}`, unpacked, found.wrongAt);
  }
  // DuckDB takes the mark of a CSV for what it is, and that of JSON for a fault.
  if (found.encoding === 'utf-8' && (found.markBytes === 0 || format !== 'jsonl')) return unpacked;
  const target = await open(copy, 'w');
  try {
    for await (const piece of decoded(unpacked, found, source.signal)) await target.writeFile(piece);
    return copy;
  } catch (error) {
    if (!(error instanceof WrongByte)) throw error;
    return await refuse(error.what, copy, (await target.stat()).size);
  } finally {
    await target.close();
  }
}

function decoded(path: string, { encoding, markBytes }: FoundEncoding, signal: AbortSignal | undefined) {
  const chunks = createReadStream(path, { start: markBytes, highWaterMark: PIECE_BYTES, signal });
  return encoding === 'utf-8' ? chunks : decodeText(chunks, encoding);
}

async function bytesAt(path: string, position: number): Promise<Buffer> {
  const file = await open(path);
  try {
    return (await file.read(Buffer.alloc(1), 0, 1, position)).buffer;
  } finally {
    await file.close();
  }
}

/** Enough to count fields by. */
async function dialectFor(path: string, format: TableFormat, source: Source): Promise<CsvDialect> {
  const given = { ...source, header: true, ...(format === 'tsv' ? { delimiter: '\t' } : {}) };
  return csvDialectOf(`${await textStartOf(path)}x`, path, given);
}
