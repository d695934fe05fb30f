/**
 * The frozen encoder's forward pass (data-plane 6.3): lookups, optional column layers, linear, ReLU, linear, ReLU.
 * Everything up to the first ReLU is linear in each sub-column, so it is multiplied out once per code: a row's hidden layer
 * is then a sum of one table row per sub-column, and only the second layer is a real product.
 * Sums run in float64; the tables are stored as float32 to halve their size, which keeps results within 1e-6 of a float32
 * network. Tables lie in one shared memory, so that threads embed at the same time without a copy each: a thread takes a
 * seat, its own part of that memory.
 * Not here: the loops (kernel.ts), what a code adds to the hidden layer (hidden-shares.ts).
 */
import { InputError } from '../../contract/input-error.js';
import type { CodeArray, Codes } from '../stats.js';
import { hiddenSharesOf } from './hidden-shares.js';
import { BLOCK_WIDTH, type Kernel, type KernelLayout, kernelCode, scratchBytes } from './kernel.js';
import type { EncoderWeights } from './weights.js';

/** Rows that a seat has room for. */
const SEAT_ROWS = 384;
const PAGE_BYTES = 65_536;
const GIB = 2 ** 30;
/** Addresses have 32 bits. */
const MEMORY_BYTES_MAX = 4 * GIB;

/** An encoder ready to embed, as threads are given it: nothing in it is copied. */
export interface EncoderImage {
  readonly embeddingDim: number;
  /** Sub-columns in order; each code's row of the hidden layer is at `address + code * rowBytes`. */
  readonly tables: readonly { readonly key: string; readonly address: number }[];
  readonly rowBytes: number;
  readonly layout: KernelLayout;
  readonly firstSeat: number;
  readonly seatBytes: number;
  readonly memory: SharedMemory;
}

export interface Encoder {
  readonly embeddingDim: number;
  /**
   * @param codes of the rows to embed, for every sub-column
   * @returns rows x embeddingDim, row-major, every value >= 0
   */
  embed(codes: Codes, rows: number): Float32Array;
}

/** An encoder for one thread. */
export function createEncoder(weights: EncoderWeights): Encoder {
  return takeSeat(layOutEncoder(weights, 1), 0);
}

/** @param seats how many threads will embed with it */
export function layOutEncoder(weights: EncoderWeights, seats: number): EncoderImage {
  const embeddingDim = weights.output.bias.length;
  const hiddenUnits = weights.hidden.bias.length;
  const hiddenWidth = padded(hiddenUnits);
  const outputWidth = padded(embeddingDim);
  const { bias, shares } = hiddenSharesOf(weights);
  const rowBytes = hiddenWidth * 4;

  let end = 0;
  const reserve = (bytes: number): number => {
    const address = end;
    end = Math.ceil((address + bytes) / 16) * 16;
    return address;
  };
  // A table without sub-columns still adds one row of zeros, so that the kernel's loop has a turn.
  const tables = (shares.length === 0 ? [NOTHING] : shares).map(({ key, codes, rowOf }) => {
    return { key, codes, rowOf, address: reserve(codes * rowBytes) };
  });
  const layout: KernelLayout = {
    hiddenWidth,
    outputWidth,
    shares: tables.length,
    hiddenBias: reserve(hiddenWidth * 8),
    outputBias: reserve(outputWidth * 8),
    outputMatrix: reserve(hiddenWidth * outputWidth * 4),
  };
  const seatBytes = seatOf(layout, 0).end;
  const firstSeat = reserve(seatBytes * seats);
  if (end > MEMORY_BYTES_MAX) {
    throw new InputError(
      'columns_invalid',
      `The columns have so many distinct values that the encoder would take ${Math.ceil(end / GIB)} GiB; at most ${MEMORY_BYTES_MAX / GIB} GiB are possible. Exclude the column with the most of them, or lower model.embedding_dim.`,
      'columns.exclude',
    );
  }
  const memory = makeMemory(end);

  for (const { address, codes, rowOf } of tables) {
    const values = new Float32Array(memory.buffer, address, codes * hiddenWidth);
    for (let code = 0; code < codes; code += 1) rowOf(code, values.subarray(code * hiddenWidth));
  }
  new Float64Array(memory.buffer, layout.hiddenBias, hiddenUnits).set(bias);
  new Float64Array(memory.buffer, layout.outputBias, embeddingDim).set(weights.output.bias);
  const matrix = new Float32Array(memory.buffer, layout.outputMatrix, hiddenWidth * outputWidth);
  for (let output = 0; output < embeddingDim; output += 1) {
    for (let unit = 0; unit < hiddenUnits; unit += 1) {
      matrix[unit * outputWidth + output] = weights.output.matrix.values[output * hiddenUnits + unit]!;
    }
  }
  return {
    embeddingDim,
    tables: tables.map(({ key, address }) => ({ key, address })),
    rowBytes,
    layout,
    firstSeat,
    seatBytes,
    memory,
  };
}

