/**
 * A text in another encoding, piece by piece, as UTF-8. Strict: what the encoding does not know is refused, where a decoder
 * of the platform would put a replacement character into somebody's data.
 */
import type { TextEncoding } from '../../contract/requests.js';

/** Ends the text: what comes next is not of the encoding. All before it has been given out. */
export class WrongByte extends Error {
  constructor(readonly what: string) {
    super(what);
  }
}

/** 0x80 to 0x9f; the five that are a space here are not assigned. https://encoding.spec.whatwg.org/index-windows-1252.txt */
const WINDOWS_1252 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

export async function* decodeText(
  chunks: AsyncIterable<Buffer>,
  encoding: Exclude<TextEncoding, 'utf-8'>,
): AsyncGenerator<string> {
  if (encoding === 'utf-16le' || encoding === 'utf-16be') yield* decodeUtf16(chunks, encoding === 'utf-16be');
  else for await (const chunk of chunks) yield* decodeBytes(chunk, encoding);
}

function* decodeBytes(chunk: Buffer, encoding: 'windows-1252' | 'latin-1'): Generator<string> {
  const text = chunk.toString('latin1');
  // Control characters but for tab, line ends and form feed: the file is no text.
  const wrongAt = text.search(
    encoding === 'latin-1' ? /[\x00-\x08\x0e-\x1f]/ : /[\x00-\x08\x0e-\x1f\x81\x8d\x8f\x90\x9d]/,
  );
  const right = wrongAt < 0 ? text : text.slice(0, wrongAt);
  yield encoding === 'latin-1'
    ? right
    : right.replace(/[\x80-\x9f]/g, (character) => WINDOWS_1252[character.charCodeAt(0) - 0x80]!);
  if (wrongAt >= 0) throw new WrongByte(`the byte 0x${chunk[wrongAt]!.toString(16).padStart(2, '0')}`);
}

/** Whole characters at a time: half a unit and half a pair wait for the next chunk. */
async function* decodeUtf16(chunks: AsyncIterable<Buffer>, isBigEndian: boolean): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const read of chunks) {
    const chunk = Buffer.concat([rest, read]);
    const units = chunk.subarray(0, chunk.length - (chunk.length % 2));
    const text = (isBigEndian ? Buffer.from(units).swap16() : units).toString('utf16le');
    const isCut = /[\ud800-\udbff]$/.test(text);
    rest = chunk.subarray(units.length - (isCut ? 2 : 0));
    yield* wellFormed(isCut ? text.slice(0, -1) : text);
  }
  if (rest.length > 0) throw new WrongByte('half a character at its end');
}

function* wellFormed(text: string): Generator<string> {
  // A pair is one character under the flag u, so that only a half of one is matched.
  const wrongAt = text.search(/[\ud800-\udfff]/u);
  yield wrongAt < 0 ? text : text.slice(0, wrongAt);
  if (wrongAt >= 0) throw new WrongByte('half of a pair');
}
