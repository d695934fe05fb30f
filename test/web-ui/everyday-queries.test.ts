/** The ready-made queries of `dxo jobs list --web`: each finds just the jobs that its question asks for. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { everydayQueries } from '../../src/client/list-query.js';
import type { JobHandle, SynthesizeInput, SynthesizeResult } from '../../src/index.js';
import { type Fleet, failureOf, startFleet } from '../support/fleet.js';
import { writeSmallTable } from '../support/small-table.js';
import { until } from '../support/until.js';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet({ quotaRows: 40 });
});
afterAll(() => fleet.stop());

const synthesize = (id: string, request: Partial<SynthesizeInput> = {}): Promise<JobHandle<SynthesizeResult>> =>
  fleet.client.synthesize(
    { table: { uri: writeSmallTable(fleet.folder) }, output: { uri: join(fleet.folder, `${id}.csv`) }, ...request },
    { id },
  );

async function idsThatAnswer(asked: string): Promise<string[]> {
  const query = everydayQueries(new Date()).find(({ question }) => question === asked)?.query;
  const ids: string[] = [];
  for await (const { workflowId } of fleet.client.temporal.workflow.list({ query: String(query) }))
    ids.push(workflowId);
  return ids.sort();
}
/** The list learns of a change a moment later. */
const finds = (question: string, ids: readonly string[]): Promise<unknown> =>
  until(`"${question}" finds ${ids.join(', ')}`, async () => {
    const found = await idsThatAnswer(question);
    return found.join() === [...ids].sort().join();
  });

test('what runs, what waits for quota, what failed, and which models may be left over', async () => {
  await fleet.sandbox.addFaults({ call: 'train', kind: 'error', code: 'parameter_invalid', nth: 1 });
  await failureOf(await synthesize('failed'));

  // A key that is revoked while the job runs: the model cannot be deleted either.
  await fleet.sandbox.clearFaults();
  await fleet.sandbox.addFaults(
    { call: 'train', kind: 'error', code: 'api_key_invalid' },
    { call: 'delete', kind: 'error', code: 'api_key_invalid' },
  );
  const revoked = await failureOf(await synthesize('revoked'));
  expect(revoked).toMatchObject({ code: 'api_key_invalid', message: expect.stringContaining('could not be deleted') });

  await fleet.sandbox.clearFaults();
  await fleet.sandbox.addFaults({ call: 'delete', kind: 'error', code: 'api_key_invalid' });
  const { warnings } = await (await synthesize('done-but', { generation: { n_samples: 20 } })).result();
  expect(warnings.join()).toContain('could not be deleted');

  await fleet.sandbox.clearFaults();
  // The first to be refused has a model; the next is held before it makes one.
  const terminated = await synthesize('terminated', { generation: { n_samples: 40 }, policy: { onQuota: 'hold' } });
  await until('it is held', async () => (await terminated.status()).stage.stage === 'held');

  const held = await synthesize('held', { generation: { n_samples: 40 }, policy: { onQuota: 'hold' } });
  await until('it is held', async () => (await held.status()).stage.stage === 'held');
  await finds('what waits for quota', ['held', 'terminated']);
  await fleet.client.temporal.workflow.getHandle('terminated').terminate('to leave a model');

  await finds('what runs', ['held']);
  await finds('what waits for quota', ['held']);
  await finds('what failed today', ['failed', 'revoked']);
  await finds('which models may be left over', ['revoked', 'done-but', 'terminated']);

  await held.cancel();
  await failureOf(held);
  // What the runbook says to do about them.
  const left = await fleet.sandbox.models();
  expect(left).toHaveLength(3);
  for (const { id } of left) await fleet.sandbox.deleteModel(id);
});
