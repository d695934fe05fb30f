/**
 * The table that a generation is given to begin with, whichever way the request says it: `conditions` that every row has to
 * meet, or `impute.X` whose holes are to be filled. A file and never rows in the request, since a request is kept in
 * Temporal's history (docs/decisions/0011-conditions-are-a-file.md).
 */
import type { GenerationSettings, TableSource } from './requests.js';

export interface GivenTable {
  source: TableSource;
  /** Where the request names it. */
  param: 'generation.conditions' | 'generation.impute.X';
  isToImpute: boolean;
}

export function givenTableOf({
  conditions,
  impute,
}: Pick<GenerationSettings, 'conditions' | 'impute'>): GivenTable | undefined {
  if (conditions !== undefined) return { source: conditions, param: 'generation.conditions', isToImpute: false };
  if (impute !== undefined) return { source: impute.X, param: 'generation.impute.X', isToImpute: true };
  return undefined;
}

/** How often each row is asked for, and counts against the row quota. */
export function trialsOf({ impute }: Pick<GenerationSettings, 'impute'>): number {
  return impute?.trials ?? 1;
}
