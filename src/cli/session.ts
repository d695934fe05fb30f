/**
 * Where Temporal is. With TEMPORAL_ADDRESS or a profile in temporal.toml: that server and its own fleet of workers.
 * Otherwise the local stack of the current folder, started if it is not there, which goes on while a job runs.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { OrchestratorUnavailableError } from '../client/errors.js';
import { SynthesisClient } from '../client/synthesis-client.js';
import { InputError } from '../contract/input-error.js';
import { WORKFLOW_QUEUE } from '../contract/messages.js';
import type { LocalStackDescription } from '../local/local-stack.js';
import { requireOptionalParts } from '../optional-parts.js';
import { type ApiChoice, chooseApi } from './api-choice.js';
import { pollersOf, WORKFLOW_POLLERS } from './pollers.js';
import { note } from './terminal.js';

export interface Session {
  client: SynthesisClient;
  /** Where a person can look at a job; unknown for a server that we did not start. */
  linkOf(jobId: string): string | undefined;
  /** Before a job starts: the local worker may touch exactly these paths; a fleet has a worker, and roots of its own.
   * @throws OrchestratorUnavailableError if nobody would take the job */
  makeReadyFor(paths: { read?: string; write?: string }): Promise<void>;
  /** Lets go of Temporal and of the stack, which ends by itself once no job runs. */
  close(): Promise<void>;
}

export type Place =
  | { kind: 'fleet'; address: string; namespace: string }
  | ({ kind: 'local' } & Pick<ApiChoice, 'env'>);

/** Decides where jobs will run, and starts nothing. @throws InputError where the environment contradicts itself */
export async function choosePlace(env: NodeJS.ProcessEnv): Promise<Place> {
  const fleet = fleetOf();
  if (fleet !== undefined) return fleet;
  const choice = await chooseApi(env);
  if (choice.kind === 'sandbox') {
    note('no DATAXID_API_KEY: using the built-in sandbox, an emulator with no privacy guarantee');
  }
  return { kind: 'local', env: choice.env };
}

/** The server that TEMPORAL_ADDRESS or a profile names, if one does. */
export function fleetOf(): (Place & { kind: 'fleet' }) | undefined {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const { address } = connectionOptions;
  return address ? { kind: 'fleet', address, namespace: namespace ?? 'default' } : undefined;
}

/** @throws OrchestratorUnavailableError */
export async function openSession(place: Place, folder: string): Promise<Session> {
  return place.kind === 'fleet' ? openFleet() : openLocal(folder, place.env);
}

/** Whether this folder has had a local stack: looking at jobs of a folder that never had one starts nothing. */
export async function hasLocalState(folder: string): Promise<boolean> {
  return stat(join(folder, '.dxo')).then(
    () => true,
    () => false,
  );
}

/**
 * To look at jobs and steer them. A stack that runs is used as it is, whatever settings it was started with, and held
 * while it is used; a folder that never had one has no jobs.
 * @throws OrchestratorUnavailableError
 */
export async function openSessionForJobs(folder: string, env: NodeJS.ProcessEnv): Promise<Session | undefined> {
  if (fleetOf() !== undefined) return openFleet();
  if (!(await hasLocalState(folder))) return undefined;
  return openLocal(folder, (await chooseApi(env)).env, { asItRuns: true });
}

async function openFleet(): Promise<Session> {
  const client = await SynthesisClient.connect();
  return {
    client,
    linkOf: () => undefined,
    makeReadyFor: async () => {
      if ((await pollersOf(client.temporal, WORKFLOW_QUEUE, WORKFLOW_POLLERS)) > 0) return;
      throw new OrchestratorUnavailableError(
        `No worker polls ${WORKFLOW_QUEUE} in namespace ${client.temporal.options.namespace}: start one (\`dxo worker\`), or unset TEMPORAL_ADDRESS to use a local stack. \`dxo doctor\` shows more.`,
      );
    },
    close: () => client.close(),
  };
}

async function openLocal(folder: string, env: NodeJS.ProcessEnv, { asItRuns = false } = {}): Promise<Session> {
  requireOptionalParts();
  const { attachLocalStack } = await import('../local/local-stack.js');
  const { stack, detach } = await reachable(
    attachLocalStack({ folder, env, sandbox: sandboxOf(env), asItRuns, report: note }),
  );
  return sessionOf(folder, stack, detach);
}

async function sessionOf(
  folder: string,
  { address, namespace, uiUrl }: LocalStackDescription,
  detach: () => Promise<void>,
): Promise<Session> {
  const client = SynthesisClient.using(new Client({ connection: await Connection.connect({ address }), namespace }));
  return {
    client,
    linkOf: (jobId) => `${uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(jobId)}`,
    makeReadyFor: async ({ read, write }) => {
      const { grant } = await import('../artifacts/grants.js');
      await grant(join(folder, '.dxo', 'grants.jsonl'), [
        ...(read === undefined ? [] : [{ read }]),
        ...(write === undefined ? [] : [{ write }]),
      ]);
    },
    close: async () => {
      await client.close();
      await detach();
    },
  };
}

/** A stack that does not start is a thing that cannot be reached, in the sentence of whoever found out. */
export async function reachable<T>(attaching: Promise<T>): Promise<T> {
  try {
    return await attaching;
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new OrchestratorUnavailableError((error as Error).message, { cause: error });
  }
}

/** DXO_SANDBOX_SPEED: how many times faster than the clock the sandbox's time runs; for trying things out. */
export function sandboxOf(env: NodeJS.ProcessEnv): { speed?: number } {
  if (!env.DXO_SANDBOX_SPEED) return {};
  const speed = Number(env.DXO_SANDBOX_SPEED);
  if (speed > 0 && Number.isFinite(speed)) return { speed };
  throw new InputError('request_invalid', 'DXO_SANDBOX_SPEED must be a number above 0.', 'DXO_SANDBOX_SPEED');
}
