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

/** Rows that a job which has begun will still be billed. */
const reservationSchema = z.object({
  /** Workflow id. */
  job: z.string(),
  run: z.string(),
  rows: z.number(),
  /** Its requests are sent whatever is known of the quota: it was resumed, or finds out whether what is known still holds. */
  isTrusted: z.boolean().optional(),
  /** Rows of it have been asked for. */
  hasBegun: z.boolean().optional(),
});
export type Reservation = z.infer<typeof reservationSchema>;

/** The account's quota of rows in a billing period. */
export const quotaStateSchema = z.object({
  /** Rows that the API allows; absent: nobody knows. */
  limit: z.number().optional(),
  /** What the spender's setting says. */
  setting: z.number().optional(),
  used: z.number(),
  /** Milliseconds since 1970. */
  resetsAtMs: z.number(),
  /** When the API last answered for rows, or a job was let through to find out; 0: not yet. Milliseconds since 1970. */
  saidAtMs: z.number(),
  /** Rows and jobs, with those that `reservations` leaves out. */
  reserved: z.number(),
  reservedBy: z.number(),
  /** In the order in which the jobs came. */
  reservations: z.array(reservationSchema),
});
export type QuotaState = z.infer<typeof quotaStateSchema>;

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
  /** Absent: told by an older release. */
  quota: quotaStateSchema.optional(),
});
export type BudgetState = z.infer<typeof budgetStateSchema>;

export const BUDGET_WORKFLOW = 'budget';
export const budgetWorkflowIdOf = (account: string): string => `dataxid-budget-${account}`;
export const budgetQueueOf = (account: string): string => `dataxid-budget.${account}`;
