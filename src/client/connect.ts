/** Reaching Temporal: the address, namespace, TLS and key that Temporal's own tools would use (@temporalio/envconfig). */
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { OrchestratorUnavailableError } from './errors.js';

/** The server is asked for this long before it counts as unreachable. */
const CONNECT_TIMEOUT_MS = 10_000;

/** @throws OrchestratorUnavailableError */
export async function connectClient(given: { address?: string; namespace?: string } = {}): Promise<Client> {
  const config = loadClientConnectConfig();
  const namespace = given.namespace ?? config.namespace ?? 'default';
  const options = { ...config.connectionOptions, ...(given.address === undefined ? {} : { address: given.address }) };
  try {
    const connection = await Connection.connect({ ...options, connectTimeout: CONNECT_TIMEOUT_MS });
    return new Client({ connection, namespace });
  } catch (error) {
    throw new OrchestratorUnavailableError(
      `Temporal does not answer at ${options.address ?? 'localhost:7233'}: ${(error as Error).message}. Check TEMPORAL_ADDRESS and the network.`,
      { cause: error },
    );
  }
}
