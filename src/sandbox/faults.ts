/**
 * What is to go wrong, by call: rules set at the control surface, each with its own count of that call's requests since
 * it was set. Every rule counts every request of its call; the first rule that fits decides.
 */
import { z } from 'zod';
import { ERROR_CODES } from './api-error.js';
import { type Random, seededRandom } from './random.js';

export const CALLS = ['create', 'init-training', 'train', 'get', 'list', 'generate', 'delete'] as const;
export type Call = (typeof CALLS)[number] | 'unknown';

/** `after: true`: the effect is applied and remembered under its key, then the answer is replaced. */
const after = z.boolean().default(false);
const status = z.number().int().min(400).max(599);

const rule = {
  call: z.enum([...CALLS, 'any']),
  nth: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('1-based, among the requests of that call since the rule was set'),
  every: z.number().int().positive().optional(),
  probability: z.number().min(0).max(1).optional(),
  seed: z.number().int().default(1),
  times: z.number().int().positive().optional().describe('How often the rule may fit at most'),
};

export const faultRuleSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...rule,
    kind: z.literal('error'),
    code: z.enum(ERROR_CODES),
    message: z.string().optional(),
    after,
  }),
  z.strictObject({
    ...rule,
    kind: z.literal('status'),
    status: z.number().int().min(200).max(599),
    body: z.string().optional(),
    after,
  }),
  z.strictObject({ ...rule, kind: z.literal('html'), status, after }),
  z.strictObject({ ...rule, kind: z.literal('empty'), status, after }),
  z.strictObject({ ...rule, kind: z.literal('slow'), seconds: z.number().positive().max(3_600), after }),
  z.strictObject({ ...rule, kind: z.literal('reset-before') }),
  z.strictObject({ ...rule, kind: z.literal('reset-after') }),
  z.strictObject({ ...rule, kind: z.literal('truncate') }),
  z.strictObject({ ...rule, kind: z.literal('broken-json') }),
]);
export type FaultRule = z.infer<typeof faultRuleSchema>;
export type FaultRuleInput = z.input<typeof faultRuleSchema>;
export const faultRulesSchema = z.union([faultRuleSchema.transform((one) => [one]), z.array(faultRuleSchema)]);

interface CountedRule {
  rule: FaultRule;
  requests: number;
  fitted: number;
  random: Random;
}

export class Faults {
  private rules: CountedRule[] = [];

  add(rules: readonly FaultRule[]): void {
    for (const rule of rules) this.rules.push({ rule, requests: 0, fitted: 0, random: seededRandom(rule.seed) });
  }

  clear(): void {
    this.rules = [];
  }

  /** Rules with how many requests they have counted and how often they fitted. */
  list(): { rule: FaultRule; requests: number; fitted: number }[] {
    return this.rules.map(({ rule, requests, fitted }) => ({ rule, requests, fitted }));
  }

  choose(call: Call): FaultRule | undefined {
    const fitting = this.rules.filter((counted) => countAndFit(counted, call));
    const chosen = fitting[0];
    if (chosen !== undefined) chosen.fitted += 1;
    return chosen?.rule;
  }
}

function countAndFit(counted: CountedRule, call: Call): boolean {
  const { rule } = counted;
  if (rule.call !== call && rule.call !== 'any') return false;
  counted.requests += 1;
  const lucky = rule.probability === undefined || counted.random() < rule.probability;
  const isNth = rule.nth === undefined || counted.requests === rule.nth;
  const isEvery = rule.every === undefined || counted.requests % rule.every === 0;
  return lucky && isNth && isEvery && counted.fitted < (rule.times ?? Number.POSITIVE_INFINITY);
}
