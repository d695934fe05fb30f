/** How many pollers a task queue has had lately: a job for a queue that nobody polls would wait for ever. */
import type { Client } from '@temporalio/client';

/** temporal.api.enums.v1.TaskQueueType */
export const WORKFLOW_POLLERS = 1;
export const ACTIVITY_POLLERS = 2;

export async function pollersOf(
  client: Client,
  queue: string,
  taskQueueType: typeof WORKFLOW_POLLERS | typeof ACTIVITY_POLLERS,
): Promise<number> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: queue },
    taskQueueType,
  });
  return pollers?.length ?? 0;
}
