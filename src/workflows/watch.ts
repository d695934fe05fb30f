/**
 * Looks at an account's list of models for all jobs that wait for a training, and tells each what has become of its own.
 * Begun by the first job that waits, it ends when none does. A job that is told nothing joins again, and one whose model
 * cannot be seen here looks for itself (training.ts), so that nothing depends on this workflow but the number of requests.
 * Not here: who waits (waiters.ts), when it looks (watch-pace.ts), what a job makes of the news (model-news.ts).
 */
import {
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ModelId } from '../contract/ids.js';
import {
  KEY_USE_MS,
  TRAINING_REPORTS,
  WAIT_SHOWN_MS,
  WATCH_JOBS_MAX,
  WATCH_NO_LIST_MS,
  WATCH_PAGES_MAX,
  WATCH_SIGNALS_AT_ONCE,
} from '../contract/limits.js';
import { QUERIES } from '../contract/messages.js';
import { clockOf } from '../contract/text.js';
import {
  JOIN_SIGNAL,
  LEAVE_SIGNAL,
  LOOK_NOW_SIGNAL,
  MODEL_NEWS_SIGNAL,
  type ModelNews,
  type SeenModel,
  waiterSchema,
} from '../contract/watch.js';
import { type Alarm, setAlarm } from './alarm.js';
import { apiStep } from './api-step.js';
import { delayBefore } from './ask-api.js';
import { eachAtMost } from './each-at-most.js';
import { failureOf } from './explain.js';
import { openWaiters, type Waiting } from './waiters.js';
import { type LookCost, nextLookMs } from './watch-pace.js';

const NO_LIST = 'the API has no list of models';

export interface WatchInput {
  account: string;
  /** What a run hands to the next. */
  waiting?: Waiting[];
  cost?: LookCost | undefined;
  requests?: number;
}

