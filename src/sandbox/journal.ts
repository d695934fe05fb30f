/**
 * What happened, one JSON line each, written before the answer goes out. Reading the lines again gives the same state.
 * Not synced to the disk: it survives the process (kill -9), not the machine. A last line cut short by a crash belongs
 * to a request that was never answered and is dropped. Lines are never compacted; `reset` empties the file.
 */
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';

export interface Journal<Event> {
  append(event: Event): void;
  clear(): void;
  close(): void;
}

export const noJournal: Journal<unknown> = { append() {}, clear() {}, close() {} };

/** @param replay is given every event of the file, in order, before this returns */
export function openJournal<Event>(file: string, replay: (event: Event) => void): Journal<Event> {
  mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  if (existsSync(file)) {
    const bytes = readFileSync(file);
    const wholeBytes = bytes.lastIndexOf('\n') + 1;
    if (wholeBytes < bytes.length) truncateSync(file, wholeBytes);
    readLines(file, bytes.subarray(0, wholeBytes), replay);
  }
  const descriptor = openSync(file, 'a', 0o600);
  return {
    append(event) {
      writeWhole(descriptor, Buffer.from(`${JSON.stringify(event)}\n`));
    },
    clear: () => ftruncateSync(descriptor),
    close: () => closeSync(descriptor),
  };
}

function readLines<Event>(file: string, bytes: Buffer, replay: (event: Event) => void): void {
  let lineStart = 0;
  for (let number = 1; lineStart < bytes.length; number++) {
    const lineEnd = bytes.indexOf('\n', lineStart);
    let event: Event;
    try {
      event = JSON.parse(bytes.toString('utf8', lineStart, lineEnd));
    } catch (cause) {
      throw new Error(
        `${file}, line ${number}: not a line of the sandbox's journal. Move the file away to start afresh.`,
        { cause },
      );
    }
    replay(event);
    lineStart = lineEnd + 1;
  }
}

function writeWhole(descriptor: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}
