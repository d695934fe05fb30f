/**
 * The request budget of an account, as it travels: who spends it says each second what it has sent and who waits. Kept
 * in Temporal as the heartbeat of one activity, so that whoever takes over knows it, and anyone can look.
 */
import { z } from 'zod';

/** What a request is for, first things first: a delete frees money, a look can wait. */
export const REQUEST_KINDS = ['delete', 'prepare', 'generate', 'look'] as const;
export const requestKindSchema = z.enum(REQUEST_KINDS);
export type RequestKind = z.infer<typeof requestKindSchema>;

/** Milliseconds since 1970, and a count. */
const leavingSchema = z.tuple([z.number(), z.number()]);
export type Leaving = z.infer<typeof leavingSchema>;

export const budgetStateSchema = z.object({
  /** ISO 8601. */
  at: z.string(),
  /** Requests that the API allows in any window, and the window's length. */
  limit: z.number(),
  windowMs: z.number(),
  /** How many requests of ours leave the window when. */
  ours: z.array(leavingSchema),
  /** The same for requests of others under the same key. */
  others: z.array(leavingSchema),
  /** The API has asked for silence until then. Milliseconds since 1970; 0: it has not. */
  silentUntilMs: z.number(),
  /** Requests sent, and refused for the rate, since this process spends the budget. */
  sent: z.number(),
  refused: z.number(),
  /** Attempts that wait for their turn, by kind, and the first of them with the time that theirs should come. */
  waiting: z.record(requestKindSchema, z.number()),
  /** The same by priority too; absent in what an older worker has told. */
  waitingByPriority: z.array(z.object({ kind: requestKindSchema, priority: z.number(), count: z.number() })).optional(),
  next: z.array(z.object({ job: z.string(), kind: requestKindSchema, at: z.string() })),
});
export type BudgetState = z.infer<typeof budgetStateSchema>;

export const BUDGET_WORKFLOW = 'budget';
export const budgetWorkflowIdOf = (account: string): string => `dataxid-budget-${account}`;
export const budgetQueueOf = (account: string): string => `dataxid-budget.${account}`;
