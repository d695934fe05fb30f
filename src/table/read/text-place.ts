/** Where something in a text file is, as a person looks for it: the line, and the field of its record. */
import { createReadStream } from 'node:fs';
import type { CsvDialect } from './csv-dialect.js';

/**
 * @param endByte the place: the bytes before it are looked at
 * @param dialect of a CSV; without one there are no fields
 */
export async function placeIn(
  path: string,
  endByte: number,
  dialect: Pick<CsvDialect, 'delimiter' | 'quote'> | undefined,
): Promise<string> {
  let [line, field, isQuoted] = [1, 1, false];
  const bytes = createReadStream(path, { end: Math.max(endByte - 1, 0), encoding: 'latin1' });
  for await (const text of endByte === 0 ? [] : (bytes as AsyncIterable<string>)) {
    for (const character of text) {
      if (character === dialect?.quote) isQuoted = !isQuoted;
      else if (character === dialect?.delimiter && !isQuoted) field += 1;
      if (character !== '\n') continue;
      line += 1;
      if (!isQuoted) field = 1;
    }
  }
  return dialect === undefined ? `line ${line}` : `line ${line}, field ${field}`;
}

/** The first line of more bytes than this, from 1; undefined where there is none. */
export async function longLineIn(path: string, bytesMax: number): Promise<number | undefined> {
  let [line, bytes] = [1, 0];
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    for (let from = 0; ; ) {
      const end = chunk.indexOf(0x0a, from);
      bytes += (end < 0 ? chunk.length : end) - from;
      if (bytes > bytesMax) return line;
      if (end < 0) break;
      [line, bytes, from] = [line + 1, 0, end + 1];
    }
  }
  return undefined;
}
