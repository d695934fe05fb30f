/** `dxo jobs list`: a table of jobs. Where nothing was ever started there are none, and none is no error. */
import type { Client } from '@temporalio/client';
import { InvalidRequestError } from '../client/errors.js';
import type { JobDescription } from '../client/job-description.js';
import type { JobFilter } from '../client/list-query.js';
import { nextRequestOf } from '../client/next-request.js';
import { readBudget } from '../client/read-budget.js';
import { apisIn } from '../local/stack-files.js';
import { fleetOf, openSessionForJobs } from './session.js';
import { alignedTable, describeDuration, note, print, printJson } from './terminal.js';
import { printWebLinks } from './web-links.js';

export interface ListFlags {
  status?: JobFilter['status'];
  stage?: JobFilter['stage'];
  wait?: JobFilter['waitReason'];
  account?: string;
  table?: string;
  failure?: string;
  since?: string;
  limit?: string;
  /** An address where one is given, else true. */
  web?: string | true;
  json?: true;
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

export async function listJobs({ web, json, ...flags }: ListFlags): Promise<void> {
  const filter = filterOf(flags, new Date());
  const session = await openSessionForJobs(process.cwd(), process.env);
  if (session === undefined) {
    if (json) printJson({ jobs: [] });
    else print('no jobs: nothing was started in this folder (it has no .dxo), and TEMPORAL_ADDRESS is not set');
    return;
  }
  try {
    if (web !== undefined) {
      printWebLinks(session, filter, { webUi: web === true ? undefined : web, json });
      return;
    }
    const jobs = await withNextRequests(await session.client.list(filter), session.client.temporal);
    if (json) printJson({ jobs });
    else print(jobs.length === 0 ? 'no jobs' : tableOf(jobs, Date.now()));
    if (jobs.length === 0 && fleetOf() === undefined) await tellOtherApis(process.cwd());
  } finally {
    await session.close();
  }
}

/** A new shell without the key looks at the sandbox's jobs. */
async function tellOtherApis(folder: string): Promise<void> {
  const apis = await apisIn(folder);
  if (apis.length < 2) return;
  note(`this folder has jobs of ${apis.join(' and of ')}: DATAXID_API_KEY and DATAXID_BASE_URL say whose are meant`);
}

function filterOf({ wait, failure, since, limit, ...rest }: Omit<ListFlags, 'web' | 'json'>, now: Date): JobFilter {
  return {
    ...rest,
    waitReason: wait,
    failureCode: failure,
    startedAfter: since === undefined ? undefined : sinceOf(since, now),
    limit: limit === undefined ? undefined : Number(limit),
  };
}

/** @throws InvalidRequestError */
function sinceOf(text: string, now: Date): Date {
  const [, count, unit = ''] = /^(\d{1,9})([mhd])$/.exec(text) ?? [];
  const instant =
    count === undefined ? new Date(text) : new Date(now.getTime() - Number(count) * (UNITS_MS[unit] ?? 0));
  if (!Number.isNaN(instant.getTime())) return instant;
  throw new InvalidRequestError('--since must be like 30m, 24h, 7d, 2026-11-22 or 2026-11-22T06:00:00Z.', ['since']);
}

/** One look at the budget of each account. */
async function withNextRequests(jobs: readonly JobDescription[], temporal: Client): Promise<JobDescription[]> {
  const running = jobs.filter(({ status }) => status === 'RUNNING');
  const accounts = [...new Set(running.flatMap(({ account }) => account ?? []))];
  const budgets = new Map(
    await Promise.all(accounts.map(async (name) => [name, (await readBudget(temporal, name))?.state] as const)),
  );
  return jobs.map((job) => ({ ...job, ...nextRequestOf(budgets.get(job.account ?? ''), job.id) }));
}

function describeWait({
  waitReason,
  nextRequestAt,
  placeInBudget,
}: Pick<JobDescription, 'waitReason' | 'nextRequestAt' | 'placeInBudget'>): string {
  if (nextRequestAt !== undefined) {
    return `next request: ${nextRequestAt.toISOString().slice(11, 19)}, place ${placeInBudget}`;
  }
  return waitReason === undefined ? '' : `waits: ${waitReason}`;
}

function tableOf(jobs: readonly JobDescription[], nowMs: number): string {
  return alignedTable([
    ['ID', 'KIND', 'STATUS', 'STAGE', 'WHY', 'STARTED (UTC)', 'TOOK'],
    ...jobs.map(({ id, type, status, stage, waitReason, failureCode, startedAt, closedAt, ...rest }) => [
      id,
      type,
      status.toLowerCase(),
      stage ?? '',
      failureCode ?? (status === 'RUNNING' ? describeWait({ waitReason, ...rest }) : ''),
      startedAt.toISOString().slice(0, 19).replace('T', ' '),
      describeDuration((closedAt?.getTime() ?? nowMs) - startedAt.getTime()),
    ]),
  ]);
}
