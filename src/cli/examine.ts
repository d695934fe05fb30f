/**
 * What `dxo doctor` looks at. Each finding is independent: one that fails hides no other. Nothing is started but what a
 * look needs, and nothing is spent but one request of the API's list call.
 */
import { access, constants, stat } from 'node:fs/promises';
import { readSettings, type Settings } from '../settings.js';
import { chooseApi } from './api-choice.js';
import { examineTemporal } from './examine-temporal.js';
import { type Finding, failed } from './finding.js';
import { fleetOf } from './session.js';

/** package.json, engines. */
const NODE_MIN = [20, 18, 1] as const;

export async function examine(folder: string, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const settings = settingsOf(env);
  const findings = [nodeVersion(process.versions.node), ...(await examineTemporal(folder, env)), await apiKey(env)];
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

function nodeVersion(version: string): Finding {
  const parts = version.split('.').map(Number);
  const order = NODE_MIN.map((least, i) => Math.sign((parts[i] ?? 0) - least)).find((sign) => sign !== 0) ?? 0;
  return order < 0
    ? { subject: 'Node', state: 'fail', detail: version, advice: `Install Node ${NODE_MIN.join('.')} or later.` }
    : { subject: 'Node', state: 'ok', detail: version };
}

/** Its shape, then one cheap request: the first of the list of models. */
async function apiKey(env: NodeJS.ProcessEnv): Promise<Finding> {
  const subject = 'API key';
  try {
    const choice = await chooseApi(env);
    if (choice.kind === 'sandbox') {
      const where = fleetOf() === undefined ? 'local runs use the built-in sandbox' : 'the workers have their own';
      return { subject, state: 'ok', detail: `none here: ${where}` };
    }
    const [{ DataxidApi }, { RateLimitError }, { DEFAULT_BASE_URL }] = await Promise.all([
      import('../api/dataxid-api.js'),
      import('../api/api-error.js'),
      import('../settings.js'),
    ]);
    const baseUrl = env.DATAXID_BASE_URL || DEFAULT_BASE_URL;
    const api = new DataxidApi({ baseUrl, apiKey: choice.env.DATAXID_API_KEY ?? '' });
    const accepted = `accepted by ${new URL(baseUrl).host}`;
    try {
      await api.listModels({ limit: 1 }, {});
      return { subject, state: 'ok', detail: accepted };
    } catch (error) {
      if (!(error instanceof RateLimitError)) throw error;
      return { subject, state: 'ok', detail: `${accepted}, whose request limit is used up just now` };
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
