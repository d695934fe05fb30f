/**
 * Parts of the upload's body as bytes: embeddings in base64, codes in decimal, written straight into UTF-8 chunks. The same
 * part gives the same bytes wherever it is rendered; only privacy noise has an order, that of the rows.
 * Privacy noise goes on training and validation batches alike (the SDK leaves validation clean, BUG-11).
 */
import type { ModelSettings } from '../../contract/requests.js';
import type { Encoder } from '../encoder/encoder.js';
import type { Random } from '../random.js';
import type { CodeArray, SubColumn } from '../stats.js';
import { CHUNK_BYTES_MAX } from './body.js';
import { type Part, planBatch, type Stretch } from './upload-plan.js';

export interface UploadSource {
  readonly subColumns: readonly SubColumn[];
  readonly model: ModelSettings;
  readonly encoder: Encoder;
  /** The codes of a sub-column, by its place, for rows in the order of the upload. */
  codesOf(subColumn: number, firstRow: number, rows: number): CodeArray;
  /** Where noise is drawn from, if the model asks for any. */
  readonly random: Random;
}

/** The bytes of the parts, in chunks of at most CHUNK_BYTES_MAX. A chunk is the caller's to keep. */
export function* uploadBytes(parts: Iterable<Part>, source: UploadSource): Generator<Uint8Array> {
  const noise = noiseOf(source.model);
  const out = new ChunkWriter();
  for (const part of parts) {
    const stretches = part.kind === 'batch' ? planBatch(part, source.subColumns, source.model) : [part];
    for (const stretch of stretches) {
      write(stretch, source, noise, out);
      yield* out.full();
    }
  }
  yield* out.rest();
}

/** The standard deviation of what is added to each number of an embedding; 0 where nothing is. */
export function noiseOf({ privacy }: Pick<ModelSettings, 'privacy'>): number {
  return privacy.enabled ? privacy.noise : 0;
}

function write(stretch: Stretch, source: UploadSource, noise: number, out: ChunkWriter): void {
  switch (stretch.kind) {
    case 'text':
      out.text(stretch.text);
      break;
    case 'codes':
      out.decimals(source.codesOf(stretch.subColumn, stretch.firstRow, stretch.rows));
      break;
    case 'embeddings': {
      const { firstRow, rows } = stretch;
      const codes = new Map(
        source.subColumns.map(({ key }, place) => [key, source.codesOf(place, firstRow, rows)] as const),
      );
      const embeddings = source.encoder.embed(codes, rows);
      if (noise > 0) {
        for (let i = 0; i < embeddings.length; i += 1) embeddings[i]! += noise * source.random.normal();
      }
      out.base64(littleEndianBytes(embeddings));
    }
  }
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function littleEndianBytes(values: Float32Array): Buffer {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return IS_LITTLE_ENDIAN ? bytes : bytes.swap32();
}

/** `4294967295,` */
const DECIMAL_BYTES_MAX = 11;
const [COMMA, ZERO] = [0x2c, 0x30];

/** Fills chunks one after the other. */
class ChunkWriter {
  #chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES_MAX);
  #length = 0;
  #full: Uint8Array[] = [];

  /** Chunks that are full since the last call. */
  *full(): Generator<Uint8Array> {
    const chunks = this.#full;
    this.#full = [];
    yield* chunks;
  }

  /** All that is left, after which the writer is of no more use. */
  *rest(): Generator<Uint8Array> {
    yield* this.full();
    if (this.#length > 0) yield this.#chunk.subarray(0, this.#length);
  }

  text(text: string): void {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length; ) {
      const room = this.#room(1);
      this.#length += bytes.copy(this.#chunk, this.#length, done, done + room);
      done += Math.min(room, bytes.length - done);
    }
  }

  base64(bytes: Buffer): void {
    for (let done = 0; done < bytes.length; ) {
      const count = Math.min(bytes.length - done, Math.floor(this.#room(4) / 4) * 3);
      this.#length += this.#chunk.write(bytes.toString('base64', done, done + count), this.#length, 'latin1');
      done += count;
    }
  }

  /** With commas between. */
  decimals(codes: CodeArray): void {
    for (let done = 0; done < codes.length; ) {
      const count = Math.min(codes.length - done, Math.floor(this.#room(DECIMAL_BYTES_MAX) / DECIMAL_BYTES_MAX));
      this.#length = writeDecimals(codes, done, done + count, this.#chunk, this.#length);
      done += count;
    }
    if (codes.length > 0) this.#length -= 1;
  }

  /** Bytes left in the chunk, which is a new one if it had fewer than `least`. */
  #room(least: number): number {
    if (this.#length + least > CHUNK_BYTES_MAX) {
      this.#full.push(this.#chunk.subarray(0, this.#length));
      this.#chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES_MAX);
      this.#length = 0;
    }
    return CHUNK_BYTES_MAX - this.#length;
  }
}

/** Each number with a comma behind it. @returns the place after the last */
function writeDecimals(codes: CodeArray, first: number, end: number, bytes: Uint8Array, start: number): number {
  let at = start;
  for (let i = first; i < end; i += 1) {
    const code = codes[i]!;
    if (code < 10) {
      bytes[at] = ZERO + code;
      bytes[at + 1] = COMMA;
      at += 2;
      continue;
    }
    let digits = 2;
    for (let power = 100; code >= power; power *= 10) digits += 1;
    let rest = code;
    for (let place = at + digits - 1; place >= at; place -= 1) {
      const tenth = Math.floor(rest / 10);
      bytes[place] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    bytes[at + digits] = COMMA;
    at += digits + 1;
  }
  return at;
}
