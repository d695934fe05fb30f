/** The emulator of the API as a process that can be killed and comes back on its port, with all it had answered; and its control surface. */
import { join } from 'node:path';
import { startProgram } from './program.mjs';
import { patiently, THIS_RELEASE, until } from './world.mjs';

/** Longer than any request is held. */
const IN_FLIGHT_MS_MAX = 15_000;

/** @param options of `dxo sandbox`, without the dashes */
export async function openSandboxProcess({ folder, options }) {
  const start = (port) =>
    startProgram(
      [
        join(THIS_RELEASE, 'sandbox', 'main.js'),
        '--json',
        ...['--state', join(folder, 'sandbox')],
        ...Object.entries({ ...options, port }).flatMap(([name, value]) => [`--${name}`, String(value)]),
      ],
      { logFile: join(folder, 'sandbox.log'), isReady: (line) => line.startsWith('{') },
    );
  let running = await start(0);
  const { url, port } = JSON.parse(running.firstWords);
  return {
    url,
    control: openControl(url),
    async kill() {
      await running.end('SIGKILL');
      running = await start(port);
    },
    close: () => running.end('SIGKILL'),
  };
}

/** `/_sandbox/…` of a sandbox, which may be restarting. */
export function openControl(url) {
  const ask = (method, path, body) =>
    patiently(async () => {
      const response = await fetch(`${url}/_sandbox/${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      return await response.json();
    });
  return {
    state: () => ask('GET', 'state'),
    ledger: async () => (await ask('GET', 'ledger')).requests,
    models: async () => (await ask('GET', 'models')).models,
    faults: async () => (await ask('GET', 'faults')).faults,
    addFaults: (rules) => ask('POST', 'faults', rules),
    clearFaults: () => ask('DELETE', 'faults'),
    setLimits: (limits) => ask('PUT', 'limits', limits),
    failTraining: (error) => ask('POST', 'fail-training', { error }),
    /** Forgets everything, when nothing is under way any more: what is would be written down afterwards. */
    async reset() {
      await until(async () => (await ask('GET', 'state')).requestsInFlight === 0, IN_FLIGHT_MS_MAX);
      await ask('POST', 'reset');
    },
  };
}
