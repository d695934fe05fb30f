/** A schedules file is taken whole or not at all, and everything that is wrong with it is told at once, with its line. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { definitionOf } from '../../src/client/schedules/definition.js';
import { readSchedules } from '../../src/client/schedules/read-schedules.js';
import { warningsOf } from '../../src/client/schedules/schedule-warnings.js';
import { durationMsOf, durationTextOf } from '../../src/contract/duration.js';
import { bookOf } from './schedules-text.js';

function faultsOf(text: string, folder?: string): string[] {
  try {
    readSchedules(text, 'schedules.yaml', folder);
  } catch (error) {
    expect(error).toMatchObject({ name: 'InputError', code: 'request_invalid' });
    const [head, ...faults] = (error as Error).message.split('\n');
    expect(head).toMatch(/^schedules\.yaml has (a fault|\d+ faults); nothing is applied:$/);
    return faults.map((fault) => fault.trim());
  }
  return [];
}

const BROKEN = `version: 2
bok: nightly
schedules:
  - name: a b
    cron: "61 * * * *"
    interval: { every: 5x }
    timeZone: Mars/Base
    run:
      synthesize:
        table: { uri: "{{ sched }}" }
        output: { uri: 7 }
        deadline: 2026-11-22T00:00:00Z
  - name: orders
    calendar: [{ hour: 25, dayOfWeek: mon-fry }]
    overlap: skp
    catchUpWindow: 5s
    run: {}
  - name: orders
    run: { train: { table: { uri: rel.csv }, modle: {} } }
`;

test('every fault is told, with its line and its schedule', () => {
  const faults = faultsOf(BROKEN);
  const expected = [
    /^line 1: version: /,
    /^line 1: book: /,
    /^line 2: bok: there is no such name/,
    /^line 4: a b: name: letters/,
    /^line 4: a b: exactly one of cron, calendar or interval is needed, not cron and interval/,
    /^line 5: a b: cron: "61" is not a minute/,
    /^line 6: a b: interval\.every: a duration such as/,
    /^line 7: a b: timeZone: not an IANA time zone/,
    /^line 10: a b: run\.synthesize\.table\.uri: There is no variable "sched"/,
    /^line 10: a b: run\.synthesize\.table\.uri: a relative path/,
    /^line 11: a b: run\.synthesize\.output\.uri: /,
    /^line 12: a b: run\.synthesize\.deadline: a schedule has many runs/,
    /^line 14: orders: calendar\.0\.hour: "25"/,
    /^line 14: orders: calendar\.0\.dayOfWeek: "mon-fry"/,
    /^line 15: orders: overlap: /,
    /^line 16: orders: catchUpWindow: at least 10s/,
    /^line 17: orders: run: exactly one of synthesize, train, generate, batch or reap is needed/,
    /^line 18: orders: exactly one of cron, calendar or interval is needed/,
    /^line 18: orders: name: another schedule has this name/,
    /^line 19: orders: run\.train\.modle: there is no such name/,
    /^line 19: orders: run\.train\.table\.uri: a relative path/,
  ];
  for (const pattern of expected) expect(faults).toContainEqual(expect.stringMatching(pattern));
  expect(faults).toHaveLength(expected.length);
});

test.each([
  [
    'an offset that reaches the next step',
    'interval: { every: 1h, offset: 1h }',
    'uri: /in.csv',
    /offset: shorter than every/,
  ],
  [
    'a zone of the request that does not exist',
    'cron: "@daily"',
    'uri: /in.csv }, timeZone: Mars/Base, columns: { ',
    /timeZone: not an IANA/,
  ],
])('%s is a fault', (_, when, table, says) => {
  const text = `{version: 1, book: b, schedules: [{name: n, ${when}, run: {train: {table: { ${table} }}}}]}`;
  expect(faultsOf(text)).toEqual([expect.stringMatching(says)]);
});

test.each([
  ['YAML that breaks off', 'version: 1\nschedules: [1', /^line 2: /],
  ['an empty file', '', /^line 1: must be an object/],
  ['a list', '- 1', /^line 1: must be an object/],
  ['a name given twice', 'version: 1\nversion: 1', /^line 2: .*unique/],
  [
    'aliases of aliases',
    [
      'a: &a [1,1,1,1,1,1,1,1,1,1,1,1]',
      ...'bcdef'.split('').map((name, at) => `${name}: &${name} [${Array(12).fill(`*${'abcde'[at]}`).join(',')}]`),
    ].join('\n'),
    /alias/,
  ],
])('%s is a fault with its place', (_, text, says) => {
  expect(faultsOf(text)).toContainEqual(expect.stringMatching(says));
});

test('a file that is too large is not read', () => {
  expect(() => readSchedules(' '.repeat(2 ** 20 + 1), 'schedules.yaml')).toThrow(/1048577 bytes/);
});

test('relative paths count from the folder of the file, where that means something', () => {
  const text = (uri: string) =>
    `{version: 1, book: b, schedules: [{name: n, cron: "@daily", run: {train: {table: {uri: "${uri}"}}}}]}`;
  const uriOf = (uri: string) => readSchedules(text(uri), 's', '/books').schedules[0]!.run.train!.table.uri;
  expect(uriOf('in/{{ scheduled | date }}.csv')).toBe('/books/in/{{ scheduled | date }}.csv');
  expect(uriOf('/in.csv')).toBe('/in.csv');
  expect(uriOf('file:///in.csv')).toBe('file:///in.csv');
  expect(faultsOf(text('in.csv'))).toHaveLength(1);
  expect(faultsOf(text('/in.csv'))).toEqual([]);
});

test('a request is kept as it was written, and gets the zone of its schedule', () => {
  const [zoned, own] = bookOf(
    'b',
    { name: 'zoned', timeZone: 'Asia/Tokyo' },
    { name: 'own', timeZone: 'Asia/Tokyo', run: { train: { timeZone: 'UTC', table: { uri: '/in.csv' } } } },
  ).schedules;
  expect(zoned!.run).toEqual({ train: { timeZone: 'Asia/Tokyo', table: { uri: '/data/in.csv' } } });
  expect(own!.run).toEqual({ train: { timeZone: 'UTC', table: { uri: '/in.csv' } } });
});

test('the ways of saying when are one when they mean the same', () => {
  const [cron, calendar] = bookOf(
    'b',
    { name: 'n', cron: '0 3 * * mon-fri' },
    { name: 'n2', calendar: [{ hour: 3, dayOfWeek: 'monday-friday' }] },
  ).schedules;
  expect(definitionOf(calendar!).when).toBe(definitionOf(cron!).when);
});

test.each([
  ['10s', 10_000],
  ['90s', 90_000],
  ['10m', 600_000],
  ['36h', 129_600_000],
  ['7d', 604_800_000],
  ['2w', 1_209_600_000],
])('%s is %d ms, and is written in the largest unit that fits', (text, ms) => {
  expect(durationMsOf(text)).toBe(ms);
  expect(durationMsOf(durationTextOf(ms))).toBe(ms);
});

test('what is hardly meant is said: one output for two nights, a schedule that is never due, models left behind', () => {
  const run = (uri: string, output = {}) => ({
    synthesize: { table: { uri: '/in.csv' }, output: { uri, ...output } },
  });
  const warnings = (schedule: object) =>
    warningsOf(bookOf('b', { name: 'n', ...schedule }).schedules[0]!, new Date('2026-11-22T00:00:00Z')).join('\n');
  expect(warnings({ run: run('/out.csv') })).toMatch(/write \/out\.csv, and the second fails/);
  expect(warnings({ run: run('/{{ scheduled | date }}.csv') })).toBe('');
  expect(warnings({ cron: '0 * * * *', run: run('/{{ scheduled | date }}.csv') })).toMatch(/2026-11-22\.csv/);
  expect(warnings({ run: run('/out.csv', { overwrite: true }) })).toBe('');
  expect(warnings({ cron: '0 0 31 2 *' })).toMatch(/never due/);
  expect(warnings({ overlap: 'terminate-other' })).toMatch(/cancel-other/);
});

test('the example of the docs is a schedules file', () => {
  const { schedules } = readSchedules(readFileSync('examples/schedules.yaml', 'utf8'), 'examples/schedules.yaml', '/x');
  expect(schedules.length).toBeGreaterThan(0);
  for (const entry of schedules) expect(warningsOf(entry, new Date('2026-11-22T00:00:00Z'))).toEqual([]);
});

test("a reap by the clock: its request has no templates, so that the time zone is the schedule's alone", () => {
  const text =
    'version: 1\nbook: b\nschedules:\n  - {name: reap, cron: "30 4 * * *", timeZone: Europe/Istanbul, run: {reap: {account: acme}}}';
  const { schedules } = readSchedules(text, 'schedules.yaml');
  expect(schedules[0]?.run).toEqual({ reap: { account: 'acme' } });
  expect(definitionOf(schedules[0]!)).toMatchObject({
    run: 'reap',
    jobId: 'reap-reap',
    timeZone: 'Europe/Istanbul',
    summary: 'reap what jobs of acme left behind',
  });
  expect(warningsOf(schedules[0]!, new Date('2026-11-22T00:00:00Z'))).toEqual([]);
});
