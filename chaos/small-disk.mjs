/** A folder on a disk of its own that can be filled up. Needs the right to mount; without it there is none. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DISK_BYTES = 16 * 1024 * 1024;
const BALLAST = 'ballast';
/** A job that fails frees what it held; the next one shall not profit. */
const REFILL_MS = 5;
const REFILL_BYTES = 64 * 1024;

/** @returns {{keepFull(): void, free(): void, close(): void} | undefined} undefined where mounting is not allowed */
export function mountSmallDisk(folder) {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const ballast = join(folder, BALLAST);
  let filling;
  const fill = (pieceBytes) => {
    for (let bytes = pieceBytes; bytes >= 1; ) {
      try {
        writeFileSync(ballast, Buffer.alloc(Math.floor(bytes)), { flag: 'a' });
      } catch (error) {
        if (error.code !== 'ENOSPC') throw error;
        bytes /= 2;
      }
    }
  };
  return {
    /** Takes what is left, to the last byte, and what becomes free, until `free`. */
    keepFull() {
      fill(DISK_BYTES);
      filling ??= setInterval(fill, REFILL_MS, REFILL_BYTES);
    },
    free() {
      clearInterval(filling);
      filling = undefined;
      rmSync(ballast, { force: true });
    },
    close: () => execFileSync('umount', ['-l', folder]),
  };
}
