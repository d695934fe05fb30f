/**
 * Lanes, so that scenarios of one fleet run side by side (`test.concurrent`): each is an account of the fleet's worker with a
 * sandbox of its own, and a scenario has one to itself. It sees, slows and spoils no requests but its own.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxOptions } from '../../src/sandbox/start-sandbox.js';
import { SANDBOX_KEY, startTestSandbox, type TestSandbox } from './sandbox.js';
import { until } from './until.js';

export interface Lane {
  /** What a request names, so that its job stays in the lane. */
  account: string;
  sandbox: TestSandbox;
}

export interface Lanes {
  /** The lane of requests that name no account. */
  first: Lane;
  all: readonly Lane[];
  /** Writes the accounts beyond the first for the worker, and gives the file's path. */
  writeAccounts(folder: string): string;
  /** Runs a scenario in a lane that is as if nothing had been asked, and without faults when it is done. */
  inLane<T>(scenario: (lane: Lane) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Tests that come at once wait for a lane inside their own time: jest.config.mjs lets as many run as there usually are lanes. */
const FREE_LIMIT_MS = 60_000;

export async function startLanes(count: number, options: SandboxOptions): Promise<Lanes> {
  const all = await Promise.all(
    Array.from({ length: count }, async (_, index): Promise<Lane> => {
      const account = index === 0 ? 'default' : `lane-${index}`;
      return { account, sandbox: await startTestSandbox(options) };
    }),
  );
  const [first, ...others] = all as [Lane, ...Lane[]];
  const free = [...all];
  return {
    first,
    all,
    writeAccounts(folder) {
      const path = join(folder, 'accounts.json');
      const accounts = others.map(({ account, sandbox }) => [account, { apiKey: SANDBOX_KEY, baseUrl: sandbox.url }]);
      writeFileSync(path, JSON.stringify(Object.fromEntries(accounts)));
      return path;
    },
    async inLane(scenario) {
      const lane = await until('a lane is free', () => free.shift(), FREE_LIMIT_MS);
      await lane.sandbox.reset();
      try {
        return await scenario(lane);
      } finally {
        await lane.sandbox.clearFaults();
        free.push(lane);
      }
    },
    async close() {
      await Promise.all(all.map(({ sandbox }) => sandbox.close()));
    },
  };
}
