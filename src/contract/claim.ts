/**
 * Who answers for what an ended job left behind: whoever claimed it first. A claim is a workflow that ends at once, under
 * an id that follows from the ended run, so that Temporal itself lets a single one of any number of retries and reaps have
 * it; and it is kept as long as any history. What it holds is in its memo, readable without a worker.
 */
import { z } from 'zod';

export const CLAIM_WORKFLOW = 'claim';
export const claimIdOf = (runId: string): string => `dataxid-claim-${runId}`;

/** Started when everything is settled by a reap that came after the one that has the claim, whose history does not tell. */
export const settlementIdOf = (runId: string): string => `dataxid-settled-${runId}`;

/** A run that claims, or has claimed. */
export const claimantSchema = z.object({
  /** Its workflow type. */
  kind: z.string(),
  job: z.string(),
  runId: z.string(),
});
export type Claimant = z.infer<typeof claimantSchema>;

export const CLAIM_MEMO_KEY = 'claimedBy';
