/**
 * `npm run chaos -- …`: real jobs on a real Temporal server and the sandbox, hurt in every way we know, and everything counted afterwards.
 *   --seed N --jobs M [--seeds K] [--lanes L]   random jobs, faults, kills, cancels and more, drawn from a seed (seeds.mjs)
 *   --found                                     the seeds that have found something, again (found.mjs)
 *   matrix [--only create,…] [--outcomes …] [--disturbances …]    the crash matrix, or a part of it (matrix.mjs)
 *   --record                                    keep the results and print docs/reliability.md anew (record.mjs)
 *   --plan                                      only print what the seeds draw
 * It ends with 1 when something is not as it must be (invariants.mjs).
 */
import { parseArgs } from 'node:util';
import { FOUND_SEEDS } from './found.mjs';
import { runCells } from './matrix.mjs';
import { describePlan, drawPlan } from './plan.mjs';
import { recordCells, recordSeeds } from './record.mjs';
import { runSeeds } from './seeds.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '6' },
    lanes: { type: 'string', default: '4' },
    found: { type: 'boolean', default: false },
    plan: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    only: { type: 'string' },
    outcomes: { type: 'string' },
    disturbances: { type: 'string' },
  },
});
// Ends with all that it started.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
const print = (line) => process.stdout.write(`${line}\n`);
const [first, count, jobs, lanes] = [values.seed, values.seeds, values.jobs, values.lanes].map(Number);
const seeds = values.found ? FOUND_SEEDS : Array.from({ length: count }, (_, index) => first + index);

if (positionals[0] === 'matrix') {
  const [calls, outcomes, disturbances] = [values.only, values.outcomes, values.disturbances].map((list) =>
    list?.split(','),
  );
  const { results, ran } = await runCells({
    calls,
    outcomes,
    disturbances,
    print,
  });
  if (values.record) recordCells(results, ran);
  process.exitCode = results.some(({ verdict }) => verdict === 'failed') ? 1 : 0;
} else if (values.plan) {
  for (const seed of seeds) print([`seed ${seed}`, ...describePlan(drawPlan(seed, jobs))].join('\n'));
} else {
  const run = await runSeeds({ seeds, jobs, lanes, print });
  if (values.record) recordSeeds({ from: first, ...run });
  process.exitCode = run.violations.length === 0 ? 0 : 1;
}
