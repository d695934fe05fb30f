/** docs/reliability.md, printed from the record of what was run. Pure. */

import { allCells, CALLS, DISTURBANCES, isSensible, nameOf, OUTCOMES, SENSELESS } from './cells.mjs';
import { FOUND } from './found.mjs';

/** @param record as record.mjs keeps it */
export function reliabilityPage({ runs, seeds }) {
  const all = allCells();
  const sensible = all.filter(isSensible);
  const results = Object.assign({}, ...runs.map(({ cells }) => cells));
  const resultOf = (cell) => {
    const result = results[nameOf(cell)] ?? { verdict: 'not run', end: '', what: [] };
    return typeof result === 'string' ? { verdict: 'passed', end: result, what: [] } : result;
  };
  const counted = (wanted, verdict) => wanted.filter((cell) => resultOf(cell).verdict === verdict).length;
  const share = (wanted) => (wanted.length === 0 ? '–' : `${counted(wanted, 'passed')}/${wanted.length}`);
  const failed = sensible.filter((cell) => resultOf(cell).verdict === 'failed');
  return [
    INTRODUCTION,
    '## The last run',
    '',
    `${sensible.length} cells: ${counted(sensible, 'passed')} passed, ${failed.length} failed, ${counted(sensible, 'not run')} not run; ${all.length - sensible.length} more make no sense (below).`,
    '',
    ...runs.map(({ ran, cells }) => `- ${Object.keys(cells).length} cells: ${ran}`),
    '',
    'Each number is cells passed of cells that make sense: over all disturbances in the first table, over all outcomes in the second.',
    '',
    ...table('outcome', Object.keys(OUTCOMES), (outcome, call) =>
      share(sensible.filter((cell) => cell.outcome === outcome && cell.call === call)),
    ),
    '',
    ...table('disturbance', Object.keys(DISTURBANCES), (disturbance, call) =>
      share(sensible.filter((cell) => cell.disturbance === disturbance && cell.call === call)),
    ),
    '',
    '## How the jobs ended',
    '',
    ...Object.keys(DISTURBANCES).map((disturbance) => {
      const ends = sensible.filter((cell) => cell.disturbance === disturbance).map((cell) => resultOf(cell).end);
      return `- ${disturbance}: ${talliesOf(ends.filter((end) => end !== ''))}`;
    }),
    '',
    '## Cells that failed',
    '',
    ...(failed.length === 0
      ? ['None.']
      : failed.map((cell) => `- ${nameOf(cell)}: ${withoutIds(resultOf(cell).what.join(' '))}`)),
    '',
    '## Cells that make no sense',
    '',
    ...SENSELESS.map(
      ({ call, outcome = 'any outcome', disturbance = 'any disturbance', because }) =>
        `- ${call} / ${outcome} / ${disturbance}: ${because}`,
    ),
    '',
    '## Seeds',
    '',
    `${sumOf(seeds, ({ count }) => count)} seeds, ${sumOf(seeds, ({ violations }) => violations.length)} violations. A seed ends with a reap, after which nothing may be alive.`,
    '',
    ...[...new Set(seeds.map(conditionsOf))].flatMap((conditions) =>
      seedsOf(seeds.filter((run) => conditionsOf(run) === conditions)),
    ),
    '',
    '## What has been found',
    '',
    ...FOUND.map(({ by, what, state }) => `- ${what} (${by}; ${state})`),
    '',
    NOT_COVERED,
  ].join('\n');
}

/** Seeds were neither followed nor replayed at first. */
const conditionsOf = ({ ran, isFollowed = false }) => `${ran}${isFollowed ? '; followed, steered, and replayed' : ''}`;

/** Runs of one day, one set of versions and one way to judge. */
function seedsOf(runs) {
  const sum = (name) => sumOf(runs, (run) => run[name]);
  const spans = [];
  for (const { from, count } of runs) {
    if (spans.at(-1)?.end === from) spans.at(-1).end += count;
    else spans.push({ from, end: from + count });
  }
  return [
    `- ${spans.map(({ from, end }) => `${from} to ${end - 1}`).join(', ')}: ${conditionsOf(runs[0])}`,
    `  - ${sum('jobs')} jobs: ${countsOf(runs.map(({ ends }) => ends))}`,
    `  - ${sum('requests')} requests, of which ${sum('faults')} met a fault`,
    `  - besides: ${countsOf(runs.map(({ blows }) => blows))}`,
    ...runs.flatMap(({ violations }) => violations),
  ];
}

/** @param counts by name, several to be added */
function countsOf(counts) {
  const names = [...new Set(counts.flatMap(Object.keys))].sort();
  return names.map((name) => `${sumOf(counts, (one) => one[name] ?? 0)} ${name}`).join(', ') || 'none';
}

function table(head, rows, cellOf) {
  const calls = Object.keys(CALLS);
  return [
    `| ${head} | ${calls.join(' | ')} |`,
    `| --- |${' --- |'.repeat(calls.length)}`,
    ...rows.map((row) => `| ${row} | ${calls.map((call) => cellOf(row, call)).join(' | ')} |`),
  ];
}

function talliesOf(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => `${count} ${value}`).join(', ') || 'not run';
}

const sumOf = (things, numberOf) => things.reduce((sum, thing) => sum + numberOf(thing), 0);
const withoutIds = (text) => text.replaceAll(/mdl_[0-9a-f]+/g, 'mdl_…');

const INTRODUCTION = `# Reliability

Printed by \`npm run chaos -- … --record\` from what it ran; do not edit. Every cell is a real job: workers, a Temporal server and the
sandbox as processes, requests on HTTP. The sandbox is not the service: what it guesses is in [sandbox.md](sandbox.md).

\`npm run chaos -- matrix\` runs all cells (\`--only create,…\`, \`--outcomes\`, \`--disturbances\`: some), \`npm run chaos -- --seed 1 --jobs 6 --seeds 20\` random jobs,
faults, kills and cancels, drawn from seeds. A full disk needs the right to mount.

A cell is a call × what becomes of its request × what else happens then. It passes when its job ends as it must and all of this holds,
judged from the sandbox's ledger and models, Temporal's histories and the files, never from the job's own result:

- every job ends; no workflow task of it fails for its code, and its history replays with the code that the workers run;
- one model and one training for each job; each chunk is billed once, and a finished job was billed exactly the rows it asked for;
- every idempotency key carried one body and was in history before it was sent;
- nothing is alive but what was asked to be kept, or what the job's failure names;
- never more requests than the limit in any window;
- the output is complete and equal, to the byte, to that of an undisturbed job of the same seed; nothing unfinished lies beside it;
- a failure is a sentence with a code of the API or of [errors.md](errors.md), and something that was done to the job explains it.

A seed's jobs are followed (asked where they are, twice a second) and steered (moved in the queue) while all that happens.

Kills of a worker come before the request (the call before has taken effect and its answer is on the way), during it (the outcome is that
of its repeat) and after its outcome (the next request is under way). A deploy replaces the workers by a build whose workflows take a
step more before every activity, behind \`patched\`. A full disk is the artifact store's. A corrupted artifact is all of a job's: a changed byte in each.
`;

const NOT_COVERED = `## Not covered

- The service itself, Temporal Cloud, a clustered server, its other databases; more than one machine, a network that is split.
- A power cut: files are synced, but nobody pulled the plug. A full disk under the output or the server's database.
- Cells have one job of one chunk each; several chunks, batches and kept models are in the seeds.
`;
