/** Does anything still run? Asked of Temporal, which alone knows: a job belongs to no client. */
import { Client, Connection } from '@temporalio/client';
import { BUDGET_WORKFLOW } from '../contract/budget.js';
import { WATCH_WORKFLOW } from '../contract/watch.js';

/** The keeper of the request budget never ends, a watch ends after its jobs: they are no jobs. */
const JOBS = `ExecutionStatus = 'Running' AND WorkflowType NOT IN ('${BUDGET_WORKFLOW}', '${WATCH_WORKFLOW}')`;
const ANSWER_TIMEOUT_MS = 5_000;
/** A job that was started or ended this moment is listed a few milliseconds later. */
const LISTED_AFTER_MS = 300;

export interface RunningJobs {
  /** True when no workflow runs, looked at twice. False as well when the server does not answer: it may be restarting. */
  areNone(): Promise<boolean>;
  close(): Promise<void>;
}

export function watchRunningJobs(address: string, namespace: string): RunningJobs {
  const connection = Connection.lazy({ address });
  const client = new Client({ connection, namespace });
  const count = () => connection.withDeadline(Date.now() + ANSWER_TIMEOUT_MS, () => client.workflow.count(JOBS));
  return {
    async areNone() {
      try {
        if ((await count()).count > 0) return false;
        await new Promise((resolve) => setTimeout(resolve, LISTED_AFTER_MS));
        return (await count()).count === 0;
      } catch {
        return false;
      }
    },
    close: () => connection.close(),
  };
}
