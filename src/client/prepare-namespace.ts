/**
 * What a namespace needs before jobs can run: our search attributes (an unregistered one stops every job at its first
 * stage), and no rate on the API queues.
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
 * Earlier releases kept the request budget as a rate of the queue, which survives on the server: it would slow down what
 * counts requests itself. A server before 1.29 has none to remove.
 */
export async function removeQueueRate(client: Client, account: string): Promise<void> {
  try {
    await client.workflowService.updateTaskQueueConfig({
      namespace: client.options.namespace,
      identity: client.options.identity,
      taskQueue: apiQueueOf(account),
      taskQueueType: ACTIVITY_QUEUE,
      updateQueueRateLimit: { reason: 'the worker that spends the request budget counts requests itself' },
    });
  } catch (error) {
    if ((error as { code?: number }).code !== UNIMPLEMENTED) throw error;
  }
}
