/**
 * What a generate request asks of the draw, in terms of the learned table: `fixed_values`, `fixed_probs`, `column_order`
 * and `bias` name sub-columns by wire key, the table knows them by place.
 * Unknown keys in `fixed_probs` and `column_order` are ignored, since the SDK sends context features in both; an unknown
 * key in `fixed_values` is refused [assumed].
 */
import { parameterInvalid } from './api-error.js';
import { seededRandom } from './random.js';
import type { GenerateBody } from './request-bodies.js';
import type { FixedCodes, SampleOptions } from './sample-table.js';
import { featureKeys, POSITION_PREFIX, type TableShape } from './training-data.js';

export function sampleOptionsOf(shape: TableShape, body: GenerateBody): SampleOptions {
  const keys = featureKeys(shape);
  const target = body.bias ? keys.indexOf(body.bias.target_sub_col) : -1;
  if (body.bias && target < 0) throw parameterInvalid('body.bias.target_sub_col', 'The model has no such sub-column.');
  return {
    random: seededRandom(body.seed ?? Math.floor(Math.random() * 2 ** 32)),
    diversity: body.diversity,
    rareCutoff: body.rare_cutoff,
    order: body.column_order.flatMap((feature) => placesOf(keys, feature)),
    fixedProbs: fixedProbsOf(shape, keys, body.fixed_probs),
    independent: target < 0 ? undefined : target,
  };
}

/** `feat:/age` names every sub-column `feat:/age__…`. A name with two underscores may be a longer feature's: harmless. */
function placesOf(keys: readonly string[], feature: string): number[] {
  return keys.flatMap((key, place) => (key.slice(0, key.lastIndexOf('__')) === feature ? [place] : []));
}

function fixedProbsOf(
  shape: TableShape,
  keys: readonly string[],
  given: GenerateBody['fixed_probs'],
): SampleOptions['fixedProbs'] {
  const fixed = new Map<number, Map<number, number>>();
  for (const [key, probabilities] of Object.entries(given)) {
    const place = keys.indexOf(key);
    if (place < 0) continue;
    const byCode = new Map<number, number>();
    for (const [code, probability] of Object.entries(probabilities)) {
      checkCode(Number(code), shape.cardinalities[key]!, `body.fixed_probs.${key}.${code}`);
      byCode.set(Number(code), probability);
    }
    fixed.set(place, byCode);
  }
  return fixed;
}

/** @param rows rows of a flat table @throws ApiError `parameter_invalid` */
export function fixedCodesOf(shape: TableShape, body: GenerateBody, rows: number): FixedCodes {
  const fixed = new Map<number, Int32Array>();
  for (const [place, key, given] of fixedEntries(shape, body, rows)) {
    fixed.set(
      place,
      Int32Array.from(given, (code) => conditionOf(code, shape.cardinalities[key]!, `body.fixed_values.${key}`)),
    );
  }
  return fixed;
}

/** Conditions of sequences: for every sub-column and entity the codes of its first steps, -1 where free. */
export function fixedStepsOf(shape: TableShape, body: GenerateBody, entities: number): Map<number, number[][]> {
  const fixed = new Map<number, number[][]>();
  for (const [place, key, given] of fixedEntries(shape, body, entities)) {
    const param = `body.fixed_values.${key}`;
    fixed.set(
      place,
      given.map((steps) => {
        if (!Array.isArray(steps))
          throw parameterInvalid(param, 'A sequential model takes a list of steps for each entity.');
        return steps.map((code) => conditionOf(code, shape.cardinalities[key]!, param));
      }),
    );
  }
  return fixed;
}

function fixedEntries(shape: TableShape, body: GenerateBody, count: number): [number, string, unknown[]][] {
  const keys = featureKeys(shape);
  return Object.entries(body.fixed_values).flatMap(([key, given]): [number, string, unknown[]][] => {
    const param = `body.fixed_values.${key}`;
    if (key.startsWith(POSITION_PREFIX)) return [];
    if (!keys.includes(key)) throw parameterInvalid(param, 'The model has no such sub-column.');
    if (given.length !== count)
      throw parameterInvalid(param, `${given.length} values for ${count} rows of the embedding.`);
    return [[keys.indexOf(key), key, given]];
  });
}

function conditionOf(code: unknown, cardinality: number, param: string): number {
  if (code === -1) return -1;
  return checkCode(code, cardinality, param);
}

function checkCode(code: unknown, cardinality: number, param: string): number {
  if (typeof code === 'number' && Number.isInteger(code) && code >= 0 && code < cardinality) return code;
  throw parameterInvalid(param, `A code of this sub-column is an integer from 0 to ${cardinality - 1}.`);
}
