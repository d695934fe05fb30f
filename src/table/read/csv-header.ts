/**
 * The first record of a CSV file: its column names as they are written, and its delimiter. DuckDB renames columns that
 * differ in case alone or repeat, and looks for a delimiter that fits by dropping lines; we refuse or keep instead.
 */
import { open } from 'node:fs/promises';
import { InputError } from '../../contract/input-error.js';

/** A header longer than this is none. */
const HEADER_BYTES_MAX = 4 * 1024 * 1024;
const DELIMITERS = [',', ';', '\t', '|'] as const;

export interface CsvHeader {
  names: string[];
  delimiter: string;
}

/** @param delimiter default: of `, ; tab |` the one that the header holds most of */
export async function readCsvHeader(path: string, delimiter?: string): Promise<CsvHeader> {
  const record = firstRecord(await readStart(path));
  if (record.trim() === '')
    throw new InputError('table_empty', `${path} is empty: it has no header line.`, 'table.uri');
  const found = delimiter ?? mostFrequent(record);
  return { names: fieldsOf(record, found), delimiter: found };
}

async function readStart(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES_MAX), 0, HEADER_BYTES_MAX, 0);
    const text = buffer.toString('utf8', 0, bytesRead);
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  } finally {
    await file.close();
  }
}

/** Up to the first line end outside quotes. */
function firstRecord(text: string): string {
  let isQuoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i];
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (character === '\n' || character === '\r')) return text.slice(0, i);
  }
  return text;
}

function mostFrequent(record: string): string {
  const counts = DELIMITERS.map((delimiter) => fieldsOf(record, delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!;
}

function fieldsOf(record: string, delimiter: string): string[] {
  const fields: string[] = [];
  let field = '';
  let isQuoted = false;
  for (let i = 0; i < record.length; i += 1) {
    const character = record[i]!;
    if (isQuoted && character === '"' && record[i + 1] === '"') {
      field += '"';
      i += 1;
    } else if (character === '"' && (isQuoted || field === '')) {
      isQuoted = !isQuoted;
    } else if (!isQuoted && character === delimiter) {
      fields.push(field);
      field = '';
    } else {
      field += character;
    }
  }
  return [...fields, field];
}
