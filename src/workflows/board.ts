/**
 * What the outside sees of a job, in one place: its stage, what it waits for and until when, what it has asked of the
 * API. From here it goes to the queries, the search attributes and the Web UI's details. Details cost no history; a search attribute is an
 * event, so a short wait has none.
 */
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { budgetTimeMs, DOCUMENTED_ALLOWANCE } from '../contract/budget-time.js';
import type { ModelId } from '../contract/ids.js';
import { WAIT_SHOWN_MS } from '../contract/limits.js';
import { type JobStatus, SEARCH_ATTRIBUTES, type Wait } from '../contract/messages.js';
import type { Stage } from '../contract/stage.js';
import { setAlarm } from './alarm.js';
import { describeJob } from './job-details.js';
import { endAtPaceMs, type Pace, paceAfter } from './pace.js';

/** What the rest of the job says about itself. */
export type Circumstances = Pick<JobStatus, 'deadline' | 'priority' | 'keepModel' | 'requestsLeft'>;

export interface WaitToCome extends Omit<Wait, 'until'> {
  delayMs: number;
  /** What the Web UI shows beside the timer. */
  summary: string;
  /** Whether an operator's `resume` may end it early. */
  canResume: boolean;
}

/** What an operator's `resume` ends early, where it can. */
export interface OpenWait extends Wait {
  wake?: (() => void) | undefined;
}

/** After every ISO 8601 instant; a training is what a job waits for anyway. */
const orderOf = ({ reason, until = reason === 'training' ? '~~' : '~' }: Wait): string => until;

export type Board = ReturnType<typeof openBoard>;

