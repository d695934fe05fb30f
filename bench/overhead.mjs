/**
 * What our workflow adds to Temporal: a synthesize job with a table of 100 rows and a sandbox that trains in no time, against
 * a bare workflow of the same number of empty activities on the same server, turn by turn. The 2 s before the first look
 * at a training are a pause by design and are taken off. Then: how long after kill -9 of the worker, in the middle of a
 * request, the next request of that job is sent.
 */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { openStage, pause, print } from './stage.mjs';

const ROUNDS = 15;
const FIRST_LOOK_MS = 2_000;
/** prepare, create, init-training, train, look, generate, decode, assemble, delete, discard */
const ACTIVITIES = 10;

export async function run() {
  const stage = await openStage({
    sandbox: { speed: 10_000 },
    settings: { DATAXID_RATE_WINDOW_SECONDS: '0.006' },
  });
  const { client, control, folder, ledger, server, table } = stage;
  let worker = await stage.startWorker();
  const bare = await startBare(server.address);
  try {
    const ours = [];
    const theirs = [];
    for (let round = -1; round < ROUNDS; round += 1) {
      const oneMs = await timed(async () => {
        const job = await client.synthesize(requestOf(folder, table, `round${round}`), { id: `round${round}` });
        await job.result();
      });
      const otherMs = await timed(() =>
        bare.client.workflow.execute('bare', { taskQueue: 'bare', workflowId: `bare${round}`, args: [ACTIVITIES] }),
      );
      if (round < 0) continue; // the first of each warms up
      ours.push(oneMs - FIRST_LOOK_MS);
      theirs.push(otherMs);
    }
    const [median, bareMedian] = [medianOf(ours), medianOf(theirs)];
    print({
      measure: 'synthesize, without its 2 s pause',
      medianMs: median,
      minMs: Math.min(...ours),
      maxMs: Math.max(...ours),
    });
    print({
      measure: `bare workflow, ${ACTIVITIES} empty activities`,
      medianMs: bareMedian,
      minMs: Math.min(...theirs),
      maxMs: Math.max(...theirs),
    });
    print({ measure: 'ratio of the medians', ratio: Number((median / bareMedian).toFixed(2)), rounds: ROUNDS });

    await control('faults', { call: 'generate', kind: 'slow', seconds: 60, nth: 1 });
    const before = (await ledger()).length;
    const job = await client.synthesize(requestOf(folder, table, 'killed'), { id: 'killed' });
    while (!(await stage.sandboxState()).requestsInFlight || (await ledger()).length < before + 4) await pause(20);
    const killedAt = Date.now();
    worker.kill('SIGKILL');
    worker = await stage.startWorker();
    const readyMs = Date.now() - killedAt;
    await job.result();
    const next = (await ledger())
      .slice(before)
      .find(({ call, at }) => call === 'generate' && Date.parse(at) > killedAt);
    print({
      measure: 'kill -9 of the worker to its next request',
      ms: Date.parse(next.at) - killedAt,
      newWorkerReadyMs: readyMs,
    });
  } finally {
    await bare.stop();
    await stage.close();
  }
}

const requestOf = (folder, table, name) => ({ table: { uri: table }, output: { uri: join(folder, `${name}.csv`) } });
const medianOf = (values) => Math.round([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]);

async function timed(work) {
  const startedAt = performance.now();
  await work();
  return Math.round(performance.now() - startedAt);
}

async function startBare(address) {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const native = await NativeConnection.connect({ address });
  const connection = await Connection.connect({ address });
  const [workflows, activities] = [
    await Worker.create({
      connection: native,
      taskQueue: 'bare',
      workflowsPath: fileURLToPath(new URL('./bare/workflows.mjs', import.meta.url)),
    }),
    await Worker.create({
      connection: native,
      taskQueue: 'bare-activities',
      activities: { nothing: async () => undefined },
    }),
  ];
  const running = Promise.all([workflows.run(), activities.run()]);
  return {
    client: new Client({ connection }),
    async stop() {
      workflows.shutdown();
      activities.shutdown();
      await running;
      await native.close();
      await connection.close();
    },
  };
}