export async function watch({ account, waiting: carried = [], cost: lastCost, requests: spent = 0 }: WatchInput) {
  const waiters = openWaiters(carried);
  let cost = lastCost;
  let requests = spent;
  /** There is no list, it is not asked for again before then. */
  let noListUntilMs = 0;
  let alarm: Alarm | undefined;
  let failures = 0;

  setHandler(
    defineSignal<[unknown]>(JOIN_SIGNAL),
    (input) => {
      const { data: waiter } = waiterSchema.safeParse(input);
      if (waiter !== undefined && waiters.join(waiter, Date.now())) alarm?.wake();
    },
    { description: 'A job waits for its model' },
  );
  setHandler(
    defineSignal<[unknown]>(LEAVE_SIGNAL),
    (input) => {
      const { data: waiter } = waiterSchema.safeParse(input);
      if (waiter !== undefined) waiters.leave(waiter);
      alarm?.wake();
    },
    { description: 'A job waits no more' },
  );
  let isAskedToLook = false;
  setHandler(
    defineSignal(LOOK_NOW_SIGNAL),
    () => {
      isAskedToLook = true;
      alarm?.wake();
    },
    { description: 'Look at the models now' },
  );
  setHandler(defineQuery(QUERIES.status), () => ({ waiting: waiters.count(), requests, cost }), {
    description: 'How many jobs wait, the requests spent, and what the last look cost',
  });

  const publish = (what: string): void =>
    setCurrentDetails(
      [
        `**${waiters.count()} ${waiters.count() === 1 ? 'job waits' : 'jobs wait'} for a training**: ${what}\n`,
        cost === undefined
          ? undefined
          : `- looked last: ${clockOf(new Date(cost.atMs).toISOString())}, ${cost.pages} ${cost.pages === 1 ? 'request' : 'requests'}`,
        `- API requests spent: ${requests}`,
      ]
        .filter((line) => line !== undefined)
        .join('\n'),
    );

  /** A job that has ended, or that is told all, is waited for no more. */
  const tell = async (to: Waiting, news: ModelNews): Promise<void> => {
    const isLast = news.kind === 'ready' || news.kind === 'failed' || news.kind === 'unlisted';
    const dismiss = waiters.dismissal(to);
    let isGone = false;
    await getExternalWorkflowHandle(to.job)
      .signal(MODEL_NEWS_SIGNAL, news)
      .catch((error: unknown) => {
        if (isCancellation(error)) throw error;
        isGone = true;
      });
    if (isLast || isGone) dismiss();
  };
  const tellAll = (whom: readonly Waiting[], newsFor: (one: Waiting) => ModelNews): Promise<void> =>
    eachAtMost(new CancellationScope(), WATCH_SIGNALS_AT_ONCE, whom, (one) => tell(one, newsFor(one)));
  const sendAway = (whom: readonly Waiting[], why: string): Promise<void> =>
    tellAll(whom, ({ modelId }) => ({ kind: 'unlisted', modelId, why }));

  /** One look: as many pages as it takes to see every model that is waited for. */
  const look = async (): Promise<void> => {
    const atMs = Date.now();
    const unseen = new Map(waiters.all().map((one) => [one.modelId, one]));
    let after: ModelId | undefined;
    for (let pages = 1; ; pages += 1) {
      const summary = `look at the models of ${waiters.count()} waiting jobs${pages === 1 ? '' : `, page ${pages}`}`;
      const page = await apiStep(account, { kind: 'look', summary, forMs: KEY_USE_MS }).listModels({
        startingAfter: after,
      });
      requests += page.attempts;
      // Where this page was to begin, a model has been deleted meanwhile: the next look sees what is left.
      if (!page.isThere && after !== undefined) return;
      if (!page.isThere) noListUntilMs = atMs + WATCH_NO_LIST_MS;
      if (!page.isThere) return sendAway(waiters.all(), NO_LIST);
      cost = { atMs, pages, limit: page.limit, windowMs: page.windowMs, spare: page.spare };
      const seen = page.models.flatMap((model) => {
        const one = unseen.get(model.id);
        unseen.delete(model.id);
        return one === undefined ? [] : [{ one, model }];
      });
      await eachAtMost(new CancellationScope(), WATCH_SIGNALS_AT_ONCE, seen, async ({ one, model }) => {
        const news = newsOf(one, model, Date.now());
        if (news !== undefined) await tell(one, news);
      });
      after = page.models.at(-1)?.id;
      if (unseen.size === 0) return;
      if (!page.hasMore || after === undefined) return sendAway([...unseen.values()], 'the list does not name it');
      if (pages === WATCH_PAGES_MAX) return sendAway([...unseen.values()], 'it is too far down the list');
    }
  };

  /** @returns when to look again, where the look failed */
  const afterFailure = async (error: unknown): Promise<number> => {
    const failure = failureOf(error);
    requests += failure?.attempts ?? 0;
    // An activity that ran out of time tells nothing of the API.
    const delayMs = failure === undefined ? WAIT_SHOWN_MS : delayBefore(failure, failures);
    failures += 1;
    if (delayMs === undefined) {
      await sendAway(waiters.all(), failure?.message ?? 'the list cannot be read');
      return 0;
    }
    const untold = waiters.all().filter(({ isTroubled }) => !isTroubled);
    if (failure !== undefined && delayMs >= WAIT_SHOWN_MS) {
      await tellAll(untold, (one) => {
        one.isTroubled = true;
        return { kind: 'trouble', modelId: one.modelId, what: failure.message };
      });
    }
    return Date.now() + delayMs;
  };

  const restUntil = async (untilMs: number, summary: string): Promise<void> => {
    const delayMs = untilMs - Date.now();
    if (delayMs <= 0) return;
    publish(summary);
    alarm = setAlarm(delayMs, summary);
    await alarm.rings;
    alarm = undefined;
  };

  // The signal that began this run may come a moment after it.
  await condition(() => waiters.count() > 0, WAIT_SHOWN_MS);
  let notBeforeMs = 0;
  for (;;) {
    const surplus = waiters.all().slice(WATCH_JOBS_MAX);
    if (surplus.length > 0) await sendAway(surplus, `${WATCH_JOBS_MAX} others are watched already`);
    if (noListUntilMs > Date.now() && waiters.count() > 0) await sendAway(waiters.all(), NO_LIST);
    if (waiters.count() === 0 && noListUntilMs <= Date.now()) return;
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof watch>({ account, waiting: waiters.all(), cost, requests });
    }

    const dueMs = waiters.count() === 0 ? noListUntilMs : Math.max(notBeforeMs, nextLookMs(waiters.all(), cost));
    if (dueMs > Date.now() && !isAskedToLook) {
      const at = clockOf(new Date(dueMs).toISOString());
      await restUntil(
        dueMs,
        waiters.count() === 0 ? `there is no list to look at before ${at}` : `looks again at ${at}`,
      );
      continue;
    }
    isAskedToLook = false;
    publish('looks now');
    try {
      await look();
      notBeforeMs = 0;
      failures = 0;
      const troubled = waiters.all().filter(({ isTroubled }) => isTroubled);
      await tellAll(troubled, (one) => {
        one.isTroubled = false;
        return { kind: 'trouble_over', modelId: one.modelId };
      });
    } catch (error) {
      if (isCancellation(error)) throw error;
      notBeforeMs = await afterFailure(error);
    }
  }
}

/** Also notes what was seen. Undefined: nothing that the job wants to know. */
function newsOf(one: Waiting, model: SeenModel, nowMs: number): ModelNews | undefined {
  const { modelId } = one;
  const { status, epoch, trainLoss, validationLoss, training, error, requestId } = model;
  one.looks += 1;
  one.lookedMs = nowMs;
  if (status === 'ready') return { kind: 'ready', modelId, training: training ?? {} };
  if (status === 'failed') return { kind: 'failed', modelId, error, requestId };
  if (epoch === 0) return undefined;
  one.last = { epoch, atMs: nowMs };
  one.first ??= one.last;
  if (epoch < one.reportAtEpoch) return undefined;
  one.reportAtEpoch = epoch + Math.max(1, Math.ceil(one.epochsMax / TRAINING_REPORTS));
  return { kind: 'training', modelId, epoch, trainLoss, validationLoss };
}
