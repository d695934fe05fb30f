/**
 * The encoder's inner loops as WebAssembly: the sum of table rows, ReLU, the second layer, ReLU. JavaScript would do the
 * same arithmetic one number at a time; here two float64 lanes go at once and sixteen sums stay in registers.
 * Each sum still adds its terms in the same order in float64, without fused operations, so that every machine and every
 * number of threads gives the same bytes.
 * Not here: what lies where in memory (encoder.ts).
 */
import { block, branchIf, f64, f64x2, i32, local, loop, moduleOf, seq } from './wasm-code.js';

/** Numbers in a block: widths are padded to a multiple of it. */
export const BLOCK_WIDTH = 16;
const LANES = 2;
const ACCUMULATORS = BLOCK_WIDTH / LANES;

/** Byte addresses in the shared memory, and padded widths in numbers. */
export interface KernelLayout {
  readonly hiddenWidth: number;
  readonly outputWidth: number;
  /** Table rows added up for each row. */
  readonly shares: number;
  /** float64 x hiddenWidth. */
  readonly hiddenBias: number;
  /** float64 x outputWidth. */
  readonly outputBias: number;
  /** float32, hiddenWidth x outputWidth: a row for each hidden unit. */
  readonly outputMatrix: number;
}

/** Bytes that one call needs of its own: the hidden layer, then its active units with their matrix rows. */
export function scratchBytes(hiddenWidth: number): number {
  return hiddenWidth * 8 + hiddenWidth * ACTIVE_BYTES;
}
/** An active unit: its value (float64), the address of its matrix row (i32), padding. */
const ACTIVE_BYTES = 16;

/** Row of the table -> addresses of its shares (i32 each), and where its embedding (float32 x outputWidth) goes. */
export type Kernel = (firstAddress: number, endAddress: number, output: number, scratch: number) => void;

const [NEXT, END, OUT, SCRATCH, CURSOR, STOP, OFFSET, ADDRESS, ACTIVE, MATRIX_ROW] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const FIRST_ACCUMULATOR = 10;
const FACTOR = FIRST_ACCUMULATOR + ACCUMULATORS;

/** The module's bytes, for `embed(firstAddress, endAddress, output, scratch)`: see `Kernel`. */
export function kernelCode(layout: KernelLayout): Uint8Array<ArrayBuffer> {
  const body = loop(
    seq(
      sumHidden(layout),
      listActive(layout),
      sumOutput(layout),
      advance(OUT, layout.outputWidth * 4),
      advance(NEXT, layout.shares * 4),
      seq(local.get(NEXT), local.get(END), i32.ne, branchIf(0)),
    ),
  );
  return moduleOf(
    'embed',
    4,
    [
      ['i32', 6],
      ['v128', ACCUMULATORS + 1],
    ],
    body,
  );
}

/** hidden = bias + share + share + ..., a block at a time. */
function sumHidden({ hiddenWidth, hiddenBias, shares }: KernelLayout) {
  return seq(
    assign(OFFSET, i32.const(0)),
    assign(STOP, seq(local.get(NEXT), i32.const(shares * 4), i32.add)),
    loop(
      seq(
        seq(local.get(OFFSET), i32.const(1), i32.shl, i32.const(hiddenBias), i32.add, local.set(ADDRESS)),
        each((i) => assign(accumulator(i), seq(local.get(ADDRESS), f64x2.load(i * 16)))),
        assign(CURSOR, local.get(NEXT)),
        loop(
          seq(
            seq(local.get(CURSOR), i32.load(), local.get(OFFSET), i32.add, local.set(ADDRESS)),
            each((i) => add(accumulator(i), seq(local.get(ADDRESS), f64x2.loadFloat32(i * 8)))),
            advance(CURSOR, 4),
            seq(local.get(CURSOR), local.get(STOP), i32.ne, branchIf(0)),
          ),
        ),
        seq(local.get(OFFSET), i32.const(1), i32.shl, local.get(SCRATCH), i32.add, local.set(ADDRESS)),
        each((i) => seq(local.get(ADDRESS), local.get(accumulator(i)), f64x2.store(i * 16))),
        advance(OFFSET, BLOCK_WIDTH * 4),
        seq(local.get(OFFSET), i32.const(hiddenWidth * 4), i32.ne, branchIf(0)),
      ),
    ),
  );
}

