/** A few seeds in every run of the tests. What seeds have found so far is in chaos/found.mjs. */
import { expect, test } from '@jest/globals';
import { runChaos } from './run-chaos.js';

const LIMIT_MS = 150_000;

test('a seed draws the same plan each time, and another seed another one', async () => {
  const [plan, again, other] = await Promise.all(['5', '5', '6'].map((seed) => runChaos('--plan', '--seed', seed)));
  expect(plan?.output).toMatch(/seed 5\n {2}\d+ ms: /);
  expect(again?.output).toBe(plan?.output);
  expect(other?.output.replace('seed 6', 'seed 5')).not.toBe(plan?.output);
});

test(
  'what seeds have found is not there any more',
  async () => {
    const { code, output } = await runChaos('--found', '--lanes', '2');
    expect(output).toMatch(/^3 seeds .*: 0 violations/m);
    expect(code).toBe(0);
  },
  LIMIT_MS,
);

test(
  'jobs end as they must: all workers, the server and the API are killed, a job is terminated, quota used up, a training fails',
  async () => {
    const { code, output } = await runChaos('--seed', '28', '--seeds', '3', '--jobs', '4', '--lanes', '3');
    expect(output).toMatch(/3 seeds from 28, .*: 0 violations/);
    expect(code).toBe(0);
  },
  LIMIT_MS,
);
