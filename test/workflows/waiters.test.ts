/** Who is on a watch's list, and when not. */
import { expect, test } from '@jest/globals';
import type { ModelId } from '../../src/contract/ids.js';
import type { Waiter } from '../../src/contract/watch.js';
import { openWaiters } from '../../src/workflows/waiters.js';

const waiterOf = (job: string, model = 'mdl_000000000001'): Waiter => ({
  job,
  modelId: model as ModelId,
  epochsMax: 100,
});
const NOW_MS = 1_000;

test('a job is on the list once, however often it joins, until it has been told the last word', () => {
  const waiters = openWaiters([]);
  expect(waiters.join(waiterOf('a'), NOW_MS)).toBe(true);
  expect(waiters.join(waiterOf('a'), NOW_MS + 1)).toBe(false);
  const [one] = waiters.all();
  expect(one).toMatchObject({ job: 'a', looks: 0, lookedMs: NOW_MS });
  waiters.dismissal(one!)();
  expect(waiters.count()).toBe(0);
});

test('a job that joins again while it is told the last word stays on the list: it has heard it and asks anew', () => {
  const waiters = openWaiters([]);
  waiters.join(waiterOf('a'), NOW_MS);
  const dismiss = waiters.dismissal(waiters.all()[0]!);
  waiters.join(waiterOf('a'), NOW_MS + 1);
  dismiss();
  expect(waiters.count()).toBe(1);
  waiters.dismissal(waiters.all()[0]!)();
  expect(waiters.count()).toBe(0);
});

test('a job that waits for another model now is neither dismissed nor let go by word of the one before', () => {
  const waiters = openWaiters([]);
  waiters.join(waiterOf('a'), NOW_MS);
  const dismiss = waiters.dismissal(waiters.all()[0]!);
  waiters.join(waiterOf('a', 'mdl_000000000002'), NOW_MS);
  dismiss();
  waiters.leave(waiterOf('a'));
  expect(waiters.all()).toMatchObject([{ modelId: 'mdl_000000000002' }]);
  waiters.leave(waiterOf('a', 'mdl_000000000002'));
  expect(waiters.count()).toBe(0);
});

test('what a run hands to the next is on its list', () => {
  const before = openWaiters([]);
  before.join(waiterOf('a'), NOW_MS);
  const after = openWaiters(before.all());
  expect(after.join(waiterOf('a'), NOW_MS)).toBe(false);
  expect(after.all()).toEqual([expect.objectContaining({ job: 'a', joins: 2 })]);
});
