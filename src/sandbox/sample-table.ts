/**
 * Rows out of a learned table, one sub-column after another along its tree. What is fixed comes first, then what
 * `column_order` names first, then neighbours of what is known: each given all of its neighbours known by then.
 * That is exact without conditions, and with conditions on one sub-column or on direct neighbours of what is drawn;
 * conditions further apart act through the nearest one only.
 * Not here: sequences (sample-sequences.ts), where conditions come from (conditions.ts).
 */
import type { LearnedTable } from './learn-tree.js';
import { breather, type Random } from './random.js';

export interface SampleOptions {
  random: Random;
  /** Temperature: below 1 sharper, above 1 flatter. */
  diversity: number;
  /** Nucleus mass: the least likely codes beyond it are not drawn. */
  rareCutoff: number;
  /** Sub-columns in order of preference; may be shorter than the table. */
  order: readonly number[];
  /** By sub-column: code to probability. */
  fixedProbs: ReadonlyMap<number, ReadonlyMap<number, number>>;
  /** A sub-column drawn from its marginal after all others, so that it depends on none of them. */
  independent?: number | undefined;
}

/** By sub-column, codes for every row; -1 is to be drawn. */
export type FixedCodes = ReadonlyMap<number, Int32Array>;

/** One draw of a row. A row's way through the table depends only on which of its sub-columns are fixed. */
interface Step {
  column: number;
  /** Neighbours that are known by then. */
  known: number[];
}

/** Cumulative weights kept for reuse, in numbers (8 bytes each): 32 MB. */
const CACHED_WEIGHTS_MAX = 4_000_000;

export async function sampleTable(
  table: LearnedTable,
  rows: number,
  fixed: FixedCodes,
  options: SampleOptions,
): Promise<Int32Array[]> {
  const columns = table.cardinalities.map(() => new Int32Array(rows));
  const draw = drawer(table, options);
  const plans = new Map<string, Step[]>();
  const fixedColumns = [...fixed.keys()].sort((a, b) => a - b);
  const { independent } = options;
  const alone: Step | undefined = independent === undefined ? undefined : { column: independent, known: [] };
  const breathe = breather();
  for (let row = 0; row < rows; row++) {
    const given = fixedColumns.filter((column) => fixed.get(column)![row]! >= 0);
    const pattern = given.join(',');
    const plan = plans.get(pattern) ?? planSteps(table, given, options.order);
    plans.set(pattern, plan);
    for (const column of given) columns[column]![row] = fixed.get(column)![row]!;
    for (const step of plan) columns[step.column]![row] = draw(step, columns, row);
    if (alone !== undefined && !given.includes(alone.column)) columns[alone.column]![row] = draw(alone, columns, row);
    await breathe();
  }
  return columns;
}

/** Grows from what is given along the tree; where nothing known is near, the next of the order is a new root. */
function planSteps(table: LearnedTable, given: readonly number[], order: readonly number[]): Step[] {
  const all = table.cardinalities.map((_, column) => column);
  const ranked = [...new Set([...order, ...all])];
  const known = new Set(given);
  const steps: Step[] = [];
  const waiting = new Set(ranked.filter((column) => !known.has(column)));
  const beside = new Set(given.flatMap((column) => table.neighbours[column]!));
  while (waiting.size > 0) {
    const column = firstOf(waiting, (candidate) => beside.has(candidate)) ?? firstOf(waiting, () => true)!;
    steps.push({ column, known: table.neighbours[column]!.filter((neighbour) => known.has(neighbour)) });
    waiting.delete(column);
    known.add(column);
    for (const neighbour of table.neighbours[column]!) beside.add(neighbour);
  }
  return steps;
}

function firstOf(columns: Iterable<number>, fits: (column: number) => boolean): number | undefined {
  for (const column of columns) if (fits(column)) return column;
  return undefined;
}

type Draw = (step: Step, columns: readonly Int32Array[], row: number) => number;

