/** Reads, from a workflow's description, what its waiting activities last said. */
import type { RawWorkflowExecutionInfo } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';

/** Temporal's own words are "activity Heartbeat timeout". */
const CUT_OFF = 'the worker that did it was not heard of any more (killed, or cut off); another takes over';

export interface PendingFailure {
  activity: string;
  attempt: number;
  message: string;
  details: unknown;
}

interface RawDescription {
  pendingActivities?: readonly RawPendingActivity[] | null;
}
interface RawPendingActivity {
  activityType?: { name?: string | null } | null;
  attempt?: number | null;
  lastFailure?: {
    message?: string | null;
    timeoutFailureInfo?: object | null;
    applicationFailureInfo?: { details?: { payloads?: Payload[] | null } | null } | null;
  } | null;
}

export function pendingFailures(raw: RawWorkflowExecutionInfo | RawDescription): PendingFailure[] {
  return ((raw as RawDescription).pendingActivities ?? []).flatMap(({ activityType, attempt, lastFailure }) => {
    if (lastFailure == null) return [];
    const [payload] = lastFailure.applicationFailureInfo?.details?.payloads ?? [];
    return {
      activity: activityType?.name ?? '',
      attempt: attempt ?? 1,
      message: lastFailure.timeoutFailureInfo == null ? (lastFailure.message ?? '') : CUT_OFF,
      details: payload === undefined ? undefined : defaultPayloadConverter.fromPayload(payload),
    };
  });
}