/** @param seat one of those laid out, used by one thread at a time */
export function takeSeat(image: EncoderImage, seat: number): Encoder {
  const { embeddingDim, tables, rowBytes, layout, memory } = image;
  const { addresses, output, scratch } = seatOf(layout, image.firstSeat + seat * image.seatBytes);
  const shareAddresses = new Uint32Array(memory.buffer, addresses, SEAT_ROWS * layout.shares);
  const outputs = new Float32Array(memory.buffer, output, SEAT_ROWS * layout.outputWidth);
  const kernel = startKernel(layout, memory);
  return {
    embeddingDim,
    embed(codes, rows) {
      const columns = tables.map(({ key }) => codesOf(codes, key, rows));
      const embeddings = new Float32Array(rows * embeddingDim);
      for (let first = 0; first < rows; first += SEAT_ROWS) {
        const count = Math.min(SEAT_ROWS, rows - first);
        for (let t = 0; t < tables.length; t += 1) {
          const { address } = tables[t]!;
          const column = columns[t]!;
          for (let i = 0; i < count; i += 1) {
            shareAddresses[i * tables.length + t] = address + column[first + i]! * rowBytes;
          }
        }
        kernel(addresses, addresses + count * layout.shares * 4, output, scratch);
        for (let i = 0; i < count; i += 1) {
          const start = i * layout.outputWidth;
          embeddings.set(outputs.subarray(start, start + embeddingDim), (first + i) * embeddingDim);
        }
      }
      return embeddings;
    },
  };
}

const NOTHING = { key: '', codes: 1, rowOf: () => undefined };

function seatOf({ shares, hiddenWidth, outputWidth }: KernelLayout, start: number) {
  const addresses = start;
  const output = Math.ceil((addresses + SEAT_ROWS * shares * 4) / 16) * 16;
  const scratch = output + SEAT_ROWS * outputWidth * 4;
  return { addresses, output, scratch, end: scratch + scratchBytes(hiddenWidth) };
}

function padded(width: number): number {
  return Math.ceil(width / BLOCK_WIDTH) * BLOCK_WIDTH;
}

function codesOf(codes: Codes, key: string, rows: number): CodeArray {
  if (key === NOTHING.key) return new Uint8Array(rows);
  const found = codes.get(key);
  if (!found) throw new Error(`bug: no codes for sub-column ${key}`);
  return found;
}

/** Of WebAssembly what is used here: the types of Node declare none of it. */
interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}
declare const WebAssembly: {
  Memory: new (limits: { initial: number; maximum: number; shared: true }) => SharedMemory;
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (module: object, imports: { host: { memory: SharedMemory } }) => { exports: { embed: Kernel } };
};

function makeMemory(bytes: number): SharedMemory {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

function startKernel(layout: KernelLayout, memory: SharedMemory): Kernel {
  return new WebAssembly.Instance(new WebAssembly.Module(kernelCode(layout)), { host: { memory } }).exports.embed;
}
