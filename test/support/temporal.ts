/** The run's Temporal server, as one test file sees it: a namespace that no other file shares. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';

const USABLE_TIMEOUT_MS = 30_000;
const POLL_MS = 20;

export interface TestNamespace {
  address: string;
  namespace: string;
}

/** The CLI that the run's server was started with. */
export const testTemporalCli = (): string => fromGlobalSetup('TEST_TEMPORAL_CLI');

/** Makes a namespace; usable (a workflow can be started and listed) when it returns. */
export async function testNamespace(): Promise<TestNamespace> {
  const address = fromGlobalSetup('TEST_TEMPORAL_ADDRESS');
  const namespace = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
    const deadlineMs = Date.now() + USABLE_TIMEOUT_MS;
    for (;;) {
      try {
        // Each part of the server learns of a namespace by itself: frontend and visibility here, history by its own cache.
        await connection.workflowService.describeNamespace({ namespace });
        await connection.workflowService.countWorkflowExecutions({ namespace });
        return { address, namespace };
      } catch (cause) {
        if (Date.now() > deadlineMs) throw new Error(`The namespace ${namespace} did not become usable.`, { cause });
        await delay(POLL_MS);
      }
    }
  } finally {
    await connection.close();
  }
}

function fromGlobalSetup(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`${name} is not set: jest.config.mjs must name test/support/global-setup.mjs as globalSetup.`);
  return value;
}
