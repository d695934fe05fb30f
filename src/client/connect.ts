/** Reaching Temporal: the address, namespace, TLS and key that Temporal's own tools would use (@temporalio/envconfig). */
import { Client, Connection, type TLSConfig } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { OrchestratorUnavailableError } from './errors.js';

/** The server is asked for this long before it counts as unreachable. */
const CONNECT_TIMEOUT_MS = 10_000;

/** What is given wins over the environment (TEMPORAL_…) and over the profile in temporal.toml. */
export interface ConnectOptions {
  /** `host:port`; default localhost:7233 */
  address?: string | undefined;
  /** Default: `default` */
  namespace?: string | undefined;
  /** Of Temporal Cloud. TLS is on with it, unless `tls` says false. */
  apiKey?: string | undefined;
  /** `true`, or certificates for mutual TLS. */
  tls?: TLSConfig | boolean | undefined;
}

/** @throws OrchestratorUnavailableError */
export async function connectClient(given: ConnectOptions = {}): Promise<Client> {
  const config = readConfig();
  const { namespace = config.namespace ?? 'default', ...chosen } = withoutUndefined(given);
  const options = { ...config.connectionOptions, ...chosen };
  const connection = Connection.lazy({ ...options, connectTimeout: CONNECT_TIMEOUT_MS });
  try {
    await connection.ensureConnected();
    return new Client({ connection, namespace });
  } catch (error) {
    // Else it goes on trying, and keeps the process alive.
    await connection.close();
    throw new OrchestratorUnavailableError(
      `Temporal does not answer at ${options.address ?? 'localhost:7233'}: ${reasonOf(error)}. Check TEMPORAL_ADDRESS, TLS, the API key and the network.`,
      { cause: error },
    );
  }
}

function readConfig(): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig();
  } catch (error) {
    throw new OrchestratorUnavailableError(
      `The settings of Temporal (TEMPORAL_…, temporal.toml) cannot be used: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/** gRPC's own words stand in the cause of the SDK's error. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: { details?: string } };
  return cause?.details ? `${message} (${cause.details})` : message;
}

function withoutUndefined(given: ConnectOptions): ConnectOptions {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
