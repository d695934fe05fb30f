/** A request budget as lines for people. */
import { expect, test } from '@jest/globals';
import { renderBudget } from '../../src/cli/render-budget.js';
import type { BudgetState } from '../../src/contract/budget.js';

const NOW_MS = Date.UTC(2026, 10, 23, 13, 8, 33);
const state: BudgetState = {
  at: new Date(NOW_MS).toISOString(),
  limit: 20,
  windowMs: 60_000,
  ours: [[NOW_MS + 9_000, 19]],
  others: [[NOW_MS + 9_000, 1]],
  silentUntilMs: 0,
  sent: 19,
  refused: 0,
  waiting: { delete: 0, prepare: 9, generate: 7, look: 1 },
  next: Array.from({ length: 17 }, (_, index) => ({
    job: `j${index}`,
    kind: 'prepare' as const,
    at: new Date(NOW_MS + 9_000).toISOString(),
  })),
};

test('the first ten turns are listed with their time in UTC, and how many more wait', () => {
  const lines = renderBudget({ account: 'acme', spender: 'w1', state }, NOW_MS).split('\n');
  expect(lines[1]).toBe(`[${'#'.repeat(29)}o] 19 of 20 requests in the last 60 s, and 1 by others`);
  expect(lines[2]).toBe('waiting: 9 prepare, 7 generate, 1 look, 19 sent, 0 refused');
  const [head, ...turns] = lines.slice(lines.findIndex((line) => line.startsWith('NEXT')));
  expect(head).toMatch(/^NEXT \(UTC\)/);
  expect(turns.map((line) => line.split(/ +/).at(-1))).toEqual([
    ...Array.from({ length: 10 }, (_, i) => `j${i}`),
    'more',
  ]);
  expect(turns.at(-1)).toBe('… and 7 more');
});

test('what was told long ago says so', () => {
  const headAt = (ms: number) => renderBudget({ account: 'acme', spender: 'w1', state }, NOW_MS + ms).split('\n')[0];
  expect(headAt(2_000)).toBe('account acme, spent by w1');
  expect(headAt(20_000)).toBe('account acme, spent by w1, who told this 20 s ago');
});

test('an account that nobody spends for is told with what to look at', () => {
  expect(renderBudget({ account: 'acne' }, NOW_MS)).toContain('account acne: nobody spends its budget');
});
