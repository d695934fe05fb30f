/**
 * Asks one thing of the API until it is answered or asking is of no use. Quick repeats are Temporal's; a longer wait is a timer here,
 * which says why and until when. The error policy's `rekey` and `hold` are carried out here too: `retry`, `wait` and
 * `fail` are what the activity's failure says (`ask_again_ms`).
 */
import { idempotencyKey, type KeyedStep, type KeyScope } from '../contract/keys.js';
import { HOLD_MAX_MS, KEY_USE_MS, REKEYS_MAX } from '../contract/limits.js';
import type { SetPriorityInput } from '../contract/messages.js';
import { clockOf } from '../contract/text.js';
import { type Api, apiStep, type Errand } from './api-step.js';
import type { Board } from './board.js';
import { failureOf, type OurFailure, policyOfFailure } from './explain.js';

export interface Counted {
  attempts: number;
}

export interface AskingParty {
  account: string;
  keys: KeyScope;
  board: Board;
  priority: () => SetPriorityInput | undefined;
  onQuota: 'fail' | 'hold';
  /** Waits until the model may be asked, after it said that it was not ready. */
  untilModelReady: (step: KeyedStep) => Promise<void>;
}

export function askApi({ account, keys, board, priority, onQuota, untilModelReady }: AskingParty) {
  /** One thing that needs no key: a look, a delete. */
  const ask = async <T extends Counted>(errand: Errand, request: (api: Api) => Promise<T>): Promise<T> => {
    const untilMs = Date.now() + errand.forMs;
    for (let round = 0; ; round += 1) {
      try {
        const forMs = Math.max(1, untilMs - Date.now());
        const answer = await board.asking(errand.summary, () =>
          request(apiStep(account, { ...errand, forMs }, priority())),
        );
        board.spent(answer.attempts);
        return answer;
      } catch (error) {
        const failure = failureOf(error);
        board.spent(failure?.attempts ?? 0);
        const delayMs = delayBefore(failure, round);
        if (failure === undefined || delayMs === undefined || Date.now() + delayMs >= untilMs) throw error;
        const isRefused = policyOfFailure(failure).action === 'wait';
        await board.wait({
          reason: isRefused ? 'retry_after' : 'api_unavailable',
          what: failure.message,
          delayMs,
          summary: `${errand.summary}: ${failure.code}, asks again in ${Math.ceil(delayMs / 1000)} s`,
          canResume: !isRefused,
        });
      }
    }
  };

  /** One thing that takes effect: asked under its key, and under the key's next generation where the policy says so. */
  const askOnce = async <T extends Counted>(
    step: KeyedStep,
    index: number,
    summary: string,
    request: (api: Api, key: string) => Promise<T>,
  ): Promise<T> => {
    for (let generation = 0; ; generation += 1) {
      const key = idempotencyKey(keys, step, index, generation);
      try {
        return await ask({ kind: step === 'generate' ? 'generate' : 'prepare', summary, forMs: KEY_USE_MS }, (api) =>
          request(api, key),
        );
      } catch (error) {
        const failure = failureOf(error);
        const action = failure === undefined ? undefined : policyOfFailure(failure).action;
        if (failure !== undefined && action === 'rekey' && board.modelId() !== undefined && generation < REKEYS_MAX) {
          await board.wait({
            reason: 'training',
            what: failure.message,
            delayMs: failure.ask_again_ms ?? 1_000,
            summary: 'the model is not ready yet',
            canResume: false,
          });
          await untilModelReady(step);
        } else if (failure !== undefined && action === 'hold' && onQuota === 'hold') {
          await hold(failure);
        } else {
          throw error;
        }
      }
    }
  };

  /** Several chunks may meet the quota at once: they share one hold. */
  let holding: Promise<void> | undefined;
  const hold = (failure: OurFailure): Promise<void> => {
    holding ??= park(failure).finally(() => {
      holding = undefined;
    });
    return holding;
  };

  const park = ({ message, resets_at }: OurFailure): Promise<void> => {
    const nowMs = Date.now();
    const delayMs = Math.min(Math.max(resetOf(resets_at, nowMs) - nowMs, 1_000), HOLD_MAX_MS);
    const until = new Date(nowMs + delayMs).toISOString();
    return board.hold({ stage: 'held', modelId: board.modelId(), reason: 'quota_exceeded', message, until }, () =>
      board.wait({
        reason: 'quota',
        what: 'the quota of rows is used up; it resets then',
        delayMs,
        summary: `held until ${clockOf(until)}: the quota of rows is used up`,
        canResume: true,
      }),
    );
  };

  return { ask, askOnce };
}

/** Undefined: asking again is of no use. @param round how often it has been waited before */
export function delayBefore(failure: OurFailure | undefined, round: number): number | undefined {
  if (failure?.ask_again_ms === undefined) return undefined;
  const { action, ceilingMs = 0 } = policyOfFailure(failure);
  if (action === 'wait') return failure.ask_again_ms;
  if (action !== 'retry') return undefined;
  return Math.max(failure.ask_again_ms, Math.min(failure.ask_again_ms * 2 ** Math.min(round, 20), ceilingMs));
}

/** The API's own word on when the quota resets, else the next month in UTC: quotas are monthly [doc], the day is assumed. */
function resetOf(resetsAt: string | undefined, nowMs: number): number {
  const told = resetsAt === undefined ? Number.NaN : Date.parse(resetsAt);
  if (!Number.isNaN(told)) return told;
  const now = new Date(nowMs);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
}
