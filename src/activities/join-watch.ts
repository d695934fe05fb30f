/** Tells the account's watch, and starts it where there is none, that a job waits for its model. */
import { getClient } from '@temporalio/activity';
import { SEARCH_ATTRIBUTES, WORKFLOW_QUEUE } from '../contract/messages.js';
import { JOIN_SIGNAL, WATCH_WORKFLOW, type Waiter, watchWorkflowIdOf } from '../contract/watch.js';
import { attempt } from './attempt.js';

export interface JoinWatchInput {
  account: string;
  waiter: Waiter;
}

export const joinWatch = ({ account, waiter }: JoinWatchInput): Promise<void> =>
  attempt(async () => {
    await getClient().workflow.signalWithStart(WATCH_WORKFLOW, {
      workflowId: watchWorkflowIdOf(account),
      taskQueue: WORKFLOW_QUEUE,
      args: [{ account }],
      signal: JOIN_SIGNAL,
      signalArgs: [waiter],
      staticSummary: `one look for all jobs of the account ${account} that wait for a training`,
      typedSearchAttributes: [{ key: SEARCH_ATTRIBUTES.account, value: account }],
    });
  });
