/** `dxo retry` and `dxo reap`, as an operator types them, against a fleet's server. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Fleet, failureOf, startFleet } from '../support/fleet.js';
import { writeSmallTable } from '../support/small-table.js';
import { until } from '../support/until.js';
import { type Folder, jsonOf, makeFolder, runDxo } from './run-dxo.js';

let fleet: Fleet;
let folder: Folder;
beforeAll(async () => {
  fleet = await startFleet();
  folder = await makeFolder();
});
afterAll(async () => {
  await folder.remove();
  await fleet.stop();
});

const dxo = (...args: string[]) => runDxo(folder.path, args, fleet.env);
const start = (id: string) =>
  fleet.client.synthesize(
    {
      table: { uri: writeSmallTable(fleet.folder) },
      output: { uri: join(fleet.folder, `${id}.csv`) },
      policy: { keepOnFailure: true },
    },
    { id },
  );

test('the command that a failure names goes on with the job; a second one has nothing to do', async () => {
  await fleet.sandbox.addFaults({ call: 'generate', kind: 'error', code: 'parameter_invalid', nth: 1 });
  const { message } = await failureOf(await start('nightly'));
  const [, command = ''] = /`dxo (retry nightly --from generating)`/.exec(message) ?? [];
  const retried = await dxo(...command.split(' '), '--json');
  expect(retried.stderr).toContain('job nightly-retry-1 goes on with nightly');
  expect(retried.code).toBe(0);
  expect(jsonOf(retried)).toMatchObject({ output: { rows: 200 }, model: { kept: false } });
  expect((await dxo('retry', 'nightly')).stderr).toContain('nightly-retry-1 already (completed): nothing new');
  const succeeded = await dxo('retry', 'nightly-retry-1');
  expect(succeeded).toMatchObject({ code: 2, stderr: expect.stringContaining('nothing to retry') });
  expect((await dxo('retry', 'nobody')).code).toBe(2);
});

test('reap: a dry run names what is left over, a real one deletes it, and the list of jobs shows both', async () => {
  await fleet.sandbox.addFaults({ call: 'train', kind: 'slow', seconds: 2 });
  await start('stopped');
  const [model] = await until('it has a model', async () => {
    const models = await fleet.sandbox.models();
    return models.length === 1 && models;
  });
  await fleet.client.temporal.workflow.getHandle('stopped').terminate('a test');
  const query = "WorkflowId = 'stopped' AND ExecutionStatus = 'Terminated'";
  await until('it is listed', async () => (await fleet.client.temporal.workflow.count(query)).count === 1);
  const told = await dxo('reap', '--dry-run');
  expect(told.stdout).toContain(`left over  ${model?.id}  stopped`);
  const report = jsonOf(await dxo('reap', '--json'));
  expect(report).toMatchObject({ deleted: [{ modelId: model?.id, job: 'stopped' }], counts: { leftOver: 0 } });
  expect(await fleet.sandbox.models()).toEqual([]);
  const shown = await dxo('jobs', 'show', String(report.id));
  expect(shown.stdout).toContain(`deleted    ${model?.id}`);
  expect((await dxo('jobs', 'list', '--json')).stdout).toContain('"type":"reap"');
});

test('a stage or a number of days that cannot be is wrong usage', async () => {
  expect((await dxo('retry', 'nightly', '--from', 'nonsense')).code).toBe(2);
  expect(await dxo('reap', '--days', '0')).toMatchObject({ code: 2, stderr: expect.stringContaining('days') });
});
