/**
 * kill -9 of the worker, of the Temporal server and of the sandbox, each at five stages of a job: the job ends right, the
 * ledger shows one model, one training, each chunk billed once, and nothing is left alive. Most of a blow is waiting for what
 * died to be missed, so they fall side by side, each in a world that has it to itself.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { JobHandle, SynthesizeResult } from '../../src/index.js';
import { until } from '../support/until.js';
import { type CrashWorld, openCrashWorld, VICTIMS, type Victim } from './crash-world.js';

const ROWS = 300;
const ROWS_PER_CHUNK = 100;
/** With the wait for a world. */
const BLOW_LIMIT_MS = 150_000;

/** Worlds by what is killed in them. A worker's death takes longest to be missed. */
const WORLDS: Record<Victim, number> = { worker: 2, 'Temporal server': 1, sandbox: 1 };

let worlds: CrashWorld[] = [];
let free: Record<Victim, CrashWorld[]>;
beforeAll(async () => {
  const open = (victim: Victim): Promise<CrashWorld[]> =>
    Promise.all(Array.from({ length: WORLDS[victim] }, () => openCrashWorld(victim)));
  const [worker, server, sandbox] = await Promise.all([open('worker'), open('Temporal server'), open('sandbox')]);
  free = { worker, 'Temporal server': server, sandbox };
  worlds = Object.values(free).flat();
});
afterAll(() => Promise.all(worlds.map((world) => world.stop())));

async function inWorldOf(victim: Victim, scenario: (world: CrashWorld) => Promise<void>): Promise<void> {
  const world = await until(`a world for the ${victim} is free`, () => free[victim].shift(), BLOW_LIMIT_MS);
  await world.control.reset();
  try {
    await scenario(world);
  } finally {
    free[victim].push(world);
  }
}

/** Where the job is when the blow falls: a slow answer holds the door open. */
const STAGES = {
  preparing: undefined,
  creating: 'create',
  uploading: 'init-training',
  training: 'train',
  generating: 'generate',
} as const;

const blows = (Object.keys(STAGES) as (keyof typeof STAGES)[]).flatMap((stage) =>
  VICTIMS.map((victim) => ({ victim, stage })),
);

test.concurrent.each(blows)(
  'kill -9 of the $victim while $stage',
  ({ victim, stage }) =>
    inWorldOf(victim, async ({ client, folder, table, control, killVictim }) => {
      const call = STAGES[stage];
      if (call !== undefined) await control.addFaults({ call, kind: 'slow', seconds: 1.5, nth: 1 });
      const id = `${victim.replace(' ', '-')}-${stage}`;
      const output = join(folder, `${id}.csv`);
      const job: JobHandle<SynthesizeResult> = await client.synthesize(
        {
          table: { uri: table },
          seed: 5,
          generation: { n_samples: ROWS },
          policy: { rowsPerChunk: ROWS_PER_CHUNK },
          output: { uri: output },
        },
        { id },
      );
      await until(`a request of ${stage}`, async () =>
        call === undefined
          ? (await job.describe()).status === 'RUNNING'
          : (await control.summary()).requestsInFlight > 0,
      );
      await killVictim();

      const result = await job.result();
      expect(result.output.rows).toBe(ROWS);
      expect(readFileSync(output, 'utf8').trimEnd().split('\n')).toHaveLength(ROWS + 1);
      const ledger = await control.ledger();
      const applied = (name: string): number =>
        ledger.filter((entry) => entry.call === name && entry.effect === 'applied').length;
      expect({
        models: applied('create'),
        uploads: applied('init-training'),
        trainings: applied('train'),
        chunks: applied('generate'),
      }).toEqual({ models: 1, uploads: 1, trainings: 1, chunks: 3 });
      expect(await control.summary()).toMatchObject({ rowsBilled: ROWS, modelsAlive: 0 });
      digests.add(result.output.sha256);
    }),
  BLOW_LIMIT_MS,
);

const digests = new Set<string>();

test('whatever was killed, the output is the same to the byte', () => {
  expect(digests.size).toBe(1);
});
