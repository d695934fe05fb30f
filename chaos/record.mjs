/**
 * What was last run, kept in a file so that parts of the matrix can be run and merged, each under the day and the versions of its run:
 * `{runs: [{ran, cells: {name: {verdict, end, what}}}], seeds: [{from, count, jobs, requests, faults, ends, blows, seconds, violations, ran, isFollowed}]}`,
 * where a passed cell is only its end, and ends and blows are counts by name.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { nameOf } from './cells.mjs';
import { reliabilityPage } from './reliability-page.mjs';

const RECORD = new URL('./record.json', import.meta.url);
const PAGE = new URL('../docs/reliability.md', import.meta.url);

/** @param results of runCells @param ran when and by what, as ranBy says */
export function recordCells(results, ran) {
  const { runs, ...rest } = readJson(RECORD);
  const run = runs.find((one) => one.ran === ran) ?? { ran, cells: {} };
  for (const { verdict, end, what, ...cell } of results) {
    for (const { cells } of runs) delete cells[nameOf(cell)];
    run.cells[nameOf(cell)] = verdict === 'passed' ? end : { verdict, end, what };
  }
  const others = runs.filter((one) => one !== run && Object.keys(one.cells).length > 0);
  keep({ runs: [...others, run], ...rest });
}

/** A run from the same first seed is replaced. @param run what runSeeds returns, and `from` */
export function recordSeeds(run) {
  const { seeds, ...rest } = readJson(RECORD);
  const others = seeds.filter(({ from }) => from !== run.from);
  keep({ ...rest, seeds: [...others, run].sort((one, other) => one.from - other.from) });
}

function keep(record) {
  writeFileSync(RECORD, `${JSON.stringify(record, null, 2)}\n`);
  writeFileSync(PAGE, reliabilityPage(record));
}

/** The day, and the versions of all that took part. @param temporal a client of the server */
export async function ranBy(temporal) {
  const { version } = readJson(new URL('../package.json', import.meta.url));
  const sdk = readJson(new URL('../node_modules/@temporalio/worker/package.json', import.meta.url)).version;
  const { serverVersion } = await temporal.workflowService.getSystemInfo({});
  const day = new Date().toISOString().slice(0, 10);
  return `${day}, release ${version}, Temporal server ${serverVersion}, SDK ${sdk}, Node ${process.versions.node}`;
}

const readJson = (url) => JSON.parse(readFileSync(url, 'utf8'));
