/**
 * `npm run chaos -- --seed N --jobs M [--seeds K] [--lanes L]`: seeds, each drawn (plan.mjs), carried out (run-plan.mjs) and judged
 * (invariants.mjs). A lane is an installation of its own that takes one seed after the other; lanes run side by side.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBudget } from '../dist/client/read-budget.js';
import { collectEvidence, digestOf } from './evidence.mjs';
import { judge } from './invariants.mjs';
import { buildNextRelease } from './next-release.mjs';
import { describePlan, drawPlan, expectationsOf } from './plan.mjs';
import { reap } from './reap.mjs';
import { ranBy } from './record.mjs';
import { writeTables } from './requests.mjs';
import { endAll, runPlan, undisturbedOutputs } from './run-plan.mjs';
import { openSandboxProcess } from './sandbox-process.mjs';
import { openWorld, patiently, THIS_RELEASE, until } from './world.mjs';

/** Virtual seconds of the sandbox in a second: a rate window lasts one, and a key's 24 hours 24 minutes. */
const SPEED = 60;
/** Requests in a window: few enough that jobs wait for their turn. */
const RATE_LIMIT = 30;
const QUOTA_ROWS = 1_000_000_000;
const WORKERS = 2;
/** A spender tells the budget every second, from when it has taken over. */
const BUDGET_TOLD_MS_MAX = 10_000;
/** Blows after which another process spends the request budget, and may not know of the last requests. */
const ENDS_A_SPENDER = ['kill worker', 'kill all workers', 'stop worker', 'freeze worker', 'kill server', 'deploy'];

/**
 * @param {{seeds: readonly number[], jobs: number, lanes: number, print: (line: string) => void}} how
 * @returns the counts of a record (record.mjs); the folder of a seed that has violations is left
 */
export async function runSeeds({ seeds, jobs, lanes, print }) {
  const folder = mkdtempSync(join(tmpdir(), 'dxo-chaos-'));
  const plans = seeds.map((seed) => drawPlan(seed, jobs));
  const total = { seeds: 0, jobs: 0, requests: 0, faults: 0, blows: new Map(), ends: new Map(), violations: [] };
  const startedAt = performance.now();
  const nextRelease = plans.some(({ blows }) => blows.some(({ what }) => what === 'deploy'))
    ? buildNextRelease(folder)
    : undefined;
  let references;
  let ran = '';
  const runLane = async (lane) => {
    let world = await openLane(folder, lane, 0);
    try {
      references ??= undisturbedOutputs(world, digestOf);
      await references;
      ran = await ranBy(world.client.temporal);
      for (let opened = 1; plans.length > 0; ) {
        const plan = plans.shift();
        const given = { nextRelease: await nextRelease, references: await references };
        const found = await runSeed(world, plan, given).catch((error) => brokenOff(plan, error));
        addUp(total, found);
        print(found.line);
        if (found.violations.length > 0) {
          for (const line of [
            ...found.violations.map(sentenceOf),
            `  its world: ${world.folder}`,
            ...describePlan(plan),
          ])
            print(line);
          await endAll(world, plan.idPrefix);
          await world.close();
          world = await openLane(folder, lane, opened);
          opened += 1;
        }
      }
    } finally {
      await world.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, seeds.length) }, (_, lane) => runLane(lane)));
  const seconds = (performance.now() - startedAt) / 1_000;
  const line =
    `${total.seeds} seeds from ${seeds[0]}, ${total.jobs} jobs (${countsOf(total.ends)}), ${total.requests} requests, ${total.faults} faults, ` +
    `${countsOf(total.blows)}: ${total.violations.length} violations; ${(seconds / total.seeds).toFixed(1)} s a seed`;
  print(line);
  if (total.violations.length === 0) rmSync(folder, { recursive: true, force: true });
  const { seeds: count, jobs: begun, requests, faults } = total;
  const [ends, blows] = [total.ends, total.blows].map((counts) => Object.fromEntries(counts));
  const violations = total.violations.map(sentenceOf);
  return {
    count,
    jobs: begun,
    requests,
    faults,
    ends,
    blows,
    seconds: Math.round(seconds),
    violations,
    ran,
    isFollowed: true,
  };
}

