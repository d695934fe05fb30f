/** The server comes to be as the file says, once; what operators and others did is seen, and not undone by the way. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { applySchedules } from '../../src/client/schedules/apply-schedules.js';
import { type FieldChange, isUpToDate, planSchedules } from '../../src/client/schedules/plan-schedules.js';
import type { ScheduleBook } from '../../src/client/schedules/read-schedules.js';
import { testNamespace } from '../support/temporal.js';
import { until } from '../support/until.js';
import { bookOf, TRAIN } from './schedules-text.js';

let client: Client;
beforeAll(async () => {
  const { address, namespace } = await testNamespace();
  client = new Client({ connection: await Connection.connect({ address }), namespace });
});
afterAll(() => client.connection.close());

/** name -> action, of all that is not as the file says. */
async function differencesFrom(book: ScheduleBook): Promise<Record<string, string>> {
  const { changes } = await planSchedules(client, book);
  return Object.fromEntries(
    changes.filter(({ action }) => action !== 'none').map(({ name, action }) => [name, action]),
  );
}

async function changesOf(book: ScheduleBook): Promise<FieldChange[]> {
  const { changes } = await planSchedules(client, book);
  return changes.flatMap((change) => (change.action === 'update' ? change.changes : []));
}

const apply = async (book: ScheduleBook, options = {}) =>
  Object.fromEntries(
    (await applySchedules(client, await planSchedules(client, book), options)).map(({ name, outcome }) => [
      name,
      outcome,
    ]),
  );
const handle = (name: string) => client.schedule.getHandle(name);
/** The list of schedules lags behind. */
const isListed = (name: string) =>
  until(`${name} in the list`, async () => {
    for await (const { scheduleId } of client.schedule.list()) if (scheduleId === name) return true;
    return false;
  });
const makeByHand = async (name: string, workflowType = 'train') => {
  const action = { type: 'startWorkflow' as const, workflowType, taskQueue: 'by-hand', args: [] };
  await client.schedule.create({ scheduleId: name, spec: { cronExpressions: ['0 4 * * *'] }, action });
  await isListed(name);
};

const FULL = {
  calendar: [
    { dayOfWeek: 'mon-fri', hour: '*/6' },
    { month: '1,4,7,10', dayOfMonth: 1, second: 5, year: '2027-2030' },
  ],
  timeZone: 'Europe/Istanbul',
  jitter: '10m',
  startAt: '2026-11-22T00:00:00+03:00',
  endAt: '2030-01-01T00:00:00Z',
  overlap: 'buffer-one',
  catchUpWindow: '36h',
  pauseOnFailure: true,
  priority: 4,
  fairnessKey: 'marketing',
  note: 'Ask *somebody* first.',
};

test('applied twice, the second time changes nothing', async () => {
  const book = bookOf(
    'twice',
    { name: 'full', ...FULL },
    { name: 'steps', interval: { every: '6h', offset: '30m' } },
    { name: 'plain' },
  );
  expect(await differencesFrom(book)).toEqual({ full: 'create', steps: 'create', plain: 'create' });
  expect(await apply(book)).toEqual({ full: 'created', steps: 'created', plain: 'created' });
  expect(await differencesFrom(book)).toEqual({});
  expect(await apply(book)).toEqual({ full: 'unchanged', steps: 'unchanged', plain: 'unchanged' });
  const { action, policies, state } = await handle('full').describe();
  expect(action).toMatchObject({
    workflowType: 'train',
    workflowId: 'train-full',
    taskQueue: 'dataxid-workflows',
    args: [{ timeZone: 'Europe/Istanbul', ...TRAIN.train }],
    staticSummary: 'train in.csv',
    staticDetails: expect.stringContaining('Ask \\*somebody\\* first.'),
    priority: { priorityKey: 4, fairnessKey: 'marketing' },
  });
  expect(policies).toEqual({ overlap: 'BUFFER_ONE', catchupWindow: 36 * 3_600_000, pauseOnFailure: true });
  expect(state).toMatchObject({ paused: false, note: 'Ask *somebody* first.' });
});

