/** What the next release does differently (next-release.mjs): runs inside workflows, bundled with them. */
import { patched, sleep, workflowInfo } from '@temporalio/workflow';

/** Jobs that end; workflows that live on from seed to seed would keep a marker that this build does not know. */
const CHANGED = ['synthesize', 'train', 'generate', 'batch'];
const STEP_MS = 1;

export const interceptors = () => ({
  outbound: CHANGED.includes(workflowInfo().workflowType) ? [{ scheduleActivity }] : [],
});

/** Not async: an activity of old code must be scheduled in the very moment in which it was. */
function scheduleActivity(input, next) {
  if (!patched(`next-release-${input.seq}`)) return next(input);
  return sleep(STEP_MS, { summary: 'a step of the next release' }).then(() => next(input));
}
