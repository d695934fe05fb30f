/** policy.keepOnFailure: a job that fails after its training leaves what it has to a retry, which pays for the rest only. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { failureOf } from '../support/fleet.js';
import { until } from '../support/until.js';
import { type RetryFleet, ROWS, startRetryFleet } from './retry-fleet.js';

let fleet: RetryFleet;
beforeAll(async () => {
  fleet = await startRetryFleet(['twice', 'gone-refused', 'gone-retry-1', 'redone-retry-1', 'chain-retry-1']);
});
beforeEach(() => fleet.sandbox.reset());
afterEach(() => fleet.sandbox.clearFaults());
afterAll(() => fleet.stop());

const failAtLastChunk = async (id: string) => {
  await fleet.sandbox.addFaults({ call: 'generate', kind: 'error', code: 'parameter_invalid', nth: 3 });
  const failure = await failureOf(await fleet.start(id, { keepOnFailure: true }));
  await fleet.sandbox.clearFaults();
  return failure;
};

test('a failure after the training names the command that goes on, and only what is missing is paid for', async () => {
  const failure = await failAtLastChunk('kept');
  expect(failure.message).toContain('`dxo retry kept --from generating`');
  expect(await fleet.sandbox.models()).toHaveLength(1);
  const report = await (await fleet.client.reap({}, { id: 'reap-kept' })).result();
  expect(report).toMatchObject({ deleted: [], kept: [{ job: 'kept' }] });
  const retry = await fleet.client.retry('kept', { from: 'generating' });
  await retry.result();
  expect(fleet.outputOf('kept')).toBe(fleet.undisturbed);
  expect((await fleet.sandbox.summary()).rowsBilled).toBe(ROWS);
  await fleet.expectNothingLeft();
});

test('of two retries at once one goes on and the other is refused, and touches nothing', async () => {
  await failAtLastChunk('twice');
  const retries = await Promise.all(['one', 'other'].map((id) => fleet.client.retry('twice', { id })));
  const ends = await Promise.allSettled(retries.map((retry) => retry.result()));
  const refused = ends.filter((end) => end.status === 'rejected');
  expect(refused).toHaveLength(1);
  expect(refused[0]?.reason).toMatchObject({
    code: 'leftovers_taken',
    message: expect.stringContaining('goes on with'),
  });
  expect(fleet.outputOf('twice')).toBe(fleet.undisturbed);
  await fleet.expectNothingLeft();
});

test('a model that is gone: --from generating says what works, and the default trains anew', async () => {
  await failAtLastChunk('gone');
  const [model] = await fleet.sandbox.models();
  await fleet.sandbox.deleteModel(String(model?.id));
  const refused = await failureOf(await fleet.client.retry('gone', { from: 'generating', id: 'gone-refused' }));
  expect(refused).toMatchObject({ code: 'retry_impossible' });
  expect(refused.message).toContain(`Its model ${model?.id} is gone. --from preparing or creating works.`);
  await (await fleet.client.retry('gone')).result();
  expect(fleet.outputOf('gone')).toBe(fleet.undisturbed);
  await fleet.expectNothingLeft();
});

test('an earlier stage is redone, with a model of its own; that of before is deleted', async () => {
  await failAtLastChunk('redone');
  await (await fleet.client.retry('redone', { from: 'preparing' })).result();
  expect(await fleet.countOf('create')).toBe(2);
  expect(fleet.outputOf('redone')).toBe(fleet.undisturbed);
  await fleet.expectNothingLeft();
});

test('a retry that is terminated is retried in its turn, with what both had done', async () => {
  await failAtLastChunk('chain');
  await fleet.sandbox.addFaults({ call: 'generate', kind: 'slow', seconds: 3, nth: 1 });
  const retry = await fleet.client.retry('chain');
  // Only then has it claimed what the first one left.
  await until('the missing chunk is asked for', async () => (await retry.status()).stage.stage === 'generating');
  await fleet.terminate('chain-retry-1');
  await fleet.sandbox.clearFaults();
  const again = await fleet.client.retry('chain-retry-1');
  expect(again.id).toBe('chain-retry-2');
  await again.result();
  expect(fleet.outputOf('chain')).toBe(fleet.undisturbed);
  await fleet.expectNothingLeft();
});

test('what was reaped is not there for a retry', async () => {
  await fleet.start('reaped');
  await fleet.isAsked('train');
  await fleet.terminate('reaped');
  const query = "WorkflowId = 'reaped' AND ExecutionStatus = 'Terminated'";
  await until('it is listed', async () => (await fleet.client.temporal.workflow.count(query)).count === 1);
  await (await fleet.client.reap({}, { id: 'reap-reaped' })).result();
  await fleet.expectNothingLeft();
  const refused = await failureOf(await fleet.client.retry('reaped'));
  expect(refused).toMatchObject({ code: 'leftovers_taken', message: expect.stringContaining('reap-reaped') });
});
