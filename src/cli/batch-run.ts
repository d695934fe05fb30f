/**
 * `dxo batch run`: from flags to a followed batch. On a local stack the manifest is read here first: a fault starts
 * nothing, and the local worker is allowed exactly the tables and outputs that the items name.
 */
import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { grant } from '../artifacts/grants.js';
import { InvalidRequestError } from '../client/errors.js';
import type { JobHandle } from '../client/job-handle.js';
import type { BatchRequest } from '../contract/batch.js';
import type { BatchResult, BatchStatus } from '../contract/batch-results.js';
import { jobIdOf, jobIdSchema } from '../contract/ids.js';
import { InputError } from '../contract/input-error.js';
import { pathsOfItem } from '../manifest/read-items.js';
import { followBatch } from './batch-follow.js';
import { itemsOf } from './batch-manifest.js';
import { printBatchResult } from './batch-print.js';
import { type BatchFlags, batchRequestOf } from './batch-request.js';
import { pathOf } from './check-input.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { choosePlace, openSession, type Session } from './session.js';
import { statusOfJob } from './status-of-job.js';
import { note, printJson } from './terminal.js';

/** @throws the errors of exitCodeOf */
export async function runBatch(
  manifest: string,
  flags: BatchFlags,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<ExitCode> {
  const request = await batchRequestOf(manifest, flags, folder);
  const name = basename(manifest, extname(manifest));
  const id = flags.id ?? jobIdOf('batch', name, new Date(), randomBytes(2).toString('hex'));
  const idCheck = jobIdSchema.safeParse(id);
  if (!idCheck.success) throw new InvalidRequestError(`--id: ${idCheck.error.issues[0]?.message}`, ['id']);
  const place = await choosePlace(env);
  const items = place.kind === 'local' ? await itemsOf(request) : [];
  const session = await openSession(place, folder);
  try {
    const isRunning = (await statusOfJob(session, id)) === 'RUNNING';
    if (place.kind === 'local' && !isRunning) {
      await refuseTakenOutput(request);
      await grant(join(folder, '.dxo', 'grants.jsonl'), items.flatMap(pathsOfItem));
    }
    await session.makeReadyFor({ read: pathOf(request.manifest.uri), write: pathOf(request.output.uri) });
    const handle = await session.client.batch(request, { id, onConflict: 'restart' });
    note(isRunning ? `attached to the batch that already runs: ${id}` : `batch ${id} started`);
    return await followToEnd(handle, session, flags);
  } finally {
    await session.close();
  }
}

/** Said before anything starts. @throws InputError output_exists */
async function refuseTakenOutput({ output }: BatchRequest): Promise<void> {
  const path = pathOf(output.uri);
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (!isThere || output.overwrite) return;
  throw new InputError(
    'output_exists',
    `${path} exists and is left as it is; name another file, or allow to overwrite it (--overwrite).`,
    'output.uri',
  );
}

/** From a started batch on, for `run` and `retry`. */
export async function followToEnd(
  handle: JobHandle<BatchResult, BatchStatus>,
  session: Session,
  flags: { detach?: true; json?: true },
): Promise<ExitCode> {
  const { id } = handle;
  const link = session.linkOf(id);
  if (link !== undefined) note(`Temporal Web UI: ${link} (until the batch ends; \`dxo dev\` keeps it open)`);
  return flags.detach ? sayBatchDetached(id, flags, EXIT.done) : followBatchToEnd(handle, flags);
}

/** @throws the errors of exitCodeOf */
export async function followBatchToEnd(
  handle: JobHandle<BatchResult, BatchStatus>,
  flags: { json?: true },
): Promise<ExitCode> {
  const { id } = handle;
  const followed = await followBatch(handle);
  if (followed.end === 'detached') return sayBatchDetached(id, flags, EXIT.detached);
  const { result } = followed;
  if (flags.json) printJson({ id, ...result });
  else printBatchResult(id, result);
  return result.counts.done === result.counts.items ? EXIT.done : EXIT.failed;
}

function sayBatchDetached(id: string, flags: { json?: true }, code: ExitCode): ExitCode {
  note(
    [
      `batch ${id} goes on in the background`,
      `  follow: dxo jobs wait ${id}`,
      `  how far it is, and what failed: dxo batch status ${id}`,
      `  cancel: dxo jobs cancel ${id}`,
    ].join('\n'),
  );
  if (flags.json) printJson({ id, detached: true });
  return code;
}
