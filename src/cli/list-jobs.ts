/** `dxo jobs list`: a table of jobs. Where nothing was ever started there are none, and none is no error. */
import { InvalidRequestError } from '../client/errors.js';
import type { JobListItem } from '../client/synthesis-client.js';
import { openSessionForJobs } from './session.js';
import { alignedTable, describeDuration, print, printJson } from './terminal.js';

const LIMIT_MAX = 10_000;

export async function listJobs(flags: { status?: string; limit?: string; json?: true }): Promise<void> {
  const limit = flags.limit === undefined ? undefined : Number(flags.limit);
  if (limit !== undefined && !(Number.isInteger(limit) && 1 <= limit && limit <= LIMIT_MAX)) {
    throw new InvalidRequestError(`--limit must be a whole number from 1 to ${LIMIT_MAX}.`, ['limit']);
  }
  const session = await openSessionForJobs(process.cwd(), process.env);
  if (session === undefined) {
    if (flags.json) printJson({ jobs: [] });
    else print('no jobs: nothing was started in this folder (it has no .dxo), and TEMPORAL_ADDRESS is not set');
    return;
  }
  try {
    const jobs = await session.client.list({ ...(flags.status === undefined ? {} : { status: flags.status }), limit });
    if (flags.json) printJson({ jobs });
    else print(jobs.length === 0 ? 'no jobs' : tableOf(jobs, Date.now()));
  } finally {
    await session.close();
  }
}

function tableOf(jobs: readonly JobListItem[], nowMs: number): string {
  return alignedTable([
    ['ID', 'KIND', 'STATUS', 'STAGE', 'STARTED', 'TOOK'],
    ...jobs.map(({ id, type, status, stage, startedAt, closedAt }) => [
      id,
      type,
      status.toLowerCase(),
      stage ?? '',
      startedAt.toISOString().slice(0, 19),
      describeDuration((closedAt?.getTime() ?? nowMs) - startedAt.getTime()),
    ]),
  ]);
}
