/**
 * A request as its run understands it: templates in its uris filled in with the scheduled time, and, where a schedule
 * started it, a seed drawn from that time, so that a backfill of the same time makes the same rows.
 */
import { seedOf } from './keys.js';
import { renderTemplates } from './template.js';

export interface ScheduledTime {
  /** The nominal time of the schedule, else when the job started. */
  at: Date;
  /** The schedule; undefined where none started the job. */
  by?: string | undefined;
}

/** @throws InputError (request_invalid) for a template that is wrong */
export function asScheduled<T extends { seed?: number | undefined; timeZone?: string | undefined }>(
  request: T,
  { at, by }: ScheduledTime,
): T {
  const rendered = renderTemplates(request, { ...request, scheduledAt: at, schedule: by });
  if (request.seed !== undefined || by === undefined) return rendered;
  return { ...rendered, seed: seedOf(0, `${by} ${at.toISOString()}`) };
}

/** Of a run as Temporal knows it: the nominal time of the schedule that started it, else when it started. */
export function scheduledTimeOf({
  startTime,
  searchAttributes,
}: {
  startTime: Date;
  searchAttributes: object;
}): ScheduledTime {
  const { TemporalScheduledById, TemporalScheduledStartTime } = searchAttributes as Record<
    string,
    unknown[] | undefined
  >;
  const by = TemporalScheduledById?.[0];
  const at = TemporalScheduledStartTime?.[0];
  return by === undefined || at === undefined
    ? { at: startTime }
    : { at: new Date(at as string | Date), by: String(by) };
}
