/**
 * From flags to a followed job: the same way for synthesize, train and generate. Bad input starts nothing. A job that
 * already runs under the id is attached to, even when the files of the request are no longer as they were when it began.
 */
import { randomBytes } from 'node:crypto';
import { basename, extname } from 'node:path';
import type { z } from 'zod';
import { InvalidRequestError, JobExistsError, JobNotFoundError } from '../client/errors.js';
import type { JobHandle } from '../client/job-handle.js';
import type { SynthesisClient } from '../client/synthesis-client.js';
import { jobIdOf, jobIdSchema } from '../contract/ids.js';
import { InputError } from '../contract/input-error.js';
import type { JobKind, REQUEST_SCHEMAS } from '../contract/requests.js';
import type { GenerateResult, SynthesizeResult, TrainResult } from '../contract/results.js';
import { accessOf, checkInput, type FilesOfRequest } from './check-input.js';
import type { RunFlags } from './command-options.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { followJob } from './follow-job.js';
import { printResult } from './print-result.js';
import { type RequestFlags, requestOf } from './request-options.js';
import { choosePlace, hasLocalState, openSession, type Place, type Session } from './session.js';
import { note, printJson } from './terminal.js';

type RequestOf<K extends JobKind> = z.output<(typeof REQUEST_SCHEMAS)[K]>;
interface ResultOf {
  synthesize: SynthesizeResult;
  train: TrainResult;
  generate: GenerateResult;
}

export interface JobToRun<K extends JobKind> {
  kind: K;
  /** The table, where it is not in the request. */
  file?: string | undefined;
  flags: RequestFlags & RunFlags;
  folder: string;
  env: NodeJS.ProcessEnv;
  /** Default: as the environment says. */
  place?: Place;
  /** Called when the result is printed, before the session ends. */
  onResult?: (result: ResultOf[K]) => Promise<void>;
}

const START: {
  [K in JobKind]: (client: SynthesisClient, request: RequestOf<K>, id: string) => Promise<JobHandle<ResultOf[K]>>;
} = {
  synthesize: (client, request, id) => client.synthesize(request, { id, onConflict: 'restart' }),
  train: (client, request, id) => client.train(request, { id, onConflict: 'restart' }),
  generate: (client, request, id) => client.generate(request, { id, onConflict: 'restart' }),
};

/** @throws the errors of exitCodeOf */
export async function runJob<K extends JobKind>({ kind, flags, folder, ...job }: JobToRun<K>): Promise<ExitCode> {
  const request = await requestOf(kind, job.file, flags, folder);
  const id = flags.id ?? jobIdOf(kind, nameOf(request), new Date(), randomBytes(2).toString('hex'));
  const idCheck = jobIdSchema.safeParse(id);
  if (!idCheck.success) throw new InvalidRequestError(`--id: ${idCheck.error.issues[0]?.message}`, ['id']);
  const place = job.place ?? (await choosePlace(job.env));
  const fault = await faultOf(place, request);
  const mayRunAlready = flags.id !== undefined && (place.kind === 'fleet' || (await hasLocalState(folder)));
  if (fault !== undefined && !mayRunAlready) throw fault;

  const session = await openSession(place, folder);
  try {
    let handle = mayRunAlready ? await runningJob<K>(session, kind, id) : undefined;
    if (handle !== undefined) {
      note(`attached to the job that already runs: ${id}`);
    } else {
      if (fault !== undefined) throw fault;
      for (const paths of pathsOf(request)) await session.makeReadyFor(paths);
      handle = await START[kind](session.client, request, id);
      note(`job ${id} started`);
    }
    return await followToResult(handle, session, flags, job.onResult);
  } finally {
    await session.close();
  }
}

/** From a started job on, for every kind and for a retry. */
export async function followToResult<Result extends SynthesizeResult | TrainResult | GenerateResult>(
  handle: JobHandle<Result>,
  session: Session,
  flags: Pick<RunFlags, 'detach' | 'json'>,
  onResult?: (result: Result) => Promise<void>,
): Promise<ExitCode> {
  const { id } = handle;
  const link = session.linkOf(id);
  if (link !== undefined) note(`Temporal Web UI: ${link} (until the job ends; \`dxo dev\` keeps it open)`);
  if (flags.detach) return sayDetached(id, flags, EXIT.done);
  const followed = await followJob(handle);
  if (followed.end === 'detached') return sayDetached(id, flags, EXIT.detached);
  if (flags.json) printJson(followed.result);
  else printResult(followed.result);
  await onResult?.(followed.result);
  return EXIT.done;
}

/** What is wrong with the files, as far as this machine can tell; a fleet's workers see other files than we do. */
async function faultOf(place: Place, request: FilesOfRequest): Promise<InputError | undefined> {
  if (place.kind === 'fleet') return undefined;
  try {
    await checkInput(request);
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

async function runningJob<K extends JobKind>(
  session: Session,
  kind: K,
  id: string,
): Promise<JobHandle<ResultOf[K]> | undefined> {
  try {
    const handle = await session.client.getHandle(id);
    const { status, type } = await handle.describe();
    if (status !== 'RUNNING') return undefined;
    if (type !== kind) throw new JobExistsError(id, type);
    return handle as JobHandle<ResultOf[K]>;
  } catch (error) {
    if (error instanceof JobNotFoundError) return undefined;
    throw error;
  }
}

export function sayDetached(id: string, { json }: { json?: true }, code: ExitCode): ExitCode {
  note(
    [
      `job ${id} goes on in the background`,
      `  follow: dxo jobs wait ${id}`,
      `  cancel: dxo jobs cancel ${id}`,
      `  resume (if it is held): dxo jobs resume ${id}`,
    ].join('\n'),
  );
  if (json) printJson({ id, detached: true });
  return code;
}

function pathsOf(request: FilesOfRequest): { read?: string; write?: string }[] {
  const { readRoots, writeRoots } = accessOf(request);
  return [...readRoots.map((read) => ({ read })), ...writeRoots.map((write) => ({ write }))];
}

/** The table, or for `generate` the model, as the job's id shows it. */
function nameOf({ table, trained }: FilesOfRequest & { trained?: { modelId: string } }): string {
  return table === undefined ? (trained?.modelId ?? '') : basename(table.uri, extname(table.uri));
}