function drawer(table: LearnedTable, options: SampleOptions): Draw {
  const caches = new Map<string, Map<number | string, Float64Array>>();
  const cacheOfStep = new WeakMap<Step, Map<number | string, Float64Array>>();
  let cachedWeights = 0;

  function cacheOf(step: Step): Map<number | string, Float64Array> {
    const name = `${step.column}:${step.known}`;
    const cache = caches.get(name) ?? new Map<number | string, Float64Array>();
    caches.set(name, cache);
    cacheOfStep.set(step, cache);
    return cache;
  }

  return (step, columns, row) => {
    const { column, known } = step;
    const cache = cacheOfStep.get(step) ?? cacheOf(step);
    const situation =
      known.length === 1 ? columns[known[0]!]![row]! : known.map((neighbour) => columns[neighbour]![row]).join();
    let cumulative = cache.get(situation);
    if (cumulative === undefined) {
      const weights = weightsGiven(table, column, known, columns, row);
      cumulative = accumulate(withFixedProbs(shaped(weights, options), weights, options.fixedProbs.get(column)));
      if (cachedWeights + cumulative.length <= CACHED_WEIGHTS_MAX) {
        cachedWeights += cumulative.length;
        cache.set(situation, cumulative);
      }
    }
    return search(cumulative, options.random() * cumulative.at(-1)!);
  };
}

/** In a tree the neighbours of a sub-column are independent given it: p(x | a, b) is as p(x | a) p(x | b) / p(x). */
function weightsGiven(
  table: LearnedTable,
  column: number,
  known: readonly number[],
  columns: readonly Int32Array[],
  row: number,
): Float64Array {
  const marginal = table.marginals[column]!;
  const [first, ...others] = known;
  if (first === undefined) return marginal;
  const weights = table.weightsBeside(column, first, columns[first]![row]!);
  for (const neighbour of others) {
    const factors = table.weightsBeside(column, neighbour, columns[neighbour]![row]!);
    for (let code = 0; code < weights.length; code++) weights[code]! *= factors[code]! / marginal[code]!;
  }
  return weights;
}

function shaped(weights: Float64Array, { diversity, rareCutoff }: SampleOptions): Float64Array {
  const total = sum(weights);
  const tempered = diversity === 1 ? weights : weights.map((weight) => (weight / total) ** (1 / diversity));
  if (rareCutoff === 1) return tempered;
  const ranked = [...tempered.keys()].sort((a, b) => tempered[b]! - tempered[a]!);
  const nucleus = new Float64Array(tempered.length);
  const mass = sum(tempered) * rareCutoff;
  let reached = 0;
  for (const code of ranked) {
    nucleus[code] = tempered[code]!;
    reached += tempered[code]!;
    if (reached >= mass) break;
  }
  return nucleus;
}

/**
 * Listed codes have exactly their probability; the others share what is left as the model has it. Where the cut left no
 * other code, the uncut weights say how; where every code is listed, the listed ones fill the whole; where that whole
 * is nothing (every code forbidden), the list is not followed [assumed].
 */
function withFixedProbs(
  weights: Float64Array,
  uncut: Float64Array,
  fixed: ReadonlyMap<number, number> | undefined,
): Float64Array {
  if (fixed === undefined || fixed.size === 0) return weights;
  const listed = [...fixed.values()].reduce((total, probability) => total + probability, 0);
  const left = Math.max(0, 1 - listed);
  const othersOf = (from: Float64Array) => from.map((weight, code) => (fixed.has(code) ? 0 : weight));
  let others = othersOf(weights);
  if (sum(others) === 0) others = othersOf(uncut);
  const shared = sum(others);
  if (shared === 0 && listed === 0) return weights;
  return others.map((weight, code) => fixed.get(code) ?? (shared === 0 ? 0 : (weight / shared) * left));
}

function sum(weights: Float64Array): number {
  let total = 0;
  for (const weight of weights) total += weight;
  return total;
}

function accumulate(weights: Float64Array): Float64Array {
  let total = 0;
  return weights.map((weight) => {
    total += weight;
    return total;
  });
}

/** First code whose cumulative weight is above `target`, which a code of weight 0 never is. */
function search(cumulative: Float64Array, target: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! > target) high = middle;
    else low = middle + 1;
  }
  return low;
}
