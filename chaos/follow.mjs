/**
 * Somebody who follows every job, as commands and the Web UI do, and moves it in the queue now and then: what asks and what steers meets
 * workers that have just died, and those that have just come. It changes the order of requests and nothing else.
 */
import { queryOf } from './evidence.mjs';
import { pause } from './world.mjs';

const LOOK_MS = 400;
/** Of so many looks one is followed by an update. */
const STEER_EVERY = 3;
const PRIORITIES = 5;

/** Until `isOver`. @param idPrefix of the jobs that are followed */
export async function follow({ client }, idPrefix, isOver) {
  const query = `${queryOf(idPrefix)} AND ExecutionStatus = 'Running'`;
  const followed = new Map();
  let running = new Set();
  while (!isOver()) {
    running = await runningOf(client, query).catch(() => running);
    for (const id of running) {
      if (!followed.has(id))
        followed.set(
          id,
          followJob(client, id, () => isOver() || !running.has(id)),
        );
    }
    await pause(LOOK_MS);
  }
  await Promise.all(followed.values());
}

async function runningOf({ temporal }, query) {
  const ids = new Set();
  for await (const { workflowId } of temporal.workflow.list({ query })) ids.add(workflowId);
  return ids;
}

async function followJob(client, id, hasEnded) {
  for (let round = 1; !hasEnded(); round += 1) {
    try {
      const job = await client.getHandle(id);
      await job.status();
      if (round % STEER_EVERY === 0) await job.setPriority({ priority: 1 + (round % PRIORITIES) });
    } catch {
      // No worker or no server answers, the job has just ended, or it is a batch, which has no priority: asked again soon.
    }
    await pause(LOOK_MS);
  }
}
