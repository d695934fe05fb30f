/**
 * Sequences, crudely: every entity's length is drawn from the lengths of training, every step is a row of its own.
 * Steps do not depend on each other nor on the parent's row. Each entity's lists end with one padding step, as the
 * training's do, where `ridx` is 0 and every feature has code 0 [assumed].
 */
import type { LearnedTable } from './learn-tree.js';
import { type FixedCodes, type SampleOptions, sampleTable } from './sample-table.js';
import { POSITION_PREFIX } from './training-data.js';

export interface SequencePlan {
  entities: number;
  lengthMax: number;
  /** Wire keys of the feature sub-columns, in the table's order. */
  keys: readonly string[];
  /** All wire keys of the model; those of positions are answered too. */
  positionKeys: readonly string[];
  fixedSteps: ReadonlyMap<number, number[][]>;
}

export interface SampledSequences {
  codes: Record<string, number[][]>;
  /** Steps without padding: what a quota counts. */
  rows: number;
}

export async function sampleSequences(
  table: LearnedTable,
  plan: SequencePlan,
  options: SampleOptions,
): Promise<SampledSequences> {
  const lengths = Array.from({ length: plan.entities }, (_, entity) => lengthOf(table, plan, entity, options));
  const rows = lengths.reduce((total, length) => total + length, 0);
  const steps = await sampleTable(table, rows, flattenFixed(plan, lengths, rows), options);
  const codes: Record<string, number[][]> = {};
  for (const key of plan.positionKeys) {
    codes[key] = lengths.map((length) =>
      Array.from({ length: length + 1 }, (_, step) => positionCode(key, step, length)),
    );
  }
  plan.keys.forEach((key, column) => {
    let firstRow = 0;
    codes[key] = lengths.map((length) => {
      const own = [...steps[column]!.subarray(firstRow, firstRow + length), 0];
      firstRow += length;
      return own;
    });
  });
  return { codes, rows };
}

/** A drawn length, or as many steps as conditions name, if that is more. */
function lengthOf(
  table: LearnedTable,
  { lengthMax, fixedSteps }: SequencePlan,
  entity: number,
  { random }: SampleOptions,
): number {
  const drawn = table.lengths[Math.floor(random() * table.lengths.length)] ?? 1;
  const named = [...fixedSteps.values()].map((steps) => steps[entity]!.findLastIndex((code) => code >= 0) + 1);
  return Math.min(lengthMax, Math.max(drawn, ...named));
}

function flattenFixed({ fixedSteps }: SequencePlan, lengths: readonly number[], rows: number): FixedCodes {
  const fixed = new Map<number, Int32Array>();
  for (const [column, steps] of fixedSteps) {
    const codes = new Int32Array(rows).fill(-1);
    let firstRow = 0;
    lengths.forEach((length, entity) => {
      steps[entity]!.slice(0, length).forEach((code, step) => {
        codes[firstRow + step] = code;
      });
      firstRow += length;
    });
    fixed.set(column, codes);
  }
  return fixed;
}

/** `__pos____ridx_cat` is the number itself, `__pos____ridx_E1` its digit of tens. */
function positionCode(key: string, step: number, length: number): number {
  const [kind, digit = 'cat'] = key.slice(POSITION_PREFIX.length).split('_');
  const position = kind === 'sidx' ? step : kind === 'slen' ? length : length - step;
  return digit === 'cat' ? position : Math.floor(position / 10 ** Number(digit.slice(1))) % 10;
}