/** The first ReLU: units above 0 in a row, without a branch that would be guessed wrong half of the time. */
function listActive({ hiddenWidth, outputMatrix, outputWidth }: KernelLayout) {
  return seq(
    assign(CURSOR, local.get(SCRATCH)),
    assign(STOP, seq(local.get(SCRATCH), i32.const(hiddenWidth * 8), i32.add)),
    assign(ACTIVE, local.get(STOP)),
    assign(MATRIX_ROW, i32.const(outputMatrix)),
    loop(
      seq(
        seq(local.get(ACTIVE), local.get(CURSOR), f64.load(), f64.store()),
        seq(local.get(ACTIVE), local.get(MATRIX_ROW), i32.store(8)),
        seq(local.get(CURSOR), f64.load(), f64.const0, f64.gt, i32.const(Math.log2(ACTIVE_BYTES)), i32.shl),
        seq(local.get(ACTIVE), i32.add, local.set(ACTIVE)),
        advance(MATRIX_ROW, outputWidth * 4),
        advance(CURSOR, 8),
        seq(local.get(CURSOR), local.get(STOP), i32.ne, branchIf(0)),
      ),
    ),
  );
}

/** output = bias + unit * its matrix row + ..., then the second ReLU; STOP is where the active units begin, ACTIVE where they end. */
function sumOutput({ outputWidth, outputBias }: KernelLayout) {
  return seq(
    assign(OFFSET, i32.const(0)),
    loop(
      seq(
        seq(local.get(OFFSET), i32.const(1), i32.shl, i32.const(outputBias), i32.add, local.set(ADDRESS)),
        each((i) => assign(accumulator(i), seq(local.get(ADDRESS), f64x2.load(i * 16)))),
        assign(CURSOR, local.get(STOP)),
        block(
          seq(
            seq(local.get(CURSOR), local.get(ACTIVE), i32.eq, branchIf(0)),
            loop(
              seq(
                seq(local.get(CURSOR), i32.load(8), local.get(OFFSET), i32.add, local.set(ADDRESS)),
                assign(FACTOR, seq(local.get(CURSOR), f64x2.loadSplat())),
                each((i) =>
                  add(accumulator(i), seq(local.get(FACTOR), local.get(ADDRESS), f64x2.loadFloat32(i * 8), f64x2.mul)),
                ),
                advance(CURSOR, ACTIVE_BYTES),
                seq(local.get(CURSOR), local.get(ACTIVE), i32.ne, branchIf(0)),
              ),
            ),
          ),
        ),
        seq(local.get(OUT), local.get(OFFSET), i32.add, local.set(ADDRESS)),
        each((i) =>
          seq(local.get(ADDRESS), local.get(accumulator(i)), f64x2.zero, f64x2.max, f64x2.storeFloat32(i * 8)),
        ),
        advance(OFFSET, BLOCK_WIDTH * 4),
        seq(local.get(OFFSET), i32.const(outputWidth * 4), i32.ne, branchIf(0)),
      ),
    ),
  );
}

type Code = ReturnType<typeof seq>;

const accumulator = (i: number): number => FIRST_ACCUMULATOR + i;
const assign = (target: number, value: Code): Code => seq(value, local.set(target));
const advance = (target: number, bytes: number): Code =>
  seq(local.get(target), i32.const(bytes), i32.add, local.set(target));
const add = (target: number, value: Code): Code => seq(local.get(target), value, f64x2.add, local.set(target));
const each = (codeOf: (i: number) => Code): Code => seq(...Array.from({ length: ACCUMULATORS }, (_, i) => codeOf(i)));
