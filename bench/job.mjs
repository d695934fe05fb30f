/**
 * One job of 1 000 000 rows end to end, through Temporal, against the sandbox: seconds of each stage and the worker's peak memory; then the same with
 * the worker killed (kill -9) in the middle of the upload. The two outputs are compared.
 *   npm run bench -- job [--rows 1000000] [--generate 100000]
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeTable } from './make-table.mjs';
import { openStage, pause, peakMbOf, print } from './stage.mjs';

const SANDBOX_SPEED = 60;
const LOOK_MS = 5;

export async function run(args) {
  const { values } = parseArgs({
    args,
    options: { rows: { type: 'string', default: '1000000' }, generate: { type: 'string', default: '100000' } },
  });
  const rows = Number(values.rows);
  const stage = await openStage({ sandbox: { speed: SANDBOX_SPEED, seed: 1 } });
  try {
    const table = join(stage.folder, 'large.csv');
    await makeTable(rows, table);
    const request = (name) => ({
      table: { uri: table },
      output: { uri: join(stage.folder, `${name}.parquet`) },
      generation: { n_samples: Number(values.generate) },
      seed: 7,
    });
    const digests = [];
    /** Of the undisturbed job: half of it is the middle of the other's. */
    let uploadSeconds = 0;
    for (const name of ['undisturbed', 'killed']) {
      let worker = await stage.startWorker();
      const peaks = [];
      const startedAt = Date.now();
      const job = await stage.client.synthesize(request(name), { id: name });
      if (name === 'killed') {
        while ((await job.status()).stage.stage !== 'uploading') await pause(LOOK_MS);
        await pause((uploadSeconds * 1_000) / 2);
        peaks.push(peakMbOf(worker.pid));
        worker.kill('SIGKILL');
        worker = await stage.startWorker();
      }
      const result = await job.result();
      const seconds = round((Date.now() - startedAt) / 1_000);
      peaks.push(peakMbOf(worker.pid));
      const { entered } = await job.status();
      const requests = (await stage.ledger()).filter(
        ({ call, modelId }) => call === 'init-training' && modelId === result.model.id,
      );
      digests.push(createHash('sha256').update(readFileSync(result.output.uri)).digest('hex'));
      const stages = Object.fromEntries(
        entered.map(({ stage: at, at: since }, index) => [
          at,
          round((Date.parse(entered[index + 1]?.at ?? since) - Date.parse(since)) / 1_000),
        ]),
      );
      uploadSeconds = stages.uploading;
      print({
        measure: name,
        rows,
        seconds,
        stages,
        workerPeakMb: peaks,
        uploads: requests.map(({ bytes, effect }) => ({ megabytes: Math.round(bytes / 1e6), effect })),
        rowsWritten: result.output.rows,
      });
      worker.kill('SIGKILL');
    }
    print({
      measure: 'outputs',
      equal: digests[0] === digests[1],
      modelsLeft: (await stage.sandboxState()).modelsAlive,
    });
  } finally {
    await stage.close();
  }
}

const round = (value) => Number(value.toFixed(1));
