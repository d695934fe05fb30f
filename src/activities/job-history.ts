/**
 * A job's history as the steps that it took: each with what it was given, when, and what came of it. Nothing else of an
 * event is kept. Also how the job began and ended, and what it was told while it ran.
 * Not here: what the steps mean (left-behind.ts, reusable-steps.ts).
 */
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { type FailureDetails, failureDetailsSchema } from '../contract/messages.js';

type ProtoHistory = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;
type ProtoEvent = NonNullable<ProtoHistory['events']>[number];
type ProtoFailure = NonNullable<NonNullable<ProtoEvent['activityTaskFailedEventAttributes']>['failure']>;

/** `details` is there where the step spoke for itself; a step that was cut off said nothing. */
export type StepEnd = { result: unknown } | { failed: true; details?: FailureDetails | undefined };

export interface Step {
  activity: string;
  input: Record<string, unknown>;
  /** When it was first asked for. Milliseconds since 1970. */
  askedMs: number;
  /** Undefined: nothing is recorded. */
  end?: StepEnd;
}

export type JobEndRecord =
  | { status: 'completed'; result: unknown }
  | { status: 'failed'; details?: FailureDetails | undefined }
  | { status: 'cancelled' | 'terminated' | 'timed-out' | 'continued' };

export interface JobHistory {
  kind: string;
  /** The first argument. */
  input: unknown;
  firstExecutionRunId: string;
  steps: Step[];
  /** Names of the updates that the job accepted. */
  updates: string[];
  end?: JobEndRecord | undefined;
}

export function readHistory({ events }: ProtoHistory): JobHistory {
  const [first] = events ?? [];
  const started = first?.workflowExecutionStartedEventAttributes;
  const steps = new Map<string, Step>();
  const updates: string[] = [];
  for (const event of events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled != null) {
      steps.set(String(event.eventId), {
        activity: scheduled.activityType?.name ?? '',
        input: (firstOf(scheduled.input) ?? {}) as Record<string, unknown>,
        askedMs: millisecondsOf(event.eventTime),
      });
    }
    const ended = stepEndOf(event);
    const step = ended === undefined ? undefined : steps.get(ended.step);
    if (ended !== undefined && step !== undefined) step.end = ended.end;
    const update = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.name;
    if (update != null) updates.push(update);
  }
  return {
    kind: started?.workflowType?.name ?? '',
    input: firstOf(started?.input),
    firstExecutionRunId: started?.firstExecutionRunId ?? '',
    steps: [...steps.values()],
    updates,
    end: jobEndOf(events?.at(-1)),
  };
}

function stepEndOf(event: ProtoEvent): { step: string; end: StepEnd } | undefined {
  const completed = event.activityTaskCompletedEventAttributes;
  if (completed != null) {
    return { step: String(completed.scheduledEventId), end: { result: firstOf(completed.result) } };
  }
  const failed = event.activityTaskFailedEventAttributes;
  if (failed != null) {
    return {
      step: String(failed.scheduledEventId),
      end: { failed: true, details: detailsOf(failed.failure) },
    };
  }
  const cut = event.activityTaskTimedOutEventAttributes ?? event.activityTaskCanceledEventAttributes;
  return cut == null ? undefined : { step: String(cut.scheduledEventId), end: { failed: true } };
}

function jobEndOf(last: ProtoEvent | undefined): JobEndRecord | undefined {
  const completed = last?.workflowExecutionCompletedEventAttributes;
  if (completed != null) return { status: 'completed', result: firstOf(completed.result) };
  const failed = last?.workflowExecutionFailedEventAttributes;
  if (failed != null) return { status: 'failed', details: detailsOf(failed.failure) };
  if (last?.workflowExecutionCanceledEventAttributes != null) return { status: 'cancelled' };
  if (last?.workflowExecutionTerminatedEventAttributes != null) return { status: 'terminated' };
  if (last?.workflowExecutionTimedOutEventAttributes != null) return { status: 'timed-out' };
  if (last?.workflowExecutionContinuedAsNewEventAttributes != null) return { status: 'continued' };
  return undefined;
}

function detailsOf(failure: ProtoFailure | null | undefined): FailureDetails | undefined {
  return failureDetailsSchema.safeParse(firstOf(failure?.applicationFailureInfo?.details)).data;
}

/** The first of the payloads, which is all that a step of ours has. */
function firstOf(payloads: { payloads?: Payload[] | null } | null | undefined): unknown {
  const [payload] = payloads?.payloads ?? [];
  return payload === undefined ? undefined : defaultPayloadConverter.fromPayload(payload);
}

function millisecondsOf(time: ProtoEvent['eventTime']): number {
  return Number(time?.seconds ?? 0) * 1_000 + Math.floor((time?.nanos ?? 0) / 1e6);
}
