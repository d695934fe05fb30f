/** Retries, as their tests see them: one fleet, one small table, and the output that an undisturbed job of it writes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { JobHandle, SynthesizeInput, SynthesizeResult } from '../../src/index.js';
import { type Fleet, startFleet } from '../support/fleet.js';
import { writeSmallTable } from '../support/small-table.js';
import { until } from '../support/until.js';

export const ROWS = 40;
export const ROWS_PER_CHUNK = 10;

export type RetryFleet = Awaited<ReturnType<typeof startRetryFleet>>;

/** @param histories retries that a release keeps the histories of */
export async function startRetryFleet(histories: readonly string[] = []) {
  const fleet: Fleet = await startFleet({ rateLimit: 10_000, histories });
  const table = writeSmallTable(fleet.folder);

  const start = (id: string, policy: SynthesizeInput['policy'] = {}): Promise<JobHandle<SynthesizeResult>> =>
    fleet.client.synthesize(
      {
        table: { uri: table },
        output: { uri: join(fleet.folder, `${id}.csv`) },
        seed: 1,
        generation: { n_samples: ROWS },
        policy: { rowsPerChunk: ROWS_PER_CHUNK, ...policy },
      },
      { id },
    );
  const outputOf = (id: string): string => readFileSync(join(fleet.folder, `${id}.csv`), 'utf8');
  await (await start('undisturbed')).result();

  return {
    ...fleet,
    table,
    start,
    outputOf,
    undisturbed: outputOf('undisturbed'),
    terminate: (id: string): Promise<unknown> => fleet.client.temporal.workflow.getHandle(id).terminate('a test'),
    /** Requests that took effect. */
    countOf: async (call: string): Promise<number> =>
      (await fleet.sandbox.ledger()).filter((entry) => entry.call === call && entry.effect === 'applied').length,
    isAsked: (call: string, count = 1): Promise<unknown> =>
      until(`${call} was asked ${count} times`, async () => {
        return (await fleet.sandbox.ledger()).filter((entry) => entry.call === call).length >= count;
      }),
    async expectNothingLeft(): Promise<void> {
      expect(await fleet.sandbox.models()).toEqual([]);
      expect(readdirSync(String(fleet.env.DATAXID_ARTIFACTS))).toEqual([]);
    },
  };
}
