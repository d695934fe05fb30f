/** A log of bounded size: when it is full it becomes `<name>.1`, and the `.1` before it is gone. */
import { closeSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';

const LOG_BYTES_MAX = 10 * 1024 * 1024;

export interface LogFile {
  /** Appends one line at once, so that a killed process loses none. */
  write(line: string): void;
  close(): void;
}

export function openLogFile(path: string, bytesMax = LOG_BYTES_MAX): LogFile {
  rotateWhenFull(path, bytesMax);
  let file = openSync(path, 'a', 0o600);
  let bytes = statSync(path).size;
  return {
    write(line) {
      if (bytes >= bytesMax) {
        closeSync(file);
        renameSync(path, `${path}.1`);
        file = openSync(path, 'a', 0o600);
        bytes = 0;
      }
      try {
        bytes += writeSync(file, `${line}\n`);
      } catch (error) {
        // A full disk ends what needs the disk, with a sentence of its own; a lost line of a log must not.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    },
    close: () => closeSync(file),
  };
}

/** For a log that another process appends to. */
export function rotateWhenFull(path: string, bytesMax = LOG_BYTES_MAX): void {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= bytesMax) renameSync(path, `${path}.1`);
}

/** The end of a log, for an error. */
export function lastLinesOf(path: string, count: number): string {
  if (!statSync(path, { throwIfNoEntry: false })) return '';
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
}