test('a change in the file is a change of that field, and nothing else', async () => {
  await apply(bookOf('fields', { name: 'changing' }));
  const changed = bookOf('fields', { name: 'changing', cron: '0 3 * * *', overlap: 'allow-all', jitter: '5m' });
  expect(await changesOf(changed)).toEqual([
    { field: 'when', from: '30 2 * * *', to: '0 3 * * *' },
    { field: 'jitter', from: undefined, to: '5m' },
    { field: 'overlap', from: 'skip', to: 'allow-all' },
  ]);
  const request = bookOf('fields', { name: 'changing', run: { train: { ...TRAIN.train, seed: 7 } } });
  expect(await changesOf(request)).toEqual([{ field: 'request.seed', from: undefined, to: '7' }]);
  expect(await apply(changed)).toEqual({ changing: 'updated' });
  expect(await differencesFrom(changed)).toEqual({});
});

test('what somebody changed by hand is shown, and put right', async () => {
  const book = bookOf('drift', { name: 'edited' });
  await apply(book);
  await handle('edited').update((now) => ({
    ...now,
    spec: { cronExpressions: ['0 5 * * *'], skip: [{ dayOfMonth: 1, hour: 5 }] },
    action: { ...now.action, workflowRunTimeout: '1 hour', args: [{ table: { uri: '/data/other.csv' } }] },
    state: { remainingActions: 3 },
  }));
  expect(await changesOf(book)).toEqual([
    { field: 'when', from: '0 5 * * *', to: '30 2 * * *' },
    { field: 'request.table.uri', from: '"/data/other.csv"', to: '"/data/in.csv"' },
    { field: 'skip', from: '0 5 1 * *', to: undefined },
    { field: 'workflowRunTimeout', from: '3600000', to: undefined },
    { field: 'remainingActions', from: '3', to: undefined },
  ]);
  expect(await apply(book)).toEqual({ edited: 'updated' });
  expect(await differencesFrom(book)).toEqual({});
});

test('the same times written otherwise by hand are no difference', async () => {
  const book = bookOf('same', { name: 'equal', cron: '0,15,30,45 1-3 * * mon-fri' });
  await apply(book);
  await handle('equal').update((now) => ({
    ...now,
    spec: { cronExpressions: ['*/15 1,2,3 * * 1-5'], timezone: 'UTC' },
  }));
  expect(await differencesFrom(book)).toEqual({});
});

test('a schedule that somebody deleted is made again, and one that left the file is removed', async () => {
  const book = bookOf('leaving', { name: 'stays' }, { name: 'goes' });
  await apply(book);
  await isListed('goes');
  await handle('stays').delete();
  const smaller = bookOf('leaving', { name: 'stays' });
  await until('the deletion', async () => (await differencesFrom(smaller)).stays === 'create');
  expect(await differencesFrom(smaller)).toEqual({ stays: 'create', goes: 'remove' });
  expect(await apply(smaller)).toEqual({ stays: 'created', goes: 'removed' });
  expect(await differencesFrom(smaller)).toEqual({});
});

test('what others made is shown and left alone, whatever it is called', async () => {
  await makeByHand('by-hand');
  await makeByHand('of-another-team', 'payroll');
  await apply(bookOf('other', { name: 'of-other' }));
  await isListed('of-other');
  const plan = await planSchedules(client, bookOf('mine', { name: 'mine' }));
  expect(plan.foreign).toEqual(
    expect.arrayContaining([
      { name: 'by-hand', owner: undefined },
      { name: 'of-other', owner: 'other' },
    ]),
  );
  expect(plan.foreign.map(({ name }) => name)).not.toContain('of-another-team');
  await applySchedules(client, plan);
  expect((await handle('by-hand').describe()).action.taskQueue).toBe('by-hand');
  expect(await differencesFrom(bookOf('other', { name: 'of-other' }))).toEqual({});
});

