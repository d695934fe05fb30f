/** Notes that what an ended run left behind is settled, for reaps to come (contract/claim.ts). */
import { getClient } from '@temporalio/activity';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { CLAIM_WORKFLOW, settlementIdOf } from '../contract/claim.js';
import { WORKFLOW_QUEUE } from '../contract/messages.js';
import { attempt } from './attempt.js';

export const noteSettlement =
  () =>
  ({ job, runId }: { job: string; runId: string }): Promise<void> =>
    attempt(async () => {
      try {
        await getClient().workflow.start(CLAIM_WORKFLOW, {
          workflowId: settlementIdOf(runId),
          taskQueue: WORKFLOW_QUEUE,
          args: [],
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          staticSummary: `what ${job} left behind is settled`,
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    });
