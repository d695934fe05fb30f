/**
 * What `dxo doctor` looks at. Each finding is independent: one that fails hides no other. Nothing is started but what a
 * look needs, and nothing is spent but one request of the API's list call.
 */
import { access, constants, stat } from 'node:fs/promises';
import type { Client } from '@temporalio/client';
import { connectClient } from '../client/connect.js';
import { missingSearchAttributes } from '../client/prepare-namespace.js';
import { apiQueueOf, DATA_QUEUE, WORKFLOW_QUEUE } from '../contract/messages.js';
import { readSettings, type Settings } from '../settings.js';
import { chooseApi } from './api-choice.js';
import { ACTIVITY_POLLERS, pollersOf, WORKFLOW_POLLERS } from './pollers.js';
import { fleetOf, hasLocalState } from './session.js';

export interface Finding {
  subject: string;
  state: 'ok' | 'warn' | 'fail';
  detail: string;
  /** What to do; absent where nothing is to be done. */
  advice?: string;
}

/** package.json, engines. */
const NODE_MIN = [20, 18, 1] as const;

export async function examine(folder: string, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const settings = settingsOf(env);
  const findings = [nodeVersion(process.versions.node), ...(await temporal(folder, env)), await apiKey(env)];
  if ('subject' in settings) return [...findings, settings];
  return [...findings, await artifactStore(folder, settings), ...(await roots(settings))];
}

function settingsOf(env: NodeJS.ProcessEnv): Settings | Finding {
  try {
    return readSettings(env);
  } catch (error) {
    return failed('settings', error, 'Correct the variable; docs/settings.md lists them all.');
  }
}

export function nodeVersion(version: string): Finding {
  const parts = version.split('.').map(Number);
  const order = NODE_MIN.map((least, i) => Math.sign((parts[i] ?? 0) - least)).find((sign) => sign !== 0) ?? 0;
  return order < 0
    ? { subject: 'Node', state: 'fail', detail: version, advice: `Install Node ${NODE_MIN.join('.')} or later.` }
    : { subject: 'Node', state: 'ok', detail: version };
}

async function temporal(folder: string, env: NodeJS.ProcessEnv): Promise<Finding[]> {
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
    findings.push(await queueRate(client));
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
      detail: `missing: ${missing.join(', ')}`,
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

async function queueRate(client: Client): Promise<Finding> {
  const subject = `rate of ${apiQueueOf('default')}`;
  try {
    const { config } = await client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: apiQueueOf('default') },
      taskQueueType: ACTIVITY_POLLERS,
      reportConfig: true,
    });
    const rate = config?.queueRateLimit?.rateLimit?.requestsPerSecond;
    if (rate) return { subject, state: 'ok', detail: `${Number(rate.toFixed(4))} requests/s, kept by the server` };
    return {
      subject,
      state: 'warn',
      detail: 'not set on the server',
      advice: 'Start a worker: it sets DATAXID_REQUESTS_PER_SECOND. Servers before 1.29 cannot keep it.',
    };
  } catch (error) {
    return failed(subject, error, 'Check the permissions of this identity.');
  }
}

/** Its shape, then one cheap request: the first of the list of models. */
async function apiKey(env: NodeJS.ProcessEnv): Promise<Finding> {
  const subject = 'API key';
  try {
    const choice = await chooseApi(env);
    if (choice.kind === 'sandbox') {
      return { subject, state: 'ok', detail: 'none: local runs use the built-in sandbox' };
    }
    const [{ DataxidApi }, { DEFAULT_BASE_URL }] = await Promise.all([
      import('../api/dataxid-api.js'),
      import('../settings.js'),
    ]);
    const baseUrl = env.DATAXID_BASE_URL || DEFAULT_BASE_URL;
    const api = new DataxidApi({ baseUrl, apiKey: choice.env.DATAXID_API_KEY ?? '' });
    try {
      await api.listModels({ limit: 1 }, {});
      return { subject, state: 'ok', detail: `accepted by ${new URL(baseUrl).host}` };
    } finally {
      await api.close();
    }
  } catch (error) {
    return failed(subject, error, 'Check DATAXID_API_KEY and DATAXID_BASE_URL, and that this machine reaches the API.');
  }
}

async function artifactStore(folder: string, { DATAXID_ARTIFACTS: root }: Settings): Promise<Finding> {
  const subject = 'artifact store';
  try {
    const isThere = await stat(root).then(
      () => true,
      () => false,
    );
    if (!isThere) {
      await access(folder, constants.W_OK);
      return { subject, state: 'ok', detail: `${root} is made when needed` };
    }
    const { openLocalStore } = await import('../artifacts/artifact-store.js');
    await openLocalStore(root).check();
    return { subject, state: 'ok', detail: root };
  } catch (error) {
    return failed(subject, error, 'Let this user write there, or set DATAXID_ARTIFACTS to another folder.');
  }
}

async function roots({ DATAXID_READ_ROOTS, DATAXID_WRITE_ROOTS }: Settings): Promise<Finding[]> {
  if (fleetOf() === undefined) {
    return [{ subject: 'roots', state: 'ok', detail: 'local: a job may touch the files that its command names' }];
  }
  return [
    await rootsOf('DATAXID_READ_ROOTS', DATAXID_READ_ROOTS, constants.R_OK),
    await rootsOf('DATAXID_WRITE_ROOTS', DATAXID_WRITE_ROOTS, constants.W_OK),
  ];
}

async function rootsOf(subject: string, paths: readonly string[], mode: number): Promise<Finding> {
  if (paths.length === 0) {
    return {
      subject,
      state: 'warn',
      detail: 'none in this environment',
      advice: `A worker with this environment touches no file: set ${subject} where the workers run.`,
    };
  }
  const checks = await Promise.allSettled(paths.map((path) => access(path, mode)));
  const wrong = paths.filter((_, i) => checks[i]?.status === 'rejected');
  return wrong.length === 0
    ? { subject, state: 'ok', detail: paths.join(', ') }
    : {
        subject,
        state: 'fail',
        detail: `not usable: ${wrong.join(', ')}`,
        advice: 'Make the folders, or correct the setting.',
      };
}

function failed(subject: string, error: unknown, advice: string): Finding {
  return { subject, state: 'fail', detail: (error as Error).message, advice };
}
