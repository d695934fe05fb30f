/**
 * A workflow goes on in workflow tasks only. The SDK goes on in a query too: where the worker that had the workflow in memory was killed, the
 * one that answers a query takes it through all that has happened since its last task. What comes with the next task (a signal,
 * an update) comes after that, but a replay, which knows of no query, puts it before: the commands differ, and the job
 * stands still for good. So the task after such a query fails once, which takes the workflow out of memory, and is begun anew.
 * Measured in docs/decisions/0016-queries-go-on-nothing.md.
 */
import type { ActivateInput, ConcludeActivationInput, WorkflowInterceptors } from '@temporalio/workflow';

type Activation = ActivateInput['activation'];
type Commands = ConcludeActivationInput['commands'];

/** A task that is given to a worker adds so many events at least: the end of the one before, scheduled, started. */
const EVENTS_OF_A_TASK = 3;
/** Each is an event, unless it is taken back at once. */
const EVENTFUL = [
  'scheduleActivity',
  'startTimer',
  'upsertWorkflowSearchAttributes',
  'startChildWorkflowExecution',
  'signalExternalWorkflowExecution',
] as const;
const TAKING_BACK = [
  'cancelTimer',
  'requestCancelActivity',
  'cancelSignalWorkflow',
  'cancelChildWorkflowExecution',
] as const;
/** Jobs of an activation that stand for no event. */
const WITHOUT_EVENT = ['doUpdate', 'notifyHasPatch', 'updateRandomSeed', 'removeFromCache'] as const;

/** What the build registers (scripts/bundle-workflows.mjs): one for each workflow in memory. */
export function interceptors(): WorkflowInterceptors {
  let last: Activation | undefined;
  let commandEvents = 0;
  let isAhead = false;
  let isQuery = false;
  return {
    internals: [
      {
        activate(input, next) {
          const { activation } = input;
          isQuery = asksOnly(activation);
          if (isQuery) return next(input);
          const isLive = last !== undefined && activation.isReplaying !== true;
          const isTask = !isLive || !isOfNoTask(last, activation);
          if (isLive && isTask && (isAhead || !isCommitted(last, commandEvents, activation))) {
            throw new Error('A query was answered between two tasks of this workflow: this one is begun anew.');
          }
          if (activation.historyLength !== last?.historyLength) commandEvents = 0;
          isAhead = !isTask;
          last = { ...activation, timestamp: isTask ? activation.timestamp : last?.timestamp };
          next(input);
        },
        concludeActivation(input, next) {
          const concluded = next(input);
          if (!isQuery) commandEvents += eventsOfCommands(concluded.commands);
          return concluded;
        },
      },
    ],
  };
}

/** Temporal's SDK mixes queries with nothing else. */
const asksOnly = ({ jobs }: Activation): boolean => jobs?.some(({ queryWorkflow }) => queryWorkflow != null) ?? false;

/** More has happened, and yet no task was started: an activation has the time at which its task was. */
function isOfNoTask(last: Activation | undefined, { timestamp, historyLength }: Activation): boolean {
  const isSameTime =
    String(timestamp?.seconds) === String(last?.timestamp?.seconds) && timestamp?.nanos === last?.timestamp?.nanos;
  return isSameTime && (historyLength ?? 0) > (last?.historyLength ?? 0);
}

/** Whether the history has grown by what the workflow wanted last: where the task that it stood for was another worker's, and died with it, it has not. */
function isCommitted(
  last: Activation | undefined,
  commandEvents: number,
  { jobs, historyLength }: Activation,
): boolean {
  if (last === undefined || last.isReplaying === true) return true;
  const growth = (historyLength ?? 0) - (last.historyLength ?? 0);
  if (growth <= 0 || commandEvents === 0) return true;
  return growth >= EVENTS_OF_A_TASK + commandEvents + eventsOfJobs(jobs ?? []);
}

/** At least. */
function eventsOfCommands(commands: Commands): number {
  const count = (kinds: readonly (keyof Commands[number])[]): number =>
    commands.filter((command) => kinds.some((kind) => command[kind] != null)).length;
  return Math.max(0, count(EVENTFUL) - count(TAKING_BACK));
}

/** An activity that ended well has begun, which is an event too. */
function eventsOfJobs(jobs: NonNullable<Activation['jobs']>): number {
  return jobs.reduce((sum, job) => {
    if (WITHOUT_EVENT.some((kind) => job[kind] != null)) return sum;
    return sum + (job.resolveActivity?.result?.completed != null ? 2 : 1);
  }, 0);
}
