/** A workflow that does nothing but call empty activities, as many as a synthesize job of one chunk calls. */
import { proxyActivities } from '@temporalio/workflow';

const { nothing } = proxyActivities({ startToCloseTimeout: '1 min', taskQueue: 'bare-activities' });

export async function bare(count) {
  for (let i = 0; i < count; i += 1) await nothing();
}
