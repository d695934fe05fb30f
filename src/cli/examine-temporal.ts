/**
 * The Temporal side of `dxo doctor`: the server that jobs would run on, what is registered there, and who polls. Where
 * nothing runs yet, the program that would be started.
 */
import type { Client } from '@temporalio/client';
import { connectClient } from '../client/connect.js';
import { missingSearchAttributes } from '../client/prepare-namespace.js';
import { readBudget } from '../client/read-budget.js';
import { apiQueueOf, DATA_QUEUE, WORKFLOW_QUEUE } from '../contract/messages.js';
import { type Finding, failed } from './finding.js';
import { ACTIVITY_POLLERS, pollersOf, WORKFLOW_POLLERS } from './pollers.js';
import { describeBudget } from './render-budget.js';
import { fleetOf, hasLocalState } from './session.js';

export async function examineTemporal(folder: string, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const fleet = fleetOf();
  if (fleet !== undefined) return server('Temporal', {});
  const { describeLocalStack } = await import('../local/local-stack.js');
  const stack = (await hasLocalState(folder)) ? await describeLocalStack(folder) : undefined;
  if (stack !== undefined)
    return server('Temporal (local stack)', { address: stack.address, namespace: stack.namespace });
  return [await temporalCli(env)];
}

/** Nothing runs here, so what is looked for is the program that would be started. */
async function temporalCli(env: NodeJS.ProcessEnv): Promise<Finding> {
  const subject = 'Temporal';
  try {
    const [{ findTemporalCli }, { cacheFolderOf }] = await Promise.all([
      import('../devserver/find-temporal-cli.js'),
      import('../devserver/cache-folder.js'),
    ]);
    const { path, source } = await findTemporalCli({ env, cacheFolder: cacheFolderOf(env) });
    return {
      subject,
      state: 'ok',
      detail: `local: nothing runs in this folder; ${path} (${source}) is started when needed`,
    };
  } catch (error) {
    return failed(subject, error, 'Install the Temporal CLI, or set TEMPORAL_ADDRESS to a server.');
  }
}

async function server(subject: string, given: { address?: string; namespace?: string }): Promise<Finding[]> {
  let client: Client;
  try {
    client = await connectClient(given);
  } catch (error) {
    return [failed(subject, error, 'Start the server, or correct TEMPORAL_ADDRESS.')];
  }
  try {
    const { namespace } = client.options;
    const findings = [await namespaceOf(client)];
    if (findings[0]?.state === 'fail') return findings;
    findings.push({ subject, state: 'ok', detail: `answers, namespace ${namespace}` });
    findings.push(await searchAttributes(client));
    for (const [queue, type] of QUEUES) findings.push(await pollers(client, queue, type));
    findings.push(await requestBudget(client));
    return findings;
  } finally {
    await client.connection.close();
  }
}

const QUEUES = [
  [WORKFLOW_QUEUE, WORKFLOW_POLLERS],
  [DATA_QUEUE, ACTIVITY_POLLERS],
  [apiQueueOf('default'), ACTIVITY_POLLERS],
] as const;

async function namespaceOf(client: Client): Promise<Finding> {
  const { namespace } = client.options;
  try {
    await client.workflowService.describeNamespace({ namespace });
    return { subject: 'namespace', state: 'ok', detail: namespace };
  } catch (error) {
    return failed('namespace', error, `Create it: temporal operator namespace create ${namespace}`);
  }
}

async function searchAttributes(client: Client): Promise<Finding> {
  const subject = 'search attributes';
  try {
    const missing = await missingSearchAttributes(client);
    if (missing.length === 0) return { subject, state: 'ok', detail: 'registered' };
    return {
      subject,
      state: 'warn',
      detail: `missing: ${missing.map(({ name }) => name).join(', ')}`,
      advice: 'Start a worker: it registers them, or prints the commands where it may not.',
    };
  } catch (error) {
    return failed(subject, error, 'Allow this identity to read the operator service, or ask who may.');
  }
}

async function pollers(client: Client, queue: string, type: 1 | 2): Promise<Finding> {
  const subject = `workers on ${queue}`;
  try {
    const count = await pollersOf(client, queue, type);
    if (count > 0) return { subject, state: 'ok', detail: `${count} polling` };
    return {
      subject,
      state: 'fail',
      detail: 'nobody polls',
      advice: 'Start a worker (`dxo worker`): jobs would wait for ever.',
    };
  } catch (error) {
    return failed(subject, error, 'Check the permissions of this identity.');
  }
}

async function requestBudget(client: Client): Promise<Finding> {
  const subject = 'request budget';
  try {
    const budget = await readBudget(client, 'default');
    if (budget?.state !== undefined) {
      const { state, spender } = budget;
      return { subject, state: 'ok', detail: `${describeBudget(state)}; spent by ${spender}` };
    }
    return {
      subject,
      state: 'warn',
      detail: 'nobody spends it',
      advice: 'Start a worker: one of those that run spends the budget of all, another takes over within seconds.',
    };
  } catch (error) {
    return failed(subject, error, 'Check the permissions of this identity.');
  }
}
