/**
 * The few instructions of WebAssembly that the encoder's kernel is made of, and how a module of one function is put into
 * bytes. Every instruction is a list of bytes; a body is their concatenation.
 * Numbers of opcodes: WebAssembly Core Specification 2.0, chapter 5 (binary format) and 5.4.8 (vector instructions).
 */
export type Code = readonly number[];

export const seq = (...parts: readonly Code[]): Code => parts.flat();

export const local = {
  get: (index: number): Code => [0x20, ...unsigned(index)],
  set: (index: number): Code => [0x21, ...unsigned(index)],
};

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  load: (offset = 0): Code => [0x28, 2, ...unsigned(offset)],
  store: (offset = 0): Code => [0x36, 2, ...unsigned(offset)],
  add: [0x6a] as Code,
  shl: [0x74] as Code,
  ne: [0x47] as Code,
  eq: [0x46] as Code,
};

export const f64 = {
  const0: [0x44, 0, 0, 0, 0, 0, 0, 0, 0] as Code,
  load: (offset = 0): Code => [0x2b, 3, ...unsigned(offset)],
  store: (offset = 0): Code => [0x39, 3, ...unsigned(offset)],
  gt: [0x64] as Code,
};

/** Two float64 lanes; of float32 in memory the two are read and widened at once. */
export const f64x2 = {
  load: (offset = 0): Code => vector(0, 4, ...unsigned(offset)),
  store: (offset = 0): Code => vector(11, 4, ...unsigned(offset)),
  loadSplat: (offset = 0): Code => vector(10, 3, ...unsigned(offset)),
  loadFloat32: (offset = 0): Code => seq(vector(93, 3, ...unsigned(offset)), vector(95)),
  /** Takes an address and two lanes, rounds them to float32 and stores those. */
  storeFloat32: (offset = 0): Code => seq(vector(94), vector(91, 3, ...unsigned(offset), 0)),
  zero: vector(12, ...new Array<number>(16).fill(0)),
  add: vector(240),
  mul: vector(242),
  max: vector(245),
};

export const block = (body: Code): Code => [0x02, 0x40, ...body, 0x0b];
export const loop = (body: Code): Code => [0x03, 0x40, ...body, 0x0b];
/** To the start of the loop, or the end of the block, that is `depth` levels out. */
export const branchIf = (depth: number): Code => [0x0d, ...unsigned(depth)];

const TYPES = { i32: 0x7f, v128: 0x7b } as const;
const PAGES_MAX = 65_536;

/**
 * A module with one exported function of i32 parameters and no result, over the shared memory `host.memory`.
 * @param locals type and count of the function's further locals, numbered after its parameters
 */
export function moduleOf(
  name: string,
  parameters: number,
  locals: readonly (readonly [type: keyof typeof TYPES, count: number])[],
  body: Code,
): Uint8Array<ArrayBuffer> {
  const declared = listOf(locals.map(([type, count]) => [...unsigned(count), TYPES[type]]));
  const functionBody = [...declared, ...body, 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [[0x60, ...listOf(new Array<Code>(parameters).fill([TYPES.i32])), 0]]),
    ...section(2, [[...text('host'), ...text('memory'), 0x02, 0x03, 0, ...unsigned(PAGES_MAX)]]),
    ...section(3, [[0]]),
    ...section(7, [[...text(name), 0x00, 0]]),
    ...section(10, [[...unsigned(functionBody.length), ...functionBody]]),
  ]);
}

function section(id: number, entries: readonly Code[]): Code {
  const content = listOf(entries);
  return [id, ...unsigned(content.length), ...content];
}

function listOf(entries: readonly Code[]): Code {
  return [...unsigned(entries.length), ...entries.flat()];
}

function text(ascii: string): Code {
  return [...unsigned(ascii.length), ...Buffer.from(ascii, 'ascii')];
}

function vector(opcode: number, ...immediates: readonly number[]): Code {
  return [0xfd, ...unsigned(opcode), ...immediates];
}

/** LEB128. */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
}

/** LEB128 of a 32-bit integer, with its sign. */
function signed(value: number): Code {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}
