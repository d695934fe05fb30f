/** Asks Temporal to cancel the job that this step belongs to: a workflow cannot ask it itself (measured). */
import { activityInfo, getClient } from '@temporalio/activity';
import { attempt } from './attempt.js';

export const requestCancel = (): Promise<void> =>
  attempt(async () => {
    const { workflowExecution } = activityInfo();
    if (workflowExecution !== undefined) await getClient().workflow.getHandle(workflowExecution.workflowId).cancel();
  });