export function openBoard(
  identity: { account: string; table?: string | undefined },
  circumstances: () => Circumstances,
) {
  let stage: Stage = { stage: 'preparing' };
  let modelId: ModelId | undefined;
  let rows: number | undefined;
  let requests = 0;
  let isHeld = false;
  let isModelLeft = false;
  /** Chunks that were under way when a hold began still arrive: what they make of the stage is shown after it. */
  let afterHold: Stage = stage;
  let pace: Pace | undefined;
  const entered: JobStatus['entered'] = [];
  const asked = new Set<JobStatus['asked'][number]>();
  const waits = new Set<OpenWait>();
  let trouble: OpenWait | undefined;
  const facts = new Map<string, string>();
  const upserted = new Map<string, string | number>();

  /** One with an end before one without: an API that is down while a model trains is what there is to tell. */
  const soonestWait = (): Wait | undefined => {
    const [first] = [...waits].sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
    return first === undefined ? undefined : waitOf(first);
  };

  /** At the pace so far; what comes after a training, as the request budget allows. */
  const endsAt = (requestsLeft = 0): string | undefined => {
    if (pace === undefined || isHeld) return undefined;
    const endMs = endAtPaceMs(pace, Date.now());
    if (endMs === undefined) return undefined;
    const afterMs = stage.stage === 'training' ? budgetTimeMs(requestsLeft, DOCUMENTED_ALLOWANCE) : 0;
    return new Date(endMs + afterMs).toISOString();
  };

  const status = (): JobStatus => {
    const wait = soonestWait();
    const told = circumstances();
    const end = endsAt(told.requestsLeft);
    return {
      stage,
      entered,
      requests,
      asked: [...asked],
      ...(modelId === undefined ? {} : { modelId }),
      ...(wait === undefined ? {} : { wait }),
      ...(end === undefined ? {} : { endsAt: end }),
      ...told,
    };
  };

  const publish = (): void => setCurrentDetails(describeJob(status(), facts));

  /** A model that is left over costs money, so that it is what a list tells, however the job ended. */
  const failureCodeNow = (): string | undefined => {
    if (isModelLeft) return 'model_left_over';
    return stage.stage === 'failed' ? stage.code : undefined;
  };

  /** Only what has changed: each upsert is an event. */
  const publishAttributes = (): void => {
    const {
      stage: stageKey,
      waitReason,
      failureCode,
      modelId: modelKey,
      account,
      table,
      rows: rowsKey,
    } = SEARCH_ATTRIBUTES;
    const texts = [
      { key: stageKey, value: stage.stage },
      { key: waitReason, value: soonestWait()?.reason },
      { key: failureCode, value: failureCodeNow() },
      { key: modelKey, value: modelId },
      { key: account, value: identity.account },
      { key: table, value: identity.table },
    ];
    const changes = [
      ...texts
        .filter(({ key, value }) => upserted.get(key.name) !== value)
        .map(({ key, value }) => ({ key, value: value ?? null })),
      ...(upserted.get(rowsKey.name) === rows ? [] : [{ key: rowsKey, value: rows ?? null }]),
    ];
    if (changes.length === 0) return;
    upsertSearchAttributes(changes);
    for (const { key, value } of changes) {
      if (value === null) upserted.delete(key.name);
      else upserted.set(key.name, value);
    }
  };

  const enter = (next: Stage): void => {
    if (next.stage === 'generating') facts.set('rows made', `${next.rowsDone} of ${next.rows}`);
    if (isHeld && next.stage !== 'held') {
      afterHold = next;
      publish();
      return;
    }
    const isNew = next.stage !== stage.stage || entered.length === 0;
    stage = next;
    pace = paceAfter(isNew ? undefined : pace, next, Date.now());
    if ('modelId' in next && next.modelId !== undefined) modelId = next.modelId;
    if (isNew) {
      entered.push({ stage: next.stage, at: new Date().toISOString() });
      publishAttributes();
    }
    publish();
  };

  return {
    status,
    publish,
    enter,
    stage: () => stage,
    modelId: () => modelId,
    requests: () => requests,

    /** Requests that were sent, whatever came of them. */
    spent(count: number): void {
      requests += count;
      publish();
    },

    /** The model could not be deleted: the end of the job says so where jobs are listed. */
    modelIsLeft(): void {
      isModelLeft = true;
    },

    /** A fact for the details: the output, the rows trained on. */
    note(name: string, value: string): void {
      facts.set(name, value);
      publish();
    },

    /** Rows that the job is to make. */
    rowsAre(count: number): void {
      rows = count;
      facts.set('rows asked for', String(count));
    },

    /** Shows what is asked for until it has come, or has not. */
    async asking<T>(what: string, request: () => Promise<T>): Promise<T> {
      const entry = { what, since: new Date().toISOString() };
      asked.add(entry);
      publish();
      try {
        return await request();
      } finally {
        asked.delete(entry);
        publish();
      }
    },

    /** Shows why the job waits, for as long as `work` takes. */
    async waitingFor<T>(wait: OpenWait, work: () => Promise<T>): Promise<T> {
      const entry = { ...wait };
      waits.add(entry);
      publishAttributes();
      publish();
      try {
        return await work();
      } finally {
        waits.delete(entry);
        publishAttributes();
        publish();
      }
    },

    /** Waits, and shows why and until when. @returns whether somebody ended it early */
    async wait({ reason, what, delayMs, summary, canResume }: WaitToCome): Promise<boolean> {
      const alarm = setAlarm(delayMs, summary);
      const until = new Date(Date.now() + delayMs).toISOString();
      const entry = { reason, what, until, wake: canResume ? alarm.wake : undefined };
      waits.add(entry);
      if (delayMs >= WAIT_SHOWN_MS) publishAttributes();
      publish();
      try {
        return await alarm.rings;
      } finally {
        waits.delete(entry);
        if (delayMs >= WAIT_SHOWN_MS) publishAttributes();
        publish();
      }
    },

    /** Shows that the API does not answer where the job waits for somebody else's asking; undefined: it does again. */
    inTrouble(what: string | undefined, wake?: () => void): void {
      if (trouble === undefined && what === undefined) return;
      if (trouble !== undefined) waits.delete(trouble);
      trouble = what === undefined ? undefined : { reason: 'api_unavailable', what, wake };
      if (trouble !== undefined) waits.add(trouble);
      publishAttributes();
      publish();
    },

    canResume: () => [...waits].some(({ wake }) => wake !== undefined),
    resume(): void {
      for (const { wake } of waits) wake?.();
    },

    /** Stage `held` for as long as `work` takes; afterwards the stage is what the job has come to meanwhile. */
    async hold<T>(held: Stage & { stage: 'held' }, work: () => Promise<T>): Promise<T> {
      afterHold = stage;
      isHeld = true;
      enter(held);
      try {
        return await work();
      } finally {
        isHeld = false;
        enter(afterHold);
      }
    },
  };
}

function waitOf({ reason, what, until }: Wait): Wait {
  return { reason, what, ...(until === undefined ? {} : { until }) };
}
