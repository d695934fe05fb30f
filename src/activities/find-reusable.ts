/**
 * What an ended job had done, for a retry of it: read from its history, and every artifact checked to be there and whole.
 * Where the job was a retry itself, what it had taken over counts as its own.
 */
import { getClient } from '@temporalio/activity';
import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import type { ArtifactStore } from '../artifacts/artifact-store.js';
import type { ArtifactRef } from '../contract/artifact.js';
import { InputError } from '../contract/input-error.js';
import { type JobKind, REQUEST_SCHEMAS } from '../contract/requests.js';
import type { RetryOf } from '../contract/retry.js';
import type { Reusable } from '../contract/reusable.js';
import { asScheduled, scheduledTimeOf } from '../contract/scheduled-request.js';
import { attempt } from './attempt.js';
import type { DataDeps } from './deps.js';
import { readJob } from './read-job.js';
import { stepsDoneBy } from './steps-done.js';

export interface FindReusableInput {
  kind: JobKind;
  retryOf: RetryOf;
  /** The retry's own. */
  request: object;
}

export const findReusable =
  ({ artifacts }: DataDeps) =>
  ({ kind, retryOf, request }: FindReusableInput): Promise<Reusable> =>
    attempt(async (signal) => {
      const client = getClient();
      const description = await describeEnded(client, kind, retryOf);
      const history = await readJob(client, retryOf.job, retryOf.runId);
      if (history === undefined) throw isGone(retryOf);
      checkSameRequest(kind, history.input, request, description);
      const done = stepsDoneBy(retryOf.job, history, Date.now());
      return await withWholeArtifacts(done, artifacts, signal);
    });

/** @throws InputError (request_invalid) */
async function describeEnded(
  client: Client,
  kind: JobKind,
  { job, runId }: RetryOf,
): Promise<WorkflowExecutionDescription> {
  try {
    const description = await client.workflow.getHandle(job, runId).describe();
    const { status, type } = description;
    if (type !== kind) throw refused(`${job} is a ${type} job, and this is to be a ${kind} job.`);
    if (status.name === 'RUNNING') throw refused(`${job} still runs: wait for its end, or cancel it.`);
    if (status.name === 'COMPLETED') throw refused(`${job} succeeded: there is nothing to retry.`);
    return description;
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw isGone({ job, runId });
  }
}

const refused = (message: string): InputError => new InputError('request_invalid', message, 'retryOf.job');

const isGone = ({ job, runId }: RetryOf): InputError =>
  refused(`Temporal does not know the run ${runId} of ${job} any more: start a new job.`);

/** What decides the bodies that were sent: with another table or seed, old chunks would not fit new ones. */
const MUST_BE_SAME = ['table', 'columns', 'model', 'seed', 'generation', 'trained', 'account'];

/** @throws InputError (request_invalid) that names the first difference */
function checkSameRequest(
  kind: JobKind,
  input: unknown,
  request: object,
  description: WorkflowExecutionDescription,
): void {
  const parsed = REQUEST_SCHEMAS[kind].safeParse(input);
  if (!parsed.success) throw refused('The request of the job is not one that this worker knows: start a new job.');
  const old = asScheduled<object & { seed?: number }>(parsed.data, scheduledTimeOf(description));
  const differs = (path: string): boolean => textAt(old, path) !== textAt(request, path);
  const different = [...MUST_BE_SAME, 'policy.rowsPerChunk'].find(differs);
  if (different === undefined) return;
  throw new InputError(
    'request_invalid',
    `A retry has the request of the job that it goes on with, and \`${different}\` differs: start a new job instead.`,
    different,
  );
}

function textAt(document: object, path: string): string {
  const value = path
    .split('.')
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], document);
  return (
    JSON.stringify(value, (_, member: unknown) =>
      typeof member === 'object' && member !== null && !Array.isArray(member)
        ? Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)))
        : member,
    ) ?? ''
  );
}

/** What is not there or not whole any more is left out, and told. */
async function withWholeArtifacts(
  { prepared, chunks, ...done }: Reusable,
  artifacts: ArtifactStore,
  signal: AbortSignal,
): Promise<Reusable> {
  const isWhole = async (ref: ArtifactRef): Promise<boolean> => {
    signal.throwIfAborted();
    return artifacts.localPath(ref).then(
      () => true,
      (error: unknown) => {
        if (error instanceof InputError) return false;
        throw error;
      },
    );
  };
  const gone = [...done.gone];
  const hasMetadata = prepared !== undefined && (await isWhole(prepared.metadata));
  const hasBodies = hasMetadata && (await isWhole(prepared.create)) && (await isWhole(prepared.upload));
  if (prepared !== undefined && !hasMetadata) gone.push('Its metadata, which decodes the rows, is gone.');
  if (hasMetadata && !hasBodies) gone.push('Its encoded table is gone.');
  const whole: Reusable['chunks'] = [];
  for (const { part, codes, ...chunk } of chunks) {
    if (part !== undefined && (await isWhole(part))) whole.push({ ...chunk, part });
    else if (codes !== undefined && (await isWhole(codes))) whole.push({ ...chunk, codes });
  }
  if (whole.length < chunks.length) gone.push(`${chunks.length - whole.length} chunks of rows are gone.`);
  return { ...done, ...(hasMetadata ? { prepared: { ...prepared, hasBodies } } : {}), chunks: whole, gone };
}
