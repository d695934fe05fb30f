/**
 * The codes of a table in one file, sub-column after sub-column, each in the order of the upload. The thread that encodes
 * writes it, those that render the upload read stretches of it: no thread holds more of a table than a stretch.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { CodeArray } from '../stats.js';

/** Where the codes of a sub-column are. */
export interface CodePlace {
  readonly offset: number;
  readonly bytesPerCode: 1 | 2 | 4;
}

/** Appends sub-columns, one after the other. */
export class CodeFileWriter {
  readonly #file: number;
  #end = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'wx', 0o600);
  }

  write(codes: CodeArray): CodePlace {
    const place = { offset: this.#end, bytesPerCode: codes.BYTES_PER_ELEMENT as CodePlace['bytesPerCode'] };
    const bytes = new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength);
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#file, bytes, done, Math.min(bytes.length - done, WRITE_BYTES_MAX), this.#end + done);
    }
    this.#end += bytes.length;
    return place;
  }

  close(): void {
    closeSync(this.#file);
  }
}

const WRITE_BYTES_MAX = 16 * 1024 * 1024;
/** What a reader keeps of all sub-columns together. */
const WINDOW_BYTES = 4 * 1024 * 1024;
const WINDOW_ROWS_MIN = 384;
const WINDOW_ROWS_MAX = 8_192;

/** Reads stretches, mostly one after the other: of each sub-column a window is kept. */
export class CodeFileReader {
  readonly #file: number;
  readonly #rows: number;
  readonly #places: readonly CodePlace[];
  readonly #windows: { firstRow: number; codes: CodeArray }[];
  readonly #windowRows: number;

  /** @param rows of the table */
  constructor(path: string, rows: number, places: readonly CodePlace[]) {
    this.#file = openSync(path, 'r');
    this.#rows = rows;
    this.#places = places;
    this.#windows = places.map(() => ({ firstRow: 0, codes: new Uint8Array(0) }));
    const bytesPerRow = places.reduce((sum, { bytesPerCode }) => sum + bytesPerCode, 0);
    const fitting = Math.floor(WINDOW_BYTES / Math.max(1, bytesPerRow));
    this.#windowRows = Math.min(Math.max(fitting, WINDOW_ROWS_MIN), WINDOW_ROWS_MAX);
  }

  /** The codes of a sub-column, by its place, for rows in the order of the upload. */
  read(subColumn: number, firstRow: number, rows: number): CodeArray {
    const window = this.#windows[subColumn]!;
    const start = firstRow - window.firstRow;
    if (start >= 0 && start + rows <= window.codes.length) return window.codes.subarray(start, start + rows);
    const codes = this.#load(subColumn, firstRow, Math.min(Math.max(rows, this.#windowRows), this.#rows - firstRow));
    this.#windows[subColumn] = { firstRow, codes };
    return codes.subarray(0, rows);
  }

  close(): void {
    closeSync(this.#file);
  }

  #load(subColumn: number, firstRow: number, rows: number): CodeArray {
    const { offset, bytesPerCode } = this.#places[subColumn]!;
    const codes = newCodes(bytesPerCode, rows);
    const bytes = new Uint8Array(codes.buffer);
    for (let done = 0; done < bytes.length; ) {
      const read = readSync(this.#file, bytes, done, bytes.length - done, offset + firstRow * bytesPerCode + done);
      if (read === 0) throw new Error('the file of codes is shorter than the table; was its folder changed?');
      done += read;
    }
    return codes;
  }
}

function newCodes(bytesPerCode: CodePlace['bytesPerCode'], rows: number): CodeArray {
  switch (bytesPerCode) {
    case 1:
      return new Uint8Array(rows);
    case 2:
      return new Uint16Array(rows);
    case 4:
      return new Int32Array(rows);
  }
}
