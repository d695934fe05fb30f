/**
 * Asks one thing of the API until it is answered or asking is of no use. Quick repeats are Temporal's; a longer wait is a timer here,
 * which says why and until when. The error policy's `rekey` and `hold` are carried out here too: `retry`, `wait` and
 * `fail` are what the activity's failure says (`ask_again_ms`).
 */
import { idempotencyKey, type KeyedStep, type KeyScope } from '../contract/keys.js';
import { CREATE_GRACE_MS, KEY_USE_MS, REKEYS_MAX } from '../contract/limits.js';
import type { SetPriorityInput } from '../contract/messages.js';
import { type Api, apiStep, type Errand } from './api-step.js';
import type { Board } from './board.js';
import { failureOf, isOutOfTime, type OurFailure, policyOfFailure } from './explain.js';
import { openHolds } from './holds.js';
import { shielded } from './shielded.js';

export interface Counted {
  attempts: number;
}

/** The part of a board that asking needs. */
export type AskingBoard = Pick<Board, 'asking' | 'spent' | 'wait' | 'hold' | 'modelId'>;

export interface AskingParty {
  account: string;
  keys: KeyScope;
  board: AskingBoard;
  priority: () => SetPriorityInput | undefined;
  onQuota: 'fail' | 'hold';
  /** Waits until the model may be asked, after it said that it was not ready. */
  untilModelReady: (step: KeyedStep) => Promise<void>;
}

/**
 * What a request came to whose key the API may have forgotten, so that it is not simply asked again; undefined: ask anew, under
 * another key.
 */
export type WhenForgotten<T> = (failure: OurFailure) => Promise<T | undefined>;

export function askApi({ account, keys, board, priority, onQuota, untilModelReady }: AskingParty) {
  const holds = openHolds(board);

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
    request: (api: Api, key: string, isAskedAgain: boolean) => Promise<T>,
    whenForgotten: WhenForgotten<T> = (failure) => holds.forOperator(failure).then(() => undefined),
  ): Promise<T> => {
    let isAskedAgain = false;
    let roundsHeld = 0;
    for (let generation = 0; ; generation += 1) {
      const key = idempotencyKey(keys, step, index, generation);
      const kind = step === 'generate' ? 'generate' : 'prepare';
      const asking = (): Promise<T> =>
        ask({ kind, summary, forMs: KEY_USE_MS }, (api) => request(api, key, isAskedAgain));
      try {
        // A cancel ends a hold at once, but not a creation whose answer may be on its way.
        return await (step === 'create' ? shielded(asking, CREATE_GRACE_MS) : asking());
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
          isAskedAgain = await holds.forQuota(failure, roundsHeld);
          roundsHeld += 1;
        } else if (isForgotten(error, failure)) {
          const known = await whenForgotten(forgotten(step, summary, failure));
          if (known !== undefined) return known;
        } else {
          throw error;
        }
      }
    }
  };

  return { ask, askOnce, holds };
}

/** Undefined: asking again is of no use. @param round how often it has been waited before */
export function delayBefore(failure: OurFailure | undefined, round: number): number | undefined {
  if (failure?.ask_again_ms === undefined) return undefined;
  const { action, ceilingMs = 0 } = policyOfFailure(failure);
  if (action === 'wait') return failure.ask_again_ms;
  if (action !== 'retry') return undefined;
  return Math.max(failure.ask_again_ms, Math.min(failure.ask_again_ms * 2 ** Math.min(round, 20), ceilingMs));
}

/** Its time under the key is over, whether an attempt found that out, or none came through in time. */
function isForgotten(error: unknown, failure: OurFailure | undefined): boolean {
  if (failure === undefined) return isOutOfTime(error);
  // What is worth asking again is asked as long as there is time.
  return failure.code === KEY_EXPIRED || delayBefore(failure, 0) !== undefined;
}

const KEY_EXPIRED = 'key_expired';
/** What is not known then, and what a person can do about it. */
const UNKNOWN: Record<KeyedStep, string> = {
  create:
    'Nobody knows whether it was created. `adopt` goes on with a model that you find in the account, `resume` creates another.',
  'init-training': 'The model will say.',
  train: 'The model will say.',
  generate:
    'Nobody knows whether the rows were made and billed. `resume` asks for them once more, `salvage` does without them.',
};

function forgotten(step: KeyedStep, summary: string, failure: OurFailure | undefined): OurFailure {
  const why = failure?.message ?? 'It was not answered within 23 hours, and the API remembers a request for 24.';
  return { code: KEY_EXPIRED, message: `Could not ${summary}: ${why} ${UNKNOWN[step]}` };
}
