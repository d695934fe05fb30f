/**
 * A query that was asked while no worker was there is answered by the next one, before the task that is due. The workflow then stands where no
 * history has it (src/workflows/only-in-tasks.ts).
 */
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { ActivateInput } from '@temporalio/workflow';
import type { JobHandle, JobStatus, SynthesizeResult } from '../../src/index.js';
import { interceptors } from '../../src/workflows/only-in-tasks.js';
import { type Fleet, startFleet } from '../support/fleet.js';
import { writeSmallTable } from '../support/small-table.js';
import { until } from '../support/until.js';
import { DIST } from '../support/worker-process.js';

const DAY_S = 24 * 3_600;
/** So that the first thing the new worker does for the job, finding its key forgotten, ends a step at once. */
const KEY_USE_S = 1;

let fleet: Fleet;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  fleet = await startFleet({ env: { DATAXID_KEY_USE_SECONDS: String(KEY_USE_S) } });
});
afterAll(() => fleet.stop());

/** A job whose worker died, and what the next worker said of it before the job's next task. */
async function seenBetweenTasks(id: string): Promise<[JobHandle<SynthesizeResult>, JobStatus]> {
  await fleet.sandbox.reset();
  await fleet.sandbox.addFaults({ call: 'create', kind: 'slow', seconds: 3_600, after: true, nth: 1 });
  const job = await fleet.client.synthesize(
    { table: { uri: writeSmallTable(fleet.folder) }, output: { uri: join(fleet.folder, `${id}.csv`) } },
    { id },
  );
  await until('a model has been created', async () => (await fleet.sandbox.models()).length === 1);
  await fleet.worker().kill('SIGKILL');
  await fleet.sandbox.clearFaults();
  await fleet.sandbox.advanceClock(DAY_S + 1);
  await new Promise((resolveNow) => setTimeout(resolveNow, KEY_USE_S * 1_000));
  const seen = until('it is answered', () => job.status().catch(() => undefined));
  await fleet.restartWorker();
  return [job, await seen];
}
const historyOf = ({ id }: { id: string }) => fleet.client.temporal.workflow.getHandle(id).fetchHistory();

/** What the interceptor is given in turn: the history's length, the second of the task's start, and what has happened. */
type Step = readonly [historyLength: number, second: number, jobs: object[], commands: object[]];
function taken(steps: readonly Step[]): string[] {
  const [interceptor] = interceptors().internals ?? [];
  return steps.map(([historyLength, second, jobs, commands]) => {
    const activation = { historyLength, timestamp: { seconds: second, nanos: 0 }, jobs };
    try {
      interceptor?.activate?.(
        { activation: activation as unknown as ActivateInput['activation'], batchIndex: 0 },
        () => undefined,
      );
    } catch {
      return 'begun anew';
    }
    interceptor?.concludeActivation?.({ commands }, (input) => input);
    return 'taken';
  });
}
const ENDED = { resolveActivity: { seq: 1, result: { completed: {} } } };
const ASKED = { queryWorkflow: { queryId: 'legacy_query' } };
const STEERED = { doUpdate: { name: 'setPriority' } };
const TWO_COMMANDS = [{ upsertWorkflowSearchAttributes: {} }, { scheduleActivity: {} }];

test.each<[string, Step[], string[]]>([
  [
    'a query before the task was given to anybody',
    [
      [10, 1, [ENDED], TWO_COMMANDS],
      [16, 1, [ENDED], TWO_COMMANDS],
      [16, 1, [ASKED], []],
      [19, 9, [STEERED], []],
    ],
    ['taken', 'taken', 'taken', 'begun anew'],
  ],
  [
    'a query after the task was given to a worker that died with it (chaos seed 1148)',
    [
      [17, 1, [ENDED], TWO_COMMANDS],
      [24, 2, [ENDED], TWO_COMMANDS],
      [24, 2, [ASKED], []],
      [27, 12, [STEERED], []],
    ],
    ['taken', 'taken', 'taken', 'begun anew'],
  ],
  [
    'the same, and an activity has ended besides',
    [
      [24, 2, [ENDED], TWO_COMMANDS],
      [24, 2, [ASKED], []],
      [29, 12, [STEERED, ENDED], []],
    ],
    ['taken', 'taken', 'begun anew'],
  ],
  [
    'a query after a task that was completed',
    [
      [17, 1, [ENDED], TWO_COMMANDS],
      [24, 2, [ENDED], TWO_COMMANDS],
      [24, 2, [ASKED], []],
      [29, 3, [STEERED], []],
    ],
    ['taken', 'taken', 'taken', 'taken'],
  ],
  [
    'a second activation of one task, and an update that was refused and left no event',
    [
      [17, 1, [ENDED], TWO_COMMANDS],
      [17, 1, [ENDED], []],
      [24, 2, [STEERED], []],
      [24, 3, [STEERED], []],
    ],
    ['taken', 'taken', 'taken', 'taken'],
  ],
])('the task after %s', (_, steps, expected) => {
  expect(taken(steps)).toEqual(expected);
});

test('an update that follows such a query is taken in the order that a replay takes it', async () => {
  const [job, seen] = await seenBetweenTasks('steered');
  expect(seen.stage.stage).toBe('held');
  expect((await historyOf(job)).events?.at(-1)?.workflowTaskScheduledEventAttributes).not.toBeNull();
  const [model] = await fleet.sandbox.models();
  // The task that is begun anew may come to the update before it comes to the hold, and refuse it.
  await until('it is told', () =>
    job.adopt({ modelId: String(model?.id) }).then(
      () => true,
      () => false,
    ),
  );
  await job.result();
  const history = await historyOf(job);
  const failed = history.events?.flatMap(
    ({ workflowTaskFailedEventAttributes }) => workflowTaskFailedEventAttributes ?? [],
  );
  expect(failed?.map(({ failure }) => failure?.message)).toEqual([
    expect.stringContaining('A query was answered between two tasks of this workflow'),
  ]);
  await Worker.runReplayHistory({ workflowBundle: { codePath: resolve(DIST, 'workflow-bundle.js') } }, history, job.id);
});

test('a job that was terminated there still says where it was', async () => {
  const [job, seen] = await seenBetweenTasks('terminated');
  await fleet.client.temporal.workflow.getHandle(job.id).terminate('the test says so');
  expect((await job.status()).stage).toEqual(seen.stage);
  const [model] = await fleet.sandbox.models();
  await fleet.sandbox.deleteModel(String(model?.id));
});
