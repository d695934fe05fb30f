/** The worker process as operators meet it: its health, its logs, its stop. */
import { mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Fleet, startFleet } from '../support/fleet.js';
import { writeSmallTable } from '../support/small-table.js';
import { until } from '../support/until.js';
import { startWorker } from '../support/worker-process.js';

let fleet: Fleet;
let table: string;
beforeAll(async () => {
  fleet = await startFleet();
  table = writeSmallTable(fleet.folder);
});
afterAll(() => fleet.stop());

const linesOf = (output: string): Record<string, unknown>[] =>
  output.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);

test('every answered request is a line of JSON with the job, the model and the id of the request; health says what is polled', async () => {
  const job = await fleet.client.synthesize(
    { table: { uri: table }, output: { uri: join(fleet.folder, 'logged.csv') } },
    { id: 'logged' },
  );
  const { model, requests } = await job.result();
  const answered = linesOf(fleet.worker().output()).filter(
    ({ msg, workflowId }) => msg === 'request answered' && workflowId === 'logged',
  );
  expect(answered).toHaveLength(requests - answered.filter(({ attempt }) => attempt !== 1).length);
  expect(answered.map(({ activityType }) => activityType)).toEqual(
    expect.arrayContaining(['createModel', 'initTraining', 'startTraining', 'generateCodes', 'deleteModel']),
  );
  for (const line of answered) {
    expect(line).toMatchObject({
      modelId: model.id,
      requestId: expect.stringMatching(/\w/),
      durationMs: expect.any(Number),
    });
    expect(line).not.toHaveProperty('taskToken');
  }

  const { healthPort } = linesOf(fleet.worker().output()).find(({ msg }) => msg === 'worker ready') as {
    healthPort: number;
  };
  const health = await fetch(`http://127.0.0.1:${healthPort}/health`);
  expect([health.status, await health.json()]).toEqual([
    200,
    {
      status: 'ok',
      queues: {
        'dataxid-workflows': 'RUNNING',
        'dataxid-data': 'RUNNING',
        'dataxid-budget.default': 'RUNNING',
        'dataxid-api': 'RUNNING',
      },
    },
  ]);
});

test('SIGTERM lets the running request finish: one request, and the next worker goes on', async () => {
  await fleet.sandbox.addFaults({ call: 'generate', kind: 'slow', seconds: 2, nth: 1 });
  const job = await fleet.client.synthesize(
    { table: { uri: table }, output: { uri: join(fleet.folder, 'stopped.csv') } },
    { id: 'stopped' },
  );
  await until('the generation is under way', async () => {
    const { stage } = await job.status();
    return stage.stage === 'generating' && (await fleet.sandbox.summary()).requestsInFlight > 0;
  });
  expect(await fleet.worker().kill('SIGTERM')).toBe(0);
  await fleet.restartWorker();
  const { model } = await job.result();
  const generated = (await fleet.sandbox.ledger()).filter(
    ({ call, modelId }) => call === 'generate' && modelId === model.id,
  );
  expect(generated.map(({ effect, status }) => [effect, status])).toEqual([['applied', 200]]);
});

test('a worker that starts takes away what killed ones left in the folder for temporary files', async () => {
  const temporary = join(fleet.folder, 'temporary');
  for (const name of ['dxo-scratch-left', 'dxo-scratch-young']) mkdirSync(join(temporary, name), { recursive: true });
  utimesSync(join(temporary, 'dxo-scratch-left'), 0, 0);
  const second = await startWorker({ ...fleet.env, TMPDIR: temporary });
  expect(readdirSync(temporary)).toEqual(['dxo-scratch-young']);
  await second.kill('SIGTERM');
});

test('a second worker on the same health port ends with the setting to change', async () => {
  const { healthPort } = linesOf(fleet.worker().output()).findLast(({ msg }) => msg === 'worker ready') as {
    healthPort: number;
  };
  await expect(startWorker({ ...fleet.env, DATAXID_HEALTH_PORT: String(healthPort) })).rejects.toThrow(
    /DATAXID_HEALTH_PORT/,
  );
});
