/**
 * A job that can do nothing but wait: for the quota's reset, or for a person's word. Several chunks may come to it at
 * once: they share one hold, and go on together.
 */
import type { ApplicationFailure } from '@temporalio/workflow';
import { HOLD_MAX_MS, ROWS_AGAIN_MAX_MS } from '../contract/limits.js';
import { makeFailure } from '../contract/make-failure.js';
import { quotaResetMs } from '../contract/quota-reset.js';
import { clockOf } from '../contract/text.js';
import type { Board } from './board.js';
import type { OurFailure } from './explain.js';

export interface Holds {
  /**
   * Until the quota resets, somebody resumes the job, or, where only what others have reserved is in its way, for a time that doubles.
   * @param round how often the request has been held before
   * @returns whether it may be sent although it did not seem to fit
   */
  forQuota(failure: OurFailure, round: number): Promise<boolean>;
  /** Until somebody resumes the job. @throws ApplicationFailure with the failure's code where nobody does within HOLD_MAX_MS */
  forOperator(failure: OurFailure): Promise<void>;
}

export function openHolds(board: Pick<Board, 'hold' | 'wait' | 'modelId'>): Holds {
  let holding: Promise<boolean> | undefined;
  const share = (begin: () => Promise<boolean>): Promise<boolean> => {
    holding ??= begin().finally(() => {
      holding = undefined;
    });
    return holding;
  };

  /** @returns whether somebody resumed it */
  const park = (
    { message }: OurFailure,
    until: string,
    reason: { stage: 'quota_exceeded' | 'key_expired'; wait: 'quota' | 'operator'; what: string },
  ): Promise<boolean> =>
    board.hold({ stage: 'held', modelId: board.modelId(), reason: reason.stage, message, until }, () =>
      board.wait({
        reason: reason.wait,
        what: reason.what,
        delayMs: Date.parse(until) - Date.now(),
        summary: `held until ${clockOf(until)}: ${reason.what}`,
        canResume: true,
      }),
    );

  return {
    async forQuota(failure, round) {
      const nowMs = Date.now();
      const resetMs = Math.min(Math.max(quotaResetMs(failure.resets_at, nowMs) - nowMs, 1_000), HOLD_MAX_MS);
      const { ask_again_ms: againMs } = failure;
      const roundMs = againMs === undefined ? resetMs : Math.min(againMs * 2 ** round, ROWS_AGAIN_MAX_MS);
      const isForOthers = roundMs < resetMs;
      const until = new Date(nowMs + Math.min(roundMs, resetMs)).toISOString();
      const what = isForOthers
        ? 'other jobs have reserved the rows that are left; it asks again then'
        : 'the quota of rows is used up; it resets then';
      const isResumed = await share(() => park(failure, until, { stage: 'quota_exceeded', wait: 'quota', what }));
      return isResumed || !isForOthers;
    },
    async forOperator(failure) {
      const isResumed = await share(() =>
        park(failure, new Date(Date.now() + HOLD_MAX_MS).toISOString(), {
          stage: 'key_expired',
          wait: 'operator',
          what: 'somebody has to say how it goes on',
        }),
      );
      if (!isResumed) throw nobodyCame(failure);
    },
  };
}

function nobodyCame({ code, message }: OurFailure): ApplicationFailure {
  return makeFailure({ message: `${message} Nobody said how to go on.`, nonRetryable: true, details: { code } });
}
