/**
 * What every decoder is given: one feature's codes by sub-column, and the randomness for what is not in the codes.
 */
import type { Random } from '../random.js';
import type { CodeArray, Codes, Feature } from '../stats.js';
import { wireKey } from '../sub-columns.js';

export interface DecodeInput<Stats> {
  readonly feature: Feature;
  readonly stats: Stats;
  readonly rows: number;
  readonly random: Random;
  /** The codes of one of the feature's sub-columns; asking for one that is not there is a bug. */
  codesOf(sub: string): CodeArray;
}

export function codesReader(codes: Codes, feature: string): (sub: string) => CodeArray {
  return (sub) => {
    const key = wireKey(feature, sub);
    const found = codes.get(key);
    if (!found)
      throw new Error(`bug: no codes for sub-column ${key}; generatedCodes checks an answer before it is decoded`);
    return found;
  };
}
