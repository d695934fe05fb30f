/**
 * A request body that is never whole in memory: text pieces in, UTF-8 chunks of bounded size out.
 */
/** A body that can be sent again: `chunks()` starts over and gives the same bytes each time. */
export interface Body {
  readonly bytes: number;
  chunks(): Iterable<Uint8Array>;
}

/** No chunk is larger. */
export const CHUNK_BYTES_MAX = 1024 * 1024;
/** A UTF-16 unit takes at most 3 bytes of UTF-8, so this much text always fits a chunk. */
const CHUNK_UNITS = Math.floor(CHUNK_BYTES_MAX / 3);

export function bodyOf(pieces: () => Iterable<string>): Body {
  let bytes = 0;
  for (const piece of pieces()) bytes += Buffer.byteLength(piece);
  return { bytes, chunks: () => chunksOf(pieces()) };
}

/** Joins pieces into UTF-8 chunks of at most CHUNK_BYTES_MAX; a piece longer than that is cut between characters. */
export function* chunksOf(pieces: Iterable<string>): Generator<Uint8Array> {
  let waiting = '';
  for (const piece of pieces) {
    waiting += piece;
    while (waiting.length >= CHUNK_UNITS) {
      const cut = isHighSurrogate(waiting.charCodeAt(CHUNK_UNITS - 1)) ? CHUNK_UNITS - 1 : CHUNK_UNITS;
      yield Buffer.from(waiting.slice(0, cut));
      waiting = waiting.slice(cut);
    }
  }
  if (waiting !== '') yield Buffer.from(waiting);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
