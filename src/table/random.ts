/**
 * Seeded randomness: the Mersenne Twister MT19937 with NumPy's legacy integer seeding and 53-bit doubles, because the
 * SDK draws its rare thresholds from it: the same seed gives the same thresholds (data-plane appendix D).
 * Algorithm: Matsumoto and Nishimura, ACM TOMACS 8(1), 1998.
 */
const SIZE = 624;
const PERIOD = 397;
/** Two uniforms of 53 bits make two normals. */
const WORDS_PER_PAIR = 4;

/** Where a source of randomness stands, so that another one can go on from there, in another thread too. */
export interface RandomState {
  readonly words: Uint32Array;
  readonly index: number;
  readonly spareNormal: number | undefined;
}

export class Random {
  readonly #state = new Uint32Array(SIZE);
  #index = SIZE;
  #spareNormal: number | undefined;

  static from({ words, index, spareNormal }: RandomState): Random {
    const random = new Random(0);
    random.#state.set(words);
    random.#index = index;
    random.#spareNormal = spareNormal;
    return random;
  }

  /** @param seed an integer in [0, 2^32) */
  constructor(seed: number) {
    this.#state[0] = seed >>> 0;
    for (let i = 1; i < SIZE; i += 1) {
      const previous = this.#state[i - 1]!;
      this.#state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  /** Uniform in [0, 1), 53 bits. */
  next(): number {
    const high = this.#uint32() >>> 5;
    const low = this.#uint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** Uniform integer in [0, count). */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** Standard normal (Box-Muller, both values used). */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    const angle = 2 * Math.PI * this.next();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  state(): RandomState {
    return { words: this.#state.slice(), index: this.#index, spareNormal: this.#spareNormal };
  }

  /** Goes on as if so many normals had been drawn, at a small part of the time. */
  skipNormals(count: number): void {
    let rest = count;
    if (rest > 0 && this.#spareNormal !== undefined) {
      this.#spareNormal = undefined;
      rest -= 1;
    }
    this.#index += Math.floor(rest / 2) * WORDS_PER_PAIR;
    while (this.#index > SIZE) {
      const beyond = this.#index - SIZE;
      this.#twist();
      this.#index = beyond;
    }
    if (rest % 2 === 1) this.normal();
  }

  /** A random order of 0..count-1 (Fisher-Yates). */
  permutation(count: number): Uint32Array {
    const order = new Uint32Array(count);
    for (let i = 0; i < count; i += 1) order[i] = i;
    for (let i = count - 1; i > 0; i -= 1) {
      const j = this.below(i + 1);
      const swapped = order[i]!;
      order[i] = order[j]!;
      order[j] = swapped;
    }
    return order;
  }

  #uint32(): number {
    if (this.#index >= SIZE) this.#twist();
    let y = this.#state[this.#index]!;
    this.#index += 1;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < SIZE; i += 1) {
      const next = i + 1 < SIZE ? i + 1 : 0;
      const other = i + PERIOD < SIZE ? i + PERIOD : i + PERIOD - SIZE;
      const y = (state[i]! & 0x80000000) | (state[next]! & 0x7fffffff);
      state[i] = state[other]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#index = 0;
  }
}
