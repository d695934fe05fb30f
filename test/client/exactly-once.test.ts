/**
 * Starting is exactly once: a service that is killed at any moment around its start, and repeats it until it has stored
 * the id, has started one job, however far that job has come meanwhile. `START_KILLS=200` makes it 200 jobs.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TrainedModel } from '../../src/index.js';
import { type Fleet, startFleet } from '../support/fleet.js';
import { writeSmallTable } from '../support/small-table.js';
import { until } from '../support/until.js';
import { DIST } from '../support/worker-process.js';

const JOBS = Number(process.env.START_KILLS ?? 20);
const SEED = 20;
const KILLS_MAX_PER_JOB = 3;
/** Of the kills fall anywhere in the service's life, the others around the start. */
const SPAWN_SHARE = 0.2;
const REPEATS_MAX = 5;
const ROWS = 10;
const AT_ONCE = 2;

let fleet: Fleet;
let trained: TrainedModel;
beforeAll(async () => {
  fleet = await startFleet({ speed: 1_000, rateLimit: 1_000_000, quotaRows: 1_000_000 });
  const table = writeSmallTable(fleet.folder);
  const training = await fleet.client.train({ table: { uri: table }, model: { max_epochs: 1 } }, { id: 'model' });
  ({ trained } = await training.result());
}, 60_000);
afterAll(async () => {
  // The model was to be kept.
  await fleet.sandbox.reset();
  await fleet.stop();
});

/** When, as a share of the time that the service takes from there until it has stored. */
interface Kill {
  after: 'spawn' | 'connected';
  share: number;
}
type Times = Record<Kill['after'] | 'stored', number>;

/** One life of the service. @returns when it came how far, in ms; `stored` is missing where it was killed before */
async function live(id: string, kill?: Kill, usual?: Times): Promise<Partial<Times>> {
  const request = { trained, generation: { n_samples: ROWS }, output: { uri: join(fleet.folder, `${id}.csv`) } };
  const times: Partial<Times> = { spawn: performance.now() };
  const child = spawn(
    process.execPath,
    ['test/client/programs/start-and-store.mjs', resolve(DIST), id, JSON.stringify(request)],
    { env: { ...process.env, ...fleet.env }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const closed = once(child, 'close');
  const connected = new Promise<void>((see) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      times[line as 'connected' | 'stored'] = performance.now();
      see();
    });
  });
  if (kill !== undefined && usual !== undefined) {
    if (kill.after === 'connected') await Promise.race([connected, closed]);
    await Promise.race([delay(kill.share * (usual.stored - usual[kill.after])), closed]);
    child.kill('SIGKILL');
  }
  await closed;
  return times;
}

test(
  `${JOBS} services are killed around their start and repeat it: one job each`,
  async () => {
    let usual = (await live('warm-up')) as Times;
    expect(usual.stored).toBeGreaterThan(usual.connected);

    const random = randomFrom(SEED);
    const kills = Array.from({ length: JOBS }, () =>
      Array.from(
        { length: 1 + Math.floor(random() * KILLS_MAX_PER_JOB) },
        (): Kill => ({
          after: random() < SPAWN_SHARE ? 'spawn' : 'connected',
          share: random(),
        }),
      ),
    );
    const counts = { kills: 0, startedButNotStored: 0 };
    const ids = Array.from({ length: JOBS }, (_, index) => `once-${index}`);
    const waiting = [...ids.entries()];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [index, id] = next;
        let isStored = false;
        for (const kill of kills[index] ?? []) {
          const times = await live(id, kill, usual);
          isStored = times.stored !== undefined;
          if (isStored) break;
          counts.kills += 1;
          if (await isThere(id)) counts.startedButNotStored += 1;
        }
        // Temporal may not answer in time on a busy machine: then too the service repeats.
        for (let repeats = 0; !isStored && repeats < REPEATS_MAX; repeats += 1) {
          const times = await live(id);
          isStored = times.stored !== undefined;
          if (isStored) usual = times as Times;
        }
        expect(isStored).toBe(true);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    process.stderr.write(`${JOBS} jobs: ${JSON.stringify(counts)}\n`);

    const done = ['warm-up', ...ids];
    await Promise.all(done.map(async (id) => (await fleet.client.getHandle(id)).result()));
    const executions = await until('all executions are listed', async () => {
      const all: string[] = [];
      const query = "WorkflowType = 'generate'";
      for await (const { workflowId } of fleet.client.temporal.workflow.list({ query })) all.push(workflowId);
      return all.length >= done.length && all;
    });
    expect(executions.sort()).toEqual(done.sort());
    const generated = (await fleet.sandbox.ledger()).filter((e) => e.call === 'generate' && e.effect === 'applied');
    expect(generated).toHaveLength(done.length);
    expect(counts.kills).toBeGreaterThan(0);
  },
  JOBS * 6_000 + 30_000,
);

/** Uniform in [0, 1): fast-check's numbers crowd at the edges. mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function isThere(id: string): Promise<boolean> {
  return fleet.client.getHandle(id).then(
    () => true,
    () => false,
  );
}
