/**
 * A workflow goes on in workflow tasks only. The SDK goes on in a query too: where the worker that had the workflow in memory was killed, the
 * one that answers a query takes it through all that has happened since its last task. What comes with the next task (a signal,
 * an update) comes after that, but a replay, which knows of no query, puts it before: the commands differ, and the job
 * stands still for good. So a query is answered as of the last task, and the next task is begun anew: Temporal shows it as failed once.
 * Measured in docs/decisions/0016-queries-go-on-nothing.md.
 */
import type { ActivateInput, WorkflowInterceptors } from '@temporalio/workflow';

type Activation = ActivateInput['activation'];

/** What the build registers (scripts/bundle-workflows.mjs): one for each workflow in memory. */
export function interceptors(): WorkflowInterceptors {
  let last: Activation | undefined;
  let isAhead = false;
  return {
    internals: [
      {
        activate(input, next) {
          const { activation } = input;
          if (asksOnly(activation)) return next(input);
          const isTask = last === undefined || activation.isReplaying === true || !isOfNoTask(last, activation);
          if (isTask && isAhead)
            throw new Error('A query was answered between two tasks of this workflow: this one is begun anew.');
          isAhead = !isTask;
          if (isTask) last = activation;
          next(input);
        },
      },
    ],
  };
}

/** Temporal's SDK mixes queries with nothing else. */
const asksOnly = ({ jobs }: Activation): boolean => jobs?.some(({ queryWorkflow }) => queryWorkflow != null) ?? false;

/** More has happened, and yet no task was started: an activation has the time at which its task was. */
function isOfNoTask(last: Activation, { timestamp, historyLength }: Activation): boolean {
  const isSameTime =
    String(timestamp?.seconds) === String(last.timestamp?.seconds) && timestamp?.nanos === last.timestamp?.nanos;
  return isSameTime && (historyLength ?? 0) > (last.historyLength ?? 0);
}
