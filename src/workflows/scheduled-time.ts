/** What `{{ scheduled }}` means in a run: the nominal time of the schedule that started it, else when it started. */
import { workflowInfo } from '@temporalio/workflow';

export function scheduledTime(): { at: Date; by?: string } {
  const { startTime, searchAttributes } = workflowInfo();
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
