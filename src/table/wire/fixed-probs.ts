/**
 * `fixed_probs` of a generation request (data-plane 8.4): codes whose probability is not the model's to choose. Reserved
 * tokens that mean nothing real get 0, and so does null where it is what is to be filled; a requested distribution of one
 * categorical column gets its shares.
 * A map that leaves a sub-column no possible code is never sent (data-plane 12.1).
 */
import type { GenerationSettings } from '../../contract/requests.js';
import { type Analysis, type ColumnStats, NULL_TOKEN, PROTECTED } from '../stats.js';
import { subColumnsOf } from '../sub-columns.js';
import { float, object, type WireObject } from './wire-json.js';

export type RareStrategy = 'mask' | 'sample';
type Distribution = NonNullable<GenerationSettings['distribution']>;

/**
 * wire key -> code -> probability; empty when nothing is fixed.
 * @param imputed columns whose nulls are to be filled
 */
export function fixedProbs(
  analysis: Analysis,
  rareStrategy: RareStrategy,
  { distribution, imputed = [] }: { distribution?: Distribution | undefined; imputed?: readonly string[] | undefined },
): WireObject {
  const statsOf = new Map(analysis.features.map(({ name, stats }) => [name, stats]));
  return object(
    subColumnsOf(analysis).flatMap(({ key, feature, sub, cardinality }) => {
      const stats = statsOf.get(feature)!;
      const fixed = reservedProbs(stats, rareStrategy);
      if (imputed.includes(feature)) for (const code of nullCodesOf(stats, sub)) fixed.set(code, 0);
      if (distribution?.column === feature) {
        for (const [code, share] of requestedProbs(stats, distribution)) fixed.set(code, share);
      }
      const isPossible = fixed.size < cardinality || [...fixed.values()].some((share) => share > 0);
      if (fixed.size === 0 || !isPossible) return [];
      return [[key, object([...fixed].map(([code, share]) => [String(code), float(share)] as const))] as const];
    }),
  );
}

/** Code 0 is the reserved token in every encoding that has one. */
function reservedProbs(stats: ColumnStats, rareStrategy: RareStrategy): Map<number, number> {
  switch (stats.encoding) {
    case 'TABULAR_CATEGORICAL': {
      const isUnreal = rareStrategy === 'sample' || stats.rareCategories === 0;
      return new Map(isUnreal ? [[stats.vocabulary.indexOf(PROTECTED), 0]] : []);
    }
    case 'TABULAR_NUMERIC_DISCRETE':
    case 'TABULAR_NUMERIC_BINNED':
      return new Map([[0, 0]]);
    default:
      return new Map();
  }
}

/** Codes that would leave a hole, or fill it with a token: never drawn for a column that is imputed. */
function nullCodesOf(stats: ColumnStats, sub: string): number[] {
  switch (stats.encoding) {
    case 'TABULAR_CATEGORICAL':
      return codesOf(stats.vocabulary, [NULL_TOKEN, PROTECTED]);
    case 'TABULAR_NUMERIC_DISCRETE':
      return codesOf(stats.vocabulary, [NULL_TOKEN]);
    case 'TABULAR_NUMERIC_BINNED':
      return codesOf(stats.specials, [NULL_TOKEN]);
    default:
      return sub === 'nan' ? [1] : [];
  }
}

function codesOf(vocabulary: readonly string[], tokens: readonly string[]): number[] {
  return tokens.map((token) => vocabulary.indexOf(token)).filter((code) => code >= 0);
}

/** Code -> share for the listed categories that the vocabulary holds; shares that sum to more than 1 are scaled down. */
export function requestedProbs(stats: ColumnStats, { probabilities }: Distribution): Map<number, number> {
  if (stats.encoding !== 'TABULAR_CATEGORICAL') return new Map();
  const codeOf = new Map(stats.vocabulary.map((token, code) => [token, code]));
  const known = Object.entries(probabilities).flatMap(([category, share]) => {
    const code = codeOf.get(category);
    return code === undefined ? [] : [[code, share] as const];
  });
  const sum = known.reduce((total, [, share]) => total + share, 0);
  return new Map(known.map(([code, share]) => [code, sum > 1 ? share / sum : share]));
}
