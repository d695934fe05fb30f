/**
 * Everything that can stand between a caller and Temporal, said in one error with a sentence for a person: nothing
 * listens, TLS or a key is refused, no answer in time, no such namespace. A bare gRPC status never reaches a caller.
 */
import { isGrpcServiceError, ServiceError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { OrchestratorUnavailableError } from './errors.js';

/** By gRPC status code: what it means for Temporal, and what to do. */
const MEANINGS: Readonly<Record<number, string>> = {
  1: 'the call was cut off. Ask again',
  4: 'no answer in time: the server is overloaded, or no worker answers. Check that a worker runs (`dxo doctor`)',
  7: 'permission denied. Check the API key, its rights on the namespace, and the namespace',
  8: 'the server limits requests. Ask again later, or more rarely',
  12: 'what answers is not Temporal, or too old. Check TEMPORAL_ADDRESS',
  14: 'nothing answers. Check TEMPORAL_ADDRESS, TLS and the network',
  16: 'the credentials were not accepted. Check TEMPORAL_API_KEY, or the client certificate',
};

/** Runs calls to Temporal. @param doing what they are for, as in "Temporal could not <doing>" */
export async function reaching<T>(doing: string, calls: () => Promise<T>): Promise<T> {
  try {
    return await calls();
  } catch (error) {
    throw unavailableOf(doing, error) ?? error;
  }
}

function unavailableOf(doing: string, error: unknown): OrchestratorUnavailableError | undefined {
  if (error instanceof NamespaceNotFoundError) {
    return new OrchestratorUnavailableError(
      `Temporal could not ${doing}: it has no namespace ${error.namespace}. Check TEMPORAL_NAMESPACE, or create it.`,
      { cause: error },
    );
  }
  const status = error instanceof ServiceError || isTimeout(error) ? error.cause : error;
  if (isGrpcServiceError(status)) {
    const meaning = MEANINGS[status.code] ?? status.details;
    return new OrchestratorUnavailableError(`Temporal could not ${doing}: ${withStop(meaning)}`, { cause: error });
  }
  if (error instanceof ServiceError || isTimeout(error)) {
    return new OrchestratorUnavailableError(`Temporal could not ${doing}: ${withStop(error.message)}`, {
      cause: error,
    });
  }
  return undefined;
}

const isTimeout = (error: unknown): error is WorkflowUpdateRPCTimeoutOrCancelledError =>
  error instanceof WorkflowUpdateRPCTimeoutOrCancelledError;

const withStop = (text: string): string => (text.endsWith('.') ? text : `${text}.`);
