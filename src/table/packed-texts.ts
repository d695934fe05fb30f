/**
 * Text that is too varied for JavaScript strings: millions of identifiers take their own bytes and twelve more each here,
 * a hundred as strings. Rows are read into one piece of memory (`TextRows`), which a thread can be given without a copy,
 * and indexed there: the dictionary of the column is the first row of each distinct text.
 */
import type { Column, PlainColumn, TextColumn, TextRows, Texts } from './column.js';

/** The column of these rows: distinct texts in order of first appearance, and each row's place among them. */
export function indexTexts({ name, rows, bytes, ends, isNull }: TextRows): TextColumn<PackedTexts> {
  const indices = new Int32Array(rows).fill(-1);
  const firstRows = new Uint32Array(rows);
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(rows * SLOTS_PER_ROW + 1))).fill(-1);
  const mask = slots.length - 1;
  let distinct = 0;
  for (let row = 0; row < rows; row += 1) {
    if (isNull[row] === 1) continue;
    const start = row === 0 ? 0 : ends[row - 1]!;
    let slot = hashOf(bytes, start, ends[row]!) & mask;
    for (;;) {
      const place = slots[slot]!;
      if (place < 0) {
        slots[slot] = distinct;
        firstRows[distinct] = row;
        indices[row] = distinct;
        distinct += 1;
        break;
      }
      if (isSame(bytes, ends, firstRows[place]!, start, ends[row]!)) {
        indices[row] = place;
        break;
      }
      slot = (slot + 1) & mask;
    }
  }
  const dictionary = new PackedTexts(bytes, ends, firstRows.subarray(0, distinct));
  return { name, type: 'text', rows, dictionary, indices };
}

/** A column of any kind with its texts told apart, as JavaScript strings. */
export function asColumn(column: PlainColumn): Column {
  if (column.type !== 'text rows') return column;
  const indexed = indexTexts(column);
  return { ...indexed, dictionary: [...indexed.dictionary] };
}

/** At most two thirds of the slots are taken. */
const SLOTS_PER_ROW = 1.5;

export class PackedTexts implements Texts {
  readonly length: number;
  /** Whether every text is made of one-byte characters. */
  readonly isAscii: boolean;
  readonly #bytes: Buffer;
  readonly #ends: Uint32Array;
  readonly #rowOf: Uint32Array;

  constructor(bytes: Uint8Array, ends: Uint32Array, rowOf: Uint32Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, ends.at(-1) ?? 0);
    this.#ends = ends;
    this.#rowOf = rowOf;
    this.length = rowOf.length;
    this.isAscii = isAscii(this.#bytes);
  }

  at(place: number): string | undefined {
    if (place >= this.length) return undefined;
    const row = this.#rowOf[place]!;
    return this.#bytes.toString(this.isAscii ? 'latin1' : 'utf8', this.#startOf(row), this.#ends[row]);
  }

  *[Symbol.iterator](): Generator<string> {
    for (let place = 0; place < this.length; place += 1) yield this.at(place)!;
  }

  /** The byte at a position of a text, -1 behind its end. */
  byteAt(place: number, position: number): number {
    const row = this.#rowOf[place]!;
    const at = this.#startOf(row) + position;
    return at < this.#ends[row]! ? this.#bytes[at]! : -1;
  }

  #startOf(row: number): number {
    return row === 0 ? 0 : this.#ends[row - 1]!;
  }
}

function isAscii(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i += 1) if (bytes[i]! >= 0x80) return false;
  return true;
}

/** FNV-1a, 32 bits; the low bits, which choose the slot, are mixed once more. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i += 1) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

function isSame(bytes: Uint8Array, ends: Uint32Array, row: number, start: number, end: number): boolean {
  const otherStart = row === 0 ? 0 : ends[row - 1]!;
  if (ends[row]! - otherStart !== end - start) return false;
  for (let i = 0; i < end - start; i += 1) if (bytes[otherStart + i] !== bytes[start + i]) return false;
  return true;
}
