/**
 * `npm run chaos -- matrix [--only create,…] [--outcomes …] [--disturbances …]`: carries cells out and judges them. Cells of one call and one
 * disturbance are a wave: jobs side by side on one installation, each with an account and a sandbox of its own, so that each has its own
 * outcome, and all meet the disturbance together. What ran is merged into the result file, and the page printed anew.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runShow, setUp } from './cell-job.mjs';
import { allCells, DISTURBANCES, isSensible, nameOf, OUTCOMES } from './cells.mjs';
import { disturb } from './disturb.mjs';
import { collectEvidence } from './evidence.mjs';
import { openHall, RATE_LIMIT, SHAPE } from './hall.mjs';
import { judge } from './invariants.mjs';
import { operate } from './operator.mjs';
import { reap } from './reap.mjs';
import { ranBy } from './record.mjs';
import { pause, THIS_RELEASE, until } from './world.mjs';

const END_LIMIT_MS = 120_000;
/** Attempts of a terminated job learn it at their next beat. */
const QUIET_MS = 1_200;

/**
 * @param {{calls?: string[], outcomes?: string[], disturbances?: string[], print: (line: string) => void}} how
 * @returns {Promise<{results: object[], ran: string}>} one a cell: `{call, outcome, disturbance, verdict: 'passed' | 'failed' | 'not run', end, what}`
 */
export async function runCells({ calls, outcomes, disturbances, print }) {
  const isWanted = (cell) =>
    (calls?.includes(cell.call) ?? true) &&
    (outcomes?.includes(cell.outcome) ?? true) &&
    (disturbances?.includes(cell.disturbance) ?? true) &&
    isSensible(cell);
  const cells = allCells().filter(isWanted);
  const waves = wavesOf(cells);
  const folder = mkdtempSync(join(tmpdir(), 'dxo-matrix-'));
  const hall = await openHall(folder, Math.max(...waves.map(({ length }) => length)), cells);
  const results = [];
  const ran = await ranBy(hall.client.temporal);
  try {
    for (const wave of waves) {
      const found = await runWave(hall, wave);
      results.push(...found);
      const failed = found.filter(({ verdict }) => verdict === 'failed');
      const [{ call, disturbance }] = wave;
      print(`${call} / ${disturbance}: ${found.length - failed.length} of ${found.length} passed`);
      for (const cell of failed) print(`  FAILED ${nameOf(cell)}: ${cell.end}; ${cell.what.join(' ')}`);
    }
  } finally {
    await hall.close();
    if (results.every(({ verdict }) => verdict !== 'failed')) rmSync(folder, { recursive: true, force: true });
    else print(`logs and databases: ${folder}`);
  }
  return { results, ran };
}

function wavesOf(cells) {
  const waves = new Map();
  for (const cell of cells) {
    const name = `${cell.call} ${cell.disturbance}`;
    waves.set(name, [...(waves.get(name) ?? []), cell]);
  }
  return [...waves.values()];
}

async function runWave(hall, wave) {
  const [{ disturbance }] = wave;
  if (disturbance === 'full disk' && hall.disk === undefined) {
    return wave.map((cell) => ({
      ...cell,
      verdict: 'not run',
      end: '',
      what: ['this machine lets nobody mount a small disk.'],
    }));
  }
  const idPrefix = `${idOf(wave[0].call)}-${idOf(disturbance)}-`;
  const shows = wave.map((cell, index) => ({ cell, ...hall.booths[index], id: `${idPrefix}${idOf(cell.outcome)}` }));
  let isOver = false;
  const operator = operate(hall, idPrefix, () => isOver);
  await Promise.all(shows.map((show) => setUp(show)));
  const jobs = shows.map((show) => runShow(hall, show));
  await disturb(hall, disturbance, shows);
  const ended = Promise.all(jobs);
  await until(() => shows.every(({ hasEnded }) => hasEnded), END_LIMIT_MS);
  isOver = true;
  await operator;
  if (disturbance === 'terminate') await pause(QUIET_MS);
  await Promise.all(shows.map(({ account, id }) => reap(hall, account, `reap-${id}`)));
  const results = await Promise.all(shows.map((show) => judgeShow(hall, show)));
  // Whatever did not end must not meet the next wave.
  for (const { id, hasEnded } of shows) if (!hasEnded) await hall.client.temporal.workflow.getHandle(id).terminate();
  await ended;
  hall.disk?.free();
  await hall.deploy(THIS_RELEASE);
  return results;
}

async function judgeShow(hall, { cell, id, control, wasRefused, wasStruck }) {
  const evidence = await collectEvidence(hall, control, id);
  const { mayFailWith = [], mayBeCancelled = false, mayBeTerminated = false } = DISTURBANCES[cell.disturbance];
  const job = { id, kind: 'synthesize', shape: SHAPE, mayFailWith, mayBeCancelled, mayBeTerminated };
  const asked = {
    jobs: [job],
    references: hall.references,
    rateLimit: RATE_LIMIT,
    mayBeRefused: false,
    mayLeaveArtifacts: false,
  };
  const what = judge(evidence, asked).map((violation) => violation.what);
  const faults = await control.faults();
  const outcome = OUTCOMES[cell.outcome];
  const hasCome =
    outcome === undefined
      ? wasRefused === true
      : faults.some(({ rule, fitted }) => rule.kind === outcome.kind && rule.seconds === outcome.seconds && fitted > 0);
  if (!hasCome) what.push('The outcome never came: the cell shows nothing.');
  const [run] = evidence.runs;
  if (cell.disturbance === 'deploy' && wasStruck && run.patches === 0)
    what.push('The next release took no step in it.');
  const end = [
    run?.status.toLowerCase() ?? 'never started',
    run?.failure?.code,
    wasStruck === false ? '(before the disturbance)' : undefined,
  ];
  return { ...cell, verdict: what.length === 0 ? 'passed' : 'failed', end: end.filter(Boolean).join(' '), what };
}

const idOf = (name) => name.replace(/[^a-z0-9]+/gi, '-');
