/**
 * The longest files first, so that none of them begins when the rest of the run is over. A fresh machine has no times to order
 * by, and jest then takes the largest file for the longest; ours that wait most are small.
 */
import { createRequire } from 'node:module';

const requireOfJest = createRequire(createRequire(import.meta.url).resolve('@jest/core'));
const { default: Sequencer } = requireOfJest('@jest/test-sequencer');

/** Longest first, of those that took more than half a minute on two cores. */
const LONG = [
  'docs-commands',
  'e2e/budget',
  'chaos/seeds',
  'web-ui/web-ui',
  'e2e/watch',
  'e2e/crash',
  'chaos/matrix',
  'e2e/key-lifetime',
  'e2e/quota',
  'e2e/error-codes',
  'e2e/steering',
  'e2e/reap',
  'table/hostile-tables',
  'schedules/scheduled-runs',
  'client/exactly-once',
  'e2e/lifecycle',
  'e2e/kept-on-failure',
  'examples/examples',
  'cli/run-job',
  'local/local-stack',
];

const rankOf = ({ path }) => {
  const rank = LONG.findIndex((name) => path.endsWith(`/test/${name}.test.ts`));
  return rank < 0 ? LONG.length : rank;
};

export default class LongFirst extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((one, other) => rankOf(one) - rankOf(other));
  }
}
