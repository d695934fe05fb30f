/**
 * What a namespace needs before jobs can run: our search attributes (an unregistered one stops every job at its first
 * stage) and the request budget of each API queue, kept by the server, so that no worker can forget it.
 */
import type { Client } from '@temporalio/client';
import { apiQueueOf, SEARCH_ATTRIBUTES } from '../contract/messages.js';

/** temporal.api.enums.v1.IndexedValueType, and the CLI's word for it. */
const VALUE_TYPES = { KEYWORD: [2, 'Keyword'], INT: [3, 'Int'] } as const;
/** temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY */
const ACTIVITY_QUEUE = 2;
const UNIMPLEMENTED = 12;

type OurAttribute = (typeof SEARCH_ATTRIBUTES)[keyof typeof SEARCH_ATTRIBUTES];

/** @returns those that are not registered yet */
export async function missingSearchAttributes(client: Client): Promise<OurAttribute[]> {
  const { namespace } = client.options;
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  return Object.values(SEARCH_ATTRIBUTES).filter(({ name }) => !Object.hasOwn(customAttributes ?? {}, name));
}

/** Registers what is missing. @throws Error with the commands to run, where this may not be done from here (Temporal Cloud) */
export async function registerSearchAttributes(client: Client): Promise<void> {
  const missing = await missingSearchAttributes(client);
  if (missing.length === 0) return;
  const { namespace } = client.options;
  try {
    const searchAttributes = Object.fromEntries(missing.map(({ name, type }) => [name, VALUE_TYPES[type][0]]));
    await client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    // Two workers that start at once both register; the second one finds nothing missing any more.
    if ((await missingSearchAttributes(client)).length === 0) return;
    const commands = missing.map(
      ({ name, type }) =>
        `temporal operator search-attribute create --namespace ${namespace} --name ${name} --type ${VALUE_TYPES[type][1]}`,
    );
    throw new Error(
      `The search attributes ${missing.map(({ name }) => name).join(', ')} are missing in namespace ${namespace} and could not be registered: ${(error as Error).message}. Run:\n${commands.join('\n')}`,
      { cause: error },
    );
  }
}

/**
 * Sets how many requests a second the account's queue hands out, over all workers. Survives restarts of the server.
 * @returns false where the server is too old for it (before 1.29): then the worker's own limit is what holds
 */
export async function setQueueRate(client: Client, account: string, requestsPerSecond: number): Promise<boolean> {
  try {
    await client.workflowService.updateTaskQueueConfig({
      namespace: client.options.namespace,
      identity: client.options.identity,
      taskQueue: apiQueueOf(account),
      taskQueueType: ACTIVITY_QUEUE,
      updateQueueRateLimit: { rateLimit: { requestsPerSecond }, reason: 'request budget of the DataXID account' },
    });
    return true;
  } catch (error) {
    if ((error as { code?: number }).code === UNIMPLEMENTED) return false;
    throw error;
  }
}
