/**
 * What the emulator learns: a Chow-Liu tree, the tree of sub-columns with the largest total mutual information.
 * Smoothed: a code seen `n` times weighs `n + CODE_WEIGHT`, and what follows a neighbour's code is drawn towards the
 * marginal by `PAIR_WEIGHT` rows. Pairs that depend no more than chance would have it get no edge: a forest is allowed.
 * Bounded: a pair is weighed on at most `BUCKETS_MAX` buckets a side and on a sample of rows; tables of conditional
 * counts are sparse and never larger than the table itself.
 */
import { breather } from './random.js';
import type { TrainingData } from './training-data.js';

const CODE_WEIGHT = 0.05;
const PAIR_WEIGHT = 1;
const BUCKETS_MAX = 48;
/** Pairs of sub-columns times rows looked at for the structure: a few tenths of a second of work. */
const PAIR_ROWS_MAX = 25_000_000;
const STRUCTURE_ROWS_MIN = 300;

/** The codes that were seen beside each code of a neighbour: `codes[starts[n] .. starts[n + 1]]`. */
interface SeenBeside {
  starts: Int32Array;
  codes: Int32Array;
}

export interface LearnedTable {
  cardinalities: number[];
  /** Probability of each code, by sub-column. */
  marginals: Float64Array[];
  /** Neighbours of each sub-column in the forest. */
  neighbours: number[][];
  /** Weights (not normalised) of the codes of `column`, given the code of a neighbour. */
  weightsBeside(column: number, neighbour: number, code: number): Float64Array;
  lengths: Int32Array;
}

export async function learnTable(data: TrainingData, cardinalities: number[]): Promise<LearnedTable> {
  const breathe = breather();
  const marginals: Float64Array[] = [];
  for (const [column, codes] of data.columns.entries()) {
    marginals.push(marginalOf(codes, cardinalities[column]!));
    await breathe();
  }
  const edges = await strongestForest(data, cardinalities, breathe);
  const neighbours: number[][] = cardinalities.map(() => []);
  const seen = new Map<string, SeenBeside>();
  for (const [a, b] of edges) {
    neighbours[a]!.push(b);
    neighbours[b]!.push(a);
    seen.set(`${a}|${b}`, seenBeside(data.columns[a]!, data.columns[b]!, cardinalities[b]!));
    seen.set(`${b}|${a}`, seenBeside(data.columns[b]!, data.columns[a]!, cardinalities[a]!));
    await breathe();
  }
  return {
    cardinalities,
    marginals,
    neighbours,
    lengths: data.lengths,
    weightsBeside(column, neighbour, code) {
      const { starts, codes } = seen.get(`${column}|${neighbour}`)!;
      const weights = marginals[column]!.map((probability) => probability * PAIR_WEIGHT);
      for (let at = starts[code]!; at < starts[code + 1]!; at++) weights[codes[at]!]! += 1;
      return weights;
    },
  };
}

function marginalOf(codes: Int32Array, cardinality: number): Float64Array {
  const weights = new Float64Array(cardinality).fill(CODE_WEIGHT);
  for (const code of codes) weights[code]! += 1;
  const total = codes.length + CODE_WEIGHT * cardinality;
  return weights.map((weight) => weight / total);
}

/** Prim's algorithm; ties go to the earlier sub-column, so that the same data always give the same tree. */
async function strongestForest(
  data: TrainingData,
  cardinalities: number[],
  breathe: () => Promise<void> | undefined,
): Promise<[number, number][]> {
  const count = cardinalities.length;
  const sampleRows = Math.min(data.rows, Math.max(STRUCTURE_ROWS_MIN, Math.floor(PAIR_ROWS_MAX / pairsOf(count))));
  const buckets: Buckets[] = [];
  for (const column of data.columns) {
    buckets.push(bucketsOf(column, sampleRows));
    await breathe();
  }
  const best = Array.from({ length: count }, () => ({ information: 0, neighbour: -1 }));
  const outside = new Set(best.keys());
  const edges: [number, number][] = [];
  while (outside.size > 0) {
    let next = -1;
    for (const column of outside) {
      if (next < 0 || best[column]!.information > best[next]!.information) next = column;
    }
    outside.delete(next);
    const { neighbour } = best[next]!;
    if (neighbour >= 0) edges.push([next, neighbour]);
    for (const column of outside) {
      const information = informationBetween(buckets[next]!, buckets[column]!);
      if (information > best[column]!.information) best[column] = { information, neighbour: next };
      const pause = breathe();
      if (pause !== undefined) await pause;
    }
  }
  return edges;
}

interface Buckets {
  count: number;
  codes: Uint8Array;
}

const pairsOf = (count: number): number => Math.max(1, (count * (count - 1)) / 2);

/** A sub-column on evenly spaced rows, with its most frequent codes in buckets of their own and one for the rest. */
function bucketsOf(column: Int32Array, rows: number): Buckets {
  const sample = new Int32Array(rows);
  for (let index = 0; index < rows; index++) sample[index] = column[Math.floor((index * column.length) / rows)]!;
  const frequency = new Map<number, number>();
  for (const code of sample) frequency.set(code, (frequency.get(code) ?? 0) + 1);
  const ranked = [...frequency].sort(([a, timesA], [b, timesB]) => timesB - timesA || a - b);
  const bucketOf = new Map(ranked.map(([code], rank) => [code, Math.min(rank, BUCKETS_MAX - 1)]));
  const codes = new Uint8Array(rows);
  for (let index = 0; index < rows; index++) codes[index] = bucketOf.get(sample[index]!)!;
  return { count: Math.min(ranked.length, BUCKETS_MAX), codes };
}

/** Mutual information in nats, less what chance alone would show for so many cells (Miller and Madow's correction). */
function informationBetween(a: Buckets, b: Buckets): number {
  const rows = a.codes.length;
  const joint = new Int32Array(a.count * b.count);
  for (let row = 0; row < rows; row++) joint[a.codes[row]! * b.count + b.codes[row]!]! += 1;
  const timesA = new Int32Array(a.count);
  const timesB = new Int32Array(b.count);
  for (let codeA = 0, cell = 0; codeA < a.count; codeA++) {
    for (let codeB = 0; codeB < b.count; codeB++, cell++) {
      timesA[codeA]! += joint[cell]!;
      timesB[codeB]! += joint[cell]!;
    }
  }
  let information = 0;
  for (let codeA = 0, cell = 0; codeA < a.count; codeA++) {
    for (let codeB = 0; codeB < b.count; codeB++, cell++) {
      const times = joint[cell]!;
      if (times > 0) information += (times / rows) * Math.log((times * rows) / (timesA[codeA]! * timesB[codeB]!));
    }
  }
  return information - ((a.count - 1) * (b.count - 1)) / (2 * rows);
}

/** Counting sort of `column`'s codes by the code of the neighbour in the same row. */
function seenBeside(column: Int32Array, neighbour: Int32Array, neighbourCardinality: number): SeenBeside {
  const starts = new Int32Array(neighbourCardinality + 1);
  for (const code of neighbour) starts[code + 1]! += 1;
  for (let code = 0; code < neighbourCardinality; code++) starts[code + 1]! += starts[code]!;
  const next = starts.slice();
  const codes = new Int32Array(column.length);
  neighbour.forEach((code, row) => {
    codes[next[code]!++] = column[row]!;
  });
  return { starts, codes };
}
