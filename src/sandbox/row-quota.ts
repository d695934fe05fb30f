/** The rows that an organization may generate in a billing period of the virtual clock [doc: a month; assumed: of the calendar]. */
import { ApiError, type Usage } from './api-error.js';
import { periodEndMs, periodOf } from './assumptions.js';
import type { SandboxState } from './sandbox-state.js';

/** @throws ApiError `quota_exceeded` when `requested` rows more would be over the period's quota */
export function checkQuota(state: SandboxState, organization: string, requested: number): void {
  const usage = usageOf(state, organization, requested);
  if (usage.used + requested > usage.limit) throw new ApiError('quota_exceeded', quotaMessage(usage), { usage });
}

export const quotaMessage = ({ used, limit, requested, period }: Usage): string =>
  `${requested} rows more would exceed the quota of ${limit} rows for ${period}, of which ${used} are used.`;

export function usageOf(state: SandboxState, organization: string, requested: number): Usage {
  const nowMs = state.clock.nowMs();
  const period = periodOf(nowMs);
  return {
    used: state.rowsBilled(organization, period),
    limit: state.limits.quotaRows,
    requested,
    period,
    resets_at: new Date(state.clock.wallInstantMs(periodEndMs(nowMs))).toISOString(),
  };
}
