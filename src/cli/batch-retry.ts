/**
 * `dxo batch retry`: a new batch of the items that are not done, as the ended batch had read them (the manifest may have
 * changed since). Its manifest of outputs has all items, those done before included, and replaces the old one. The id
 * follows from the old one, so that a retry that is asked for twice runs once.
 */
import { resolve } from 'node:path';
import { InvalidRequestError, JobNotFoundError } from '../client/errors.js';
import { batchRequestSchema } from '../contract/batch.js';
import { memoOfBatch } from './batch-memo.js';
import { numberOf } from './batch-request.js';
import { followToEnd } from './batch-run.js';
import { pathOf } from './check-input.js';
import type { ExitCode } from './exit-codes.js';
import { openSessionForJobs } from './session.js';
import { statusOfJob } from './status-of-job.js';
import { note } from './terminal.js';

/** @throws the errors of exitCodeOf */
export async function retryBatch(
  id: string,
  flags: { output?: string; atOnce?: string; detach?: true; json?: true },
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<ExitCode> {
  const session = await openSessionForJobs(folder, env);
  if (session === undefined) throw new JobNotFoundError(id);
  try {
    await session.client.getHandle(id);
    const { memo, description } = await memoOfBatch(session.client.temporal, id);
    if (description.status === 'RUNNING') {
      throw new InvalidRequestError(`${id} still runs: wait for its end, or cancel it (dxo jobs cancel ${id}).`, [
        'id',
      ]);
    }
    const { items, outcomes } = memo ?? {};
    if (memo === undefined || items === undefined) {
      const why = memo === undefined ? 'it never read its manifest: run it anew' : 'all of its items are done';
      throw new InvalidRequestError(`There is nothing of ${id} to retry: ${why}.`, ['id']);
    }
    // The old deadline is likely what ended it.
    const { deadline: _, ...request } = memo.request;
    const uri = flags.output === undefined ? request.output.uri : resolve(folder, flags.output);
    const parsed = batchRequestSchema.safeParse({
      ...request,
      output: { uri, overwrite: flags.output === undefined || request.output.overwrite },
      policy: { ...request.policy, ...(flags.atOnce === undefined ? {} : { atOnce: numberOf(flags.atOnce) }) },
      retryOf: { items, ...(outcomes === undefined ? {} : { outcomes }) },
    });
    if (!parsed.success)
      throw new InvalidRequestError(`--at-once: ${parsed.error.issues[0]?.message}`, ['policy.atOnce']);
    await session.makeReadyFor({ write: pathOf(uri) });
    const retryId = nextIdOf(id);
    const before = await statusOfJob(session, retryId);
    const handle = await session.client.batch(parsed.data, { id: retryId });
    note(
      before === undefined
        ? `batch ${retryId} started: what ${id} has not done`
        : `batch ${retryId} is the retry of ${id} already (${before.toLowerCase()}): nothing new is started`,
    );
    return await followToEnd(handle, session, flags);
  } finally {
    await session.close();
  }
}

/** `nightly`, `nightly-retry-1`, `nightly-retry-2`, … */
function nextIdOf(id: string): string {
  const [, base = id, number = '0'] = /^(.*)-retry-(\d+)$/.exec(id) ?? [];
  return `${base}-retry-${Number(number) + 1}`;
}
