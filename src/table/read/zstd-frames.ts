/**
 * Whether a zstd file is whole. DuckDB takes the end of a cut file for the end of the table and loses rows without a word, so
 * the frames are walked through first: from header to header, the blocks' content is not read.
 * Format: RFC 8878, sections 3.1.1 (frames and blocks) and 3.1.2 (skippable frames).
 */
import { type FileHandle, open } from 'node:fs/promises';

const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
/** Magic number, descriptor, window, dictionary id and content size at their longest. */
const HEADER_BYTES_MAX = 18;
const BLOCK_HEADER_BYTES = 3;
const RLE_BLOCK = 1;
const CHECKSUM_BYTES = 4;

export async function isWholeZstd(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    let at = 0;
    while (at < size) {
      const next = await frameEnd(file, at);
      if (next === undefined || next > size) return false;
      at = next;
    }
    return true;
  } finally {
    await file.close();
  }
}

/** Undefined where no frame begins, or it has no last block. */
async function frameEnd(file: FileHandle, from: number): Promise<number | undefined> {
  const header = await bytesAt(file, from, HEADER_BYTES_MAX);
  if (header.length < 8) return undefined;
  const magic = header.readUInt32LE(0);
  if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) return from + 8 + header.readUInt32LE(4);
  if (magic !== MAGIC) return undefined;
  const descriptor = header[4]!;
  let at = from + 5 + frameHeaderBytes(descriptor);
  for (;;) {
    const block = await bytesAt(file, at, BLOCK_HEADER_BYTES);
    if (block.length < BLOCK_HEADER_BYTES) return undefined;
    const bits = block.readUIntLE(0, BLOCK_HEADER_BYTES);
    at += BLOCK_HEADER_BYTES + (((bits >> 1) & 3) === RLE_BLOCK ? 1 : bits >> 3);
    if ((bits & 1) === 1) break;
  }
  return at + ((descriptor & 4) === 0 ? 0 : CHECKSUM_BYTES);
}

/** What follows the descriptor: window, dictionary id, content size. */
function frameHeaderBytes(descriptor: number): number {
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const dictionaryId = [0, 1, 2, 4][descriptor & 3]!;
  return (isSingleSegment ? 0 : 1) + dictionaryId + contentSize;
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
