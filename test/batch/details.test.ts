/** What the Temporal Web UI shows of a batch: counts, when it will be done, and failures whose words stay words. */
import { expect, test } from '@jest/globals';
import type { BatchStatus } from '../../src/contract/batch-results.js';
import { describeBatch } from '../../src/workflows/batch-details.js';

const status: BatchStatus = {
  stage: { stage: 'running' },
  entered: [
    { stage: 'preparing', at: '2026-11-22T14:00:00.000Z' },
    { stage: 'running', at: '2026-11-22T14:00:10.000Z' },
  ],
  counts: { items: 100, done: 40, failed: 2, cancelled: 0, running: 10, waiting: 48 },
  rowsDone: 4_000,
  rows: 9_900,
  itemsOfUnknownRows: 1,
  requests: 160,
  atOnce: 10,
  expectedEnd: '2026-11-22T14:10:00.000Z',
  failures: [],
};

test('a running batch shows its counts, its rate and when it will be done', () => {
  const text = describeBatch(status, Date.parse('2026-11-22T14:04:10.000Z'));
  expect(text).toContain('| done | 40 of 100 |');
  expect(text).toContain('| under way | 10 (at most 10 at once) |');
  expect(text).toContain('| rows | 4000 of 9900, items that do not say: 1 |');
  expect(text).toContain('| items a minute | 10.5 |');
  expect(text).toContain('| expected end | 2026-11-22T14:10:00.000Z |');
});

test('names and messages of others cannot bring markup of their own', () => {
  const text = describeBatch(
    {
      ...status,
      stage: { stage: 'failed', message: '<img src=x>\n# no' },
      failures: [{ name: 'a|b', code: 'parameter_invalid', message: '<b>bold</b> [link](http://x)\n\n| cell |' }],
    },
    Date.parse('2026-11-22T14:04:10.000Z'),
  );
  const last = text.split('\n').at(-1) ?? '';
  expect(last).toMatch(/^- a\\\|b: \\<b\\>bold/);
  expect(text).not.toMatch(/(^|[^\\])[<[]/);
  expect(text).not.toMatch(/^# no/m);
});

test('of a long message as much is shown as is read', () => {
  const failures = [{ name: 'a', code: 'x', message: 'y'.repeat(5_000) }];
  expect(describeBatch({ ...status, failures }, 0).length).toBeLessThan(1_000);
});
