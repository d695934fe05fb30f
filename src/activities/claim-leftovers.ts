/**
 * Claims what an ended run left behind for the workflow that asks, or says who has it. Temporal lets a claim's id be used
 * once, so that of any number of retries and reaps one has it; asked again, in a later run of it too, it still has it.
 */
import { activityInfo, getClient } from '@temporalio/activity';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { CLAIM_MEMO_KEY, CLAIM_WORKFLOW, type Claimant, claimIdOf } from '../contract/claim.js';
import { WORKFLOW_QUEUE } from '../contract/messages.js';
import { attempt } from './attempt.js';
import { claimantOf } from './read-job.js';

export interface Claim {
  isMine: boolean;
  by: Claimant;
}

export const claimLeftovers =
  () =>
  ({ job, runId }: { job: string; runId: string }): Promise<Claim> =>
    attempt(async () => {
      const { workflow } = getClient();
      const { workflowType, workflowExecution } = activityInfo();
      const by: Claimant = {
        kind: workflowType ?? '',
        job: workflowExecution?.workflowId ?? '',
        runId: workflowExecution?.runId ?? '',
      };
      try {
        await workflow.start(CLAIM_WORKFLOW, {
          workflowId: claimIdOf(runId),
          taskQueue: WORKFLOW_QUEUE,
          args: [],
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          memo: { [CLAIM_MEMO_KEY]: by },
          staticSummary: `${by.job} answers for what ${job} left behind`,
        });
        return { isMine: true, by };
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        const holder = await claimantOf(getClient(), runId);
        if (holder === undefined) throw error;
        return { isMine: holder.job === by.job && holder.kind === by.kind, by: holder };
      }
    });
