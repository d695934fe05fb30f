/**
 * The times that a plan shows are those at which the server runs: the same spec is put to both, over changes of clocks.
 * Not the night in which the clocks of a zone east of Greenwich are set back, for which the server has ways of its own
 * (docs/schedules.md).
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { optionalDateToTs, tsToDate } from '@temporalio/common/lib/time.js';
import fc from 'fast-check';
import { runTimesOf, writtenScheduleOf } from '../../src/client/schedules/definition.js';
import { readSchedules } from '../../src/client/schedules/read-schedules.js';
import { lastRunTime, nextRunTimes, runTimesFrom } from '../../src/client/schedules/run-times.js';
import type { ScheduleEntry } from '../../src/contract/schedules.js';
import { testNamespace } from '../support/temporal.js';

let client: Client;
beforeAll(async () => {
  const { address, namespace } = await testNamespace();
  client = new Client({ connection: await Connection.connect({ address }), namespace });
});
afterAll(() => client.connection.close());

const DAY_MS = 86_400_000;
const TIMES_MAX = 200;

function entryOf(when: object): ScheduleEntry {
  const schedule = { name: 'sample', ...when, run: { train: { table: { uri: '/in.csv' } } } };
  return readSchedules(JSON.stringify({ version: 1, book: 'test', schedules: [schedule] }), 'test').schedules[0]!;
}

let count = 0;
async function timesOfServer(entry: ScheduleEntry, from: Date, to: Date): Promise<string[]> {
  const scheduleId = `sample-${count++}`;
  const handle = await client.schedule.create({ scheduleId, ...writtenScheduleOf(entry), state: { paused: true } });
  const { startTime } = await client.workflowService.listScheduleMatchingTimes({
    namespace: client.options.namespace,
    scheduleId,
    startTime: optionalDateToTs(new Date(from.getTime() - 500)),
    endTime: optionalDateToTs(new Date(to.getTime() - 500)),
  });
  await handle.delete();
  return startTime.map((time) => tsToDate(time).toISOString());
}

async function expectServersTimes(when: object, from: Date, days: number): Promise<void> {
  const entry = entryOf(when);
  const to = new Date(from.getTime() + days * DAY_MS);
  const ours: string[] = [];
  for (const ms of runTimesFrom(runTimesOf(entry), from.getTime(), to.getTime())) {
    ours.push(new Date(ms).toISOString());
    if (ours.length === TIMES_MAX) break;
  }
  const theirs = (await timesOfServer(entry, from, to)).slice(0, TIMES_MAX);
  expect({ when, times: ours }).toEqual({ when, times: theirs });
}

test.each([
  ['a time that the clocks jump over', { cron: '30 2 * * *', timeZone: 'Europe/Berlin' }, '2026-03-28T00:00:00Z'],
  [
    'an hour that the clocks show twice',
    { cron: '*/30 * * * *', timeZone: 'America/New_York' },
    '2026-11-01T00:00:00Z',
  ],
  ['a midnight that does not exist', { cron: '0 0 * * *', timeZone: 'Africa/Cairo' }, '2026-04-22T00:00:00Z'],
  ['a zone of quarters of an hour', { cron: '5 0 * * *', timeZone: 'Asia/Kathmandu' }, '2026-05-01T00:00:00Z'],
])('%s', async (_, when, from) => {
  await expectServersTimes(when, new Date(from), 4);
});

test('intervals count from the epoch, and startAt and endAt bound everything', async () => {
  const from = new Date('2026-11-22T00:00:00Z');
  await expectServersTimes({ interval: { every: '7h', offset: '30m' } }, from, 5);
  await expectServersTimes({ interval: { every: '90s', offset: '7s' } }, from, 1);
  await expectServersTimes({ interval: { every: '25m' }, endAt: '2026-11-23T00:00:00Z' }, from, 5);
  await expectServersTimes({ cron: '0 * * * *', startAt: '2026-11-23T05:00:00+02:00' }, from, 3);
});

const list = (min: number, max: number) =>
  fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 4 }).map((numbers) => numbers.join(','));
const calendars = fc.record(
  {
    second: list(0, 59),
    minute: fc.oneof(list(0, 59), fc.constant('*/10')),
    hour: fc.oneof(list(0, 23), fc.constant('*')),
    dayOfMonth: fc.oneof(list(1, 31), fc.constant('*')),
    month: fc.oneof(list(1, 12), fc.constant('*')),
    dayOfWeek: fc.oneof(list(0, 6), fc.constant('*')),
    year: fc.constantFrom('*', '2026', '2027-2028'),
  },
  { requiredKeys: [] },
);

test('any calendars in any zone are due when the server says so', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(calendars, { minLength: 1, maxLength: 2 }),
      fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Africa/Cairo', 'Australia/Lord_Howe'),
      fc.constantFrom('2026-03-06', '2026-03-27', '2026-04-22', '2026-10-31', '2026-12-30'),
      (calendar, timeZone, from) => expectServersTimes({ calendar, timeZone }, new Date(from), 6),
    ),
    { seed: 4, numRuns: 60 },
  );
}, 30_000);

test('the next runs end where the schedule does, and none come where it is never due', () => {
  const next = (when: object) => nextRunTimes(runTimesOf(entryOf(when)), Date.parse('2026-11-22T02:30:00Z'), 3);
  expect(next({ cron: '30 2 * * *' }).map(String)).toEqual(
    ['2026-11-23T02:30:00Z', '2026-11-24T02:30:00Z', '2026-11-25T02:30:00Z'].map((text) => String(new Date(text))),
  );
  expect(next({ cron: '30 2 * * *', endAt: '2026-11-23T02:30:00Z' })).toHaveLength(1);
  expect(next({ cron: '0 0 29 2 *' })[0]).toEqual(new Date('2028-02-29T00:00:00Z'));
  expect(next({ cron: '0 0 31 2 *' })).toEqual([]);
  expect(next({ interval: { every: '900w' } })).toHaveLength(2);
});

test('the last run is the latest one due before an instant and after another', () => {
  const times = runTimesOf(entryOf({ cron: '30 2 * * mon' }));
  const [monday, tuesday] = [Date.parse('2026-11-23T02:30:00Z'), Date.parse('2026-11-24T00:00:00Z')];
  expect(lastRunTime(times, 0, tuesday)).toEqual(new Date(monday));
  expect(lastRunTime(times, 0, monday)).toEqual(new Date('2026-11-16T02:30:00Z'));
  expect(lastRunTime(times, monday, tuesday)).toBeUndefined();
});
