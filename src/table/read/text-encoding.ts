/**
 * Which encoding a text file is in, unless the request says so. A byte order mark decides; then zeros at every other byte
 * (UTF-16); then the whole file is looked through: UTF-8 if it holds, Windows-1252 if more of what is not ASCII contradicts
 * UTF-8 than fits it. One pass, without a copy.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { TextEncoding } from '../../contract/requests.js';

export interface FoundEncoding {
  encoding: TextEncoding;
  /** Bytes before the text: a byte order mark. */
  markBytes: number;
  /** UTF-8: the first byte that is not; undefined where all are. */
  wrongAt?: number;
}

const MARKS: readonly [TextEncoding, Buffer][] = [
  ['utf-8', Buffer.from([0xef, 0xbb, 0xbf])],
  ['utf-16le', Buffer.from([0xff, 0xfe])],
  ['utf-16be', Buffer.from([0xfe, 0xff])],
];
const START_BYTES = 64 * 1024;
const CHUNK_BYTES = 1024 * 1024;
/** Of the pairs of bytes in UTF-16 so many have a zero, and nearly all in the same place: as long as the text is mostly Latin. */
const ZERO_SHARE_MIN = 0.4;
const ZEROS_ELSEWHERE_MAX = 0.25;
/** So many sequences of UTF-8 are enough to know it by; more are not counted in what has no wrong byte. */
const RIGHT_ENOUGH = 1000;

export async function textEncodingOf(
  path: string,
  given: TextEncoding | undefined,
  signal?: AbortSignal,
): Promise<FoundEncoding> {
  const start = await startOf(path);
  const mark = MARKS.find(([encoding, bytes]) => (given ?? encoding) === encoding && start.indexOf(bytes) === 0);
  const markBytes = mark?.[1].length ?? 0;
  const encoding = given ?? mark?.[0] ?? utf16Of(start);
  if (encoding !== undefined && encoding !== 'utf-8') return { encoding, markBytes };
  const { wrongAt, wrong, right } = await lookThrough(path, encoding === undefined, signal);
  if (wrongAt === undefined) return { encoding: 'utf-8', markBytes };
  if (encoding === undefined && wrong > right) return { encoding: 'windows-1252', markBytes };
  return { encoding: 'utf-8', markBytes, wrongAt };
}

async function startOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function utf16Of(start: Buffer): TextEncoding | undefined {
  const zeros = [0, 0];
  for (let i = 0; i < start.length; i += 1) if (start[i] === 0) zeros[i % 2]! += 1;
  const enough = (start.length / 2) * ZERO_SHARE_MIN;
  const [even, odd] = zeros as [number, number];
  if (odd > enough && even < odd * ZEROS_ELSEWHERE_MAX) return 'utf-16le';
  return even > enough && odd < even * ZEROS_ELSEWHERE_MAX ? 'utf-16be' : undefined;
}

interface Counts {
  wrongAt?: number;
  wrong: number;
  right: number;
}

/** @param all whether to count on after the first wrong byte: sequences of UTF-8 that are right, and bytes that are not */
async function lookThrough(path: string, all: boolean, signal: AbortSignal | undefined): Promise<Counts> {
  const counts: Counts = { wrong: 0, right: 0 };
  let before = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const read of createReadStream(path, { highWaterMark: CHUNK_BYTES, signal }) as AsyncIterable<Buffer>) {
    const chunk = rest.length === 0 ? read : Buffer.concat([rest, read]);
    const whole = chunk.subarray(0, chunk.length - cutBytes(chunk));
    count(whole, before, counts);
    if (counts.wrongAt !== undefined && !all) return counts;
    before += whole.length;
    rest = chunk.subarray(whole.length);
  }
  count(rest, before, counts);
  return counts;
}

function count(bytes: Buffer, before: number, counts: Counts): void {
  if (isUtf8(bytes)) {
    if (counts.right >= RIGHT_ENOUGH || isAscii(bytes)) return;
    for (const byte of bytes) if (byte >= 0xc0) counts.right += 1;
    return;
  }
  for (let i = 0; i < bytes.length; ) {
    const length = sequenceBytes(bytes[i]!);
    if (length === 1) {
      i += 1;
    } else if (length > 1 && isUtf8(bytes.subarray(i, i + length)) && i + length <= bytes.length) {
      counts.right += 1;
      i += length;
    } else {
      counts.wrongAt ??= before + i;
      counts.wrong += 1;
      i += 1;
    }
  }
}

/** Bytes at the end that begin a sequence which the next chunk goes on with. */
function cutBytes(chunk: Buffer): number {
  for (let back = 1; back <= Math.min(3, chunk.length); back += 1) {
    const length = sequenceBytes(chunk[chunk.length - back]!);
    if (length > 0) return length > back ? back : 0;
  }
  return 0;
}

/** By its first byte; 0 where none begins. */
function sequenceBytes(byte: number): number {
  if (byte < 0x80) return 1;
  if (byte >= 0xc2 && byte < 0xe0) return 2;
  if (byte >= 0xe0 && byte < 0xf0) return 3;
  return byte >= 0xf0 && byte < 0xf5 ? 4 : 0;
}
