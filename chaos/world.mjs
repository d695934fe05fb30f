/**
 * A whole installation that can be hurt: a Temporal server on a file database, workers, a client. Each is a process that can be killed
 * and comes back: the server on its database and port, a worker in its place. All on loopback, all gone when the world is closed.
 * Not here: the API (sandbox-process.mjs, or sandboxes in this process), what is done to the world and when.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolderOf } from '../dist/devserver/cache-folder.js';
import { findTemporalCli } from '../dist/devserver/find-temporal-cli.js';
import { startDevServer } from '../dist/devserver/start-dev-server.js';
import { SynthesisClient } from '../dist/index.js';
import { endsWithUs, startProgram } from './program.mjs';

/** The release that this build is. */
export const THIS_RELEASE = fileURLToPath(new URL('../dist', import.meta.url));

/**
 * @param folder for databases, artifacts, outputs and logs; the world's own
 * @param settings DATAXID_… of the workers, beside those that name the folder
 * @param workers how many worker processes
 */
export async function openWorld({ folder, settings, workers: workerCount }) {
  const outputs = join(folder, 'outputs');
  const temporary = join(folder, 'tmp');
  for (const made of [outputs, temporary]) mkdirSync(made, { recursive: true });
  const { path: cliPath } = await findTemporalCli({ env: process.env, cacheFolder: cacheFolderOf(process.env) });
  const startServer = async (port) => {
    const started = await startDevServer({
      cliPath,
      databaseFile: join(folder, 'temporal.db'),
      port,
      headless: true,
      fastTimers: true,
      logFile: join(folder, 'server.log'),
    });
    endsWithUs(started.pid, started.exited);
    return started;
  };
  let server = await startServer();
  const { address } = server;
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    // What a killed worker leaves in it goes with the world.
    TMPDIR: temporary,
    TEMPORAL_ADDRESS: address,
    DATAXID_ARTIFACTS: join(folder, 'artifacts'),
    DATAXID_READ_ROOTS: folder,
    DATAXID_WRITE_ROOTS: folder,
    DATAXID_HEALTH_PORT: '0',
    DATAXID_SHUTDOWN_GRACE_SECONDS: '1',
    ...settings,
  };
  let release = THIS_RELEASE;
  const workers = [];
  const startWorker = async (place) => {
    workers[place] = await startProgram([join(release, 'worker.js')], {
      env,
      logFile: join(folder, `worker-${place}.log`),
      isReady: (line) => line.includes('"worker ready"'),
    });
  };
  const restartAll = async (signal) => {
    await Promise.all(workers.map((worker) => worker.end(signal)));
    await Promise.all(workers.map((_, place) => startWorker(place)));
  };
  await Promise.all(Array.from({ length: workerCount }, (_, place) => startWorker(place)));
  const client = await SynthesisClient.connect({ address, namespace: 'default' });

  return {
    folder,
    outputs,
    artifacts: env.DATAXID_ARTIFACTS,
    /** The folder of the build that the workers run. */
    release: () => release,
    client,
    /** @param signal SIGKILL or SIGTERM */
    async restartWorker(place, signal) {
      await workers[place].end(signal);
      await startWorker(place);
    },
    restartAllWorkers: restartAll,
    endWorkers: (signal) => Promise.all(workers.map((worker) => worker.end(signal))),
    startWorkers: () => Promise.all(workers.map((_, place) => startWorker(place))),
    /** The worker stands still, as in a long pause of its machine, and goes on as if nothing had been. */
    async freezeWorker(place, ms) {
      const worker = workers[place];
      worker.signal('SIGSTOP');
      await pause(ms);
      worker.signal('SIGCONT');
    },
    /** All workers are replaced by those of another release; nothing is done if they run it. */
    async deploy(nextRelease) {
      if (nextRelease === release) return;
      release = nextRelease;
      await restartAll('SIGTERM');
    },
    async killServer() {
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
      server = await startServer(Number(address.split(':').at(-1)));
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.end('SIGKILL')));
      await client.close();
      await server.stop();
    },
  };
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const LOOK_MS = 40;

/** Looks until there is something, or until the time is over: then undefined. */
export async function until(look, limitMs) {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > endMs) return undefined;
    await pause(LOOK_MS);
  }
}

const PATIENCE_MS = 30_000;

/** A call to something that may just be restarting. @throws what the call throws, after 30 s */
export async function patiently(call) {
  const endMs = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (performance.now() > endMs) throw error;
      await pause(LOOK_MS);
    }
  }
}