async function openLane(root, lane, opened) {
  const folder = join(root, `lane-${lane}-${opened}`);
  mkdirSync(folder);
  writeTables(folder);
  const sandbox = await openSandboxProcess({
    folder,
    options: { speed: SPEED, 'rate-limit': RATE_LIMIT, 'quota-rows': QUOTA_ROWS },
  });
  const world = await openWorld({
    folder,
    workers: WORKERS,
    settings: {
      DATAXID_API_KEY: 'dx_test_sandbox',
      DATAXID_BASE_URL: sandbox.url,
      DATAXID_RATE_LIMIT: String(RATE_LIMIT),
      DATAXID_RATE_WINDOW_SECONDS: String(60 / SPEED),
    },
  });
  return {
    ...world,
    sandbox,
    async close() {
      await world.close();
      await sandbox.close();
    },
  };
}

async function runSeed(world, plan, { nextRelease, references }) {
  const startedAt = performance.now();
  const { control } = world.sandbox;
  await world.deploy(THIS_RELEASE);
  await control.reset();
  const isQuotaKnown = await knowsQuota(world);
  const { fallen } = await runPlan(world, plan, { nextRelease });
  await reap(world, 'default', `reap-${plan.seed}`);
  const faults = (await control.faults()).reduce((sum, { fitted }) => sum + fitted, 0);
  const evidence = await collectEvidence(world, control, plan.idPrefix);
  const expectations = expectationsOf(plan, { isQuotaKnown });
  const violations = judge(evidence, {
    jobs: expectations,
    references,
    rateLimit: RATE_LIMIT,
    mayLeaveArtifacts: fallen.includes('freeze worker'),
    mayBeRefused: fallen.some((what) => ENDS_A_SPENDER.includes(what)),
  });
  const ends = tally(evidence.runs.map(({ status }) => status.toLowerCase()));
  const seconds = (performance.now() - startedAt) / 1_000;
  const refused = evidence.ledger.filter(({ code, fault }) => code === 'rate_limit_exceeded' && fault === null).length;
  return {
    violations: violations.map((violation) => ({ seed: plan.seed, ...violation })),
    jobs: evidence.runs.length,
    requests: evidence.ledger.length,
    faults,
    fallen,
    ends,
    line: `seed ${plan.seed}: ${countsOf(ends)}; ${evidence.ledger.length} requests, ${faults} faults, ${refused} refused; ${fallen.join(', ') || 'no blow'}; ${seconds.toFixed(1)} s; ${violations.length === 0 ? 'ok' : `${violations.length} VIOLATIONS`}`,
  };
}

/** Whether a seed before has taught it one; true where the spender of the budget does not say. */
async function knowsQuota({ client }) {
  const told = await until(
    async () => (await patiently(() => readBudget(client.temporal, 'default')))?.state,
    BUDGET_TOLD_MS_MAX,
  );
  return told === undefined || told.quota?.limit !== undefined;
}

/** What the machine, or this program, could not do: nothing is known of the seed. */
function brokenOff({ seed }, error) {
  const violations = [{ seed, job: '', what: `its run broke off: ${error.stack}` }];
  return { violations, jobs: 0, requests: 0, faults: 0, fallen: [], ends: new Map(), line: `seed ${seed}: broke off` };
}

function addUp(total, { violations, jobs, requests, faults, fallen, ends }) {
  total.seeds += 1;
  total.jobs += jobs;
  total.requests += requests;
  total.faults += faults;
  total.violations.push(...violations);
  for (const what of fallen) total.blows.set(what, (total.blows.get(what) ?? 0) + 1);
  for (const [end, count] of ends) total.ends.set(end, (total.ends.get(end) ?? 0) + count);
}

function tally(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

const countsOf = (counts) => [...counts].map(([what, count]) => `${count} ${what}`).join(', ') || 'none';
const sentenceOf = ({ seed, job, what }) => `  VIOLATION of seed ${seed}: ${job === '' ? '' : `job ${job} `}${what}`;
