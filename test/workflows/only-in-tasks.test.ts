/**
 * A query that was asked while no worker was there is answered by the next one, before the task that is due. The workflow then stands where no
 * history has it (src/workflows/only-in-tasks.ts).
 */
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { JobHandle, JobStatus, SynthesizeResult } from '../../src/index.js';
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