test('a name that somebody else has stops everything, unless it is to be taken over', async () => {
  await makeByHand('taken');
  const book = bookOf('taker', { name: 'fresh' }, { name: 'taken' });
  expect(await differencesFrom(book)).toEqual({ fresh: 'create', taken: 'conflict' });
  await expect(apply(book)).rejects.toThrow(/Nothing was applied: taken is a schedule that this book did not make/);
  expect(await differencesFrom(book)).toEqual({ fresh: 'create', taken: 'conflict' });
  expect(await apply(book, { takeOver: ['taken'] })).toEqual({ fresh: 'created', taken: 'created' });
  expect(await differencesFrom(book)).toEqual({});
});

test('a pause by hand is respected until apply is told otherwise', async () => {
  const book = bookOf('pauses', { name: 'held' });
  await apply(book);
  await handle('held').pause('the source is empty');
  const changed = bookOf('pauses', { name: 'held', cron: '0 3 * * *' });
  const { changes } = await planSchedules(client, changed);
  expect(changes).toEqual([expect.objectContaining({ action: 'update', pause: 'the source is empty' })]);
  expect(await apply(changed)).toEqual({ held: 'updated' });
  expect((await handle('held').describe()).state).toMatchObject({ paused: true, note: 'the source is empty' });
  expect(await apply(changed, { resume: true })).toEqual({ held: 'resumed' });
  expect((await handle('held').describe()).state).toMatchObject({ paused: false });
  expect(isUpToDate(await planSchedules(client, changed))).toBe(true);
});

test('a pause of the file is made and ended by the file', async () => {
  const paused = bookOf('quiet', { name: 'quiet', paused: true, note: 'not yet' });
  expect(await apply(paused)).toEqual({ quiet: 'created' });
  expect((await handle('quiet').describe()).state).toMatchObject({
    paused: true,
    note: expect.stringContaining('not yet'),
  });
  expect(await differencesFrom(paused)).toEqual({});
  await handle('quiet').unpause('somebody was sure');
  expect(await changesOf(paused)).toEqual([{ field: 'paused', from: 'false', to: 'true' }]);
  await apply(paused);
  const awake = bookOf('quiet', { name: 'quiet', note: 'not yet' });
  expect(await changesOf(awake)).toEqual([{ field: 'paused', from: 'true', to: 'false' }]);
  expect(await apply(awake)).toEqual({ quiet: 'updated' });
  expect((await handle('quiet').describe()).state.paused).toBe(false);
});

test('what somebody changed between plan and apply is not overwritten', async () => {
  const before = bookOf('race', { name: 'edited-then' }, { name: 'removed-then' }, { name: 'untouched' });
  await apply(before);
  await isListed('removed-then');
  const after = bookOf(
    'race',
    { name: 'edited-then', cron: '0 3 * * *' },
    { name: 'untouched', cron: '0 3 * * *' },
    { name: 'made-then' },
  );
  const plan = await planSchedules(client, after);
  await handle('edited-then').pause('wait for me');
  await handle('removed-then').pause('wait for me');
  await apply(bookOf('elsewhere', { name: 'made-then' }));
  const applied = Object.fromEntries((await applySchedules(client, plan)).map(({ name, outcome }) => [name, outcome]));
  expect(applied).toEqual({
    'edited-then': 'refused',
    'removed-then': 'refused',
    'made-then': 'refused',
    untouched: 'updated',
  });
  const { spec, state } = await handle('edited-then').describe();
  expect(spec.calendars?.[0]?.hour).toEqual([{ start: 2, end: 2, step: 1 }]);
  expect(state).toMatchObject({ paused: true, note: 'wait for me' });
  expect(await handle('removed-then').describe()).toMatchObject({ scheduleId: 'removed-then' });
});

test('where no server runs yet, everything is new', async () => {
  const { changes } = await planSchedules(undefined, bookOf('first', { name: 'first' }));
  expect(changes.map(({ action }) => action)).toEqual(['create']);
});
