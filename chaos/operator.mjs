/** Somebody who looks after the jobs: resumes whatever is held, a moment after it is. */
import { queryOf } from './evidence.mjs';
import { pause } from './world.mjs';

const LOOK_MS = 500;

/** Until `isOver`. @param idPrefix of the jobs that are looked after */
export async function operate({ client }, idPrefix, isOver) {
  const query = `${queryOf(idPrefix)} AND ExecutionStatus = 'Running' AND DataxidStage = 'held'`;
  while (!isOver()) {
    await pause(LOOK_MS);
    try {
      for await (const { workflowId } of client.temporal.workflow.list({ query })) {
        await (await client.getHandle(workflowId)).resume();
      }
    } catch {
      // The server restarts, no worker answers, or the job goes on already: looked at again soon.
    }
  }
}
