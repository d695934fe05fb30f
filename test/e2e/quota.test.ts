/** The organization's quota of rows over all jobs: whole workers, real Temporal, and a sandbox for each account that counts what it bills. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readBudget } from '../../src/client/read-budget.js';
import type { QuotaState } from '../../src/contract/budget.js';
import { JobFailedError, type JobHandle, type SynthesizeResult } from '../../src/index.js';
import { type Fleet, failureOf, startFleet } from '../support/fleet.js';
import { SANDBOX_KEY, startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { writeSmallTable } from '../support/small-table.js';
import { until } from '../support/until.js';

/** Rows that each account may generate, and whether its worker was told. */
const ACCOUNTS = {
  'ten-jobs': { quotaRows: 950, isSet: true },
  stopped: { quotaRows: 150, isSet: true },
  killed: { quotaRows: 250, isSet: true },
  untold: { quotaRows: 250, isSet: false },
} as const;
type Account = keyof typeof ACCOUNTS;
const SPEED = 60;
const RATE_LIMIT = 600;
const ROWS = 100;

let fleet: Fleet;
let table: string;
const folder = mkdtempSync(join(tmpdir(), 'dxo-quota-'));
const sandboxes = new Map<Account, TestSandbox>();
const sandboxOf = (account: Account): TestSandbox => sandboxes.get(account) as TestSandbox;

beforeAll(async () => {
  const accounts: Record<string, object> = {};
  for (const [name, { quotaRows, isSet }] of Object.entries(ACCOUNTS)) {
    const sandbox = await startTestSandbox({ speed: SPEED, rateLimit: RATE_LIMIT, quotaRows, seed: 1 });
    sandboxes.set(name as Account, sandbox);
    accounts[name] = { apiKey: SANDBOX_KEY, baseUrl: sandbox.url, ...(isSet ? { quotaRows } : {}) };
  }
  const accountsFile = join(folder, 'accounts.json');
  writeFileSync(accountsFile, JSON.stringify(accounts));
  fleet = await startFleet({ speed: SPEED, rateLimit: RATE_LIMIT, env: { DATAXID_ACCOUNTS_FILE: accountsFile } });
  table = writeSmallTable(fleet.folder);
});
afterAll(async () => {
  const left = await Promise.all([...sandboxes.values()].map((sandbox) => sandbox.models()));
  await fleet.stop();
  await Promise.all([...sandboxes.values()].map((sandbox) => sandbox.close()));
  rmSync(folder, { recursive: true });
  expect(left.flat()).toEqual([]);
});

const synthesize = (
  account: Account,
  id: string,
  { rows = ROWS, onQuota = 'fail' }: { rows?: number; onQuota?: 'fail' | 'hold' } = {},
): Promise<JobHandle<SynthesizeResult>> =>
  fleet.client.synthesize(
    {
      account,
      table: { uri: table },
      output: { uri: join(fleet.folder, `${id}.csv`) },
      generation: { n_samples: rows },
      policy: { rowsPerChunk: 25, onQuota },
    },
    { id },
  );
const isHeld = async (job: JobHandle<unknown>): Promise<boolean> => (await job.status()).stage.stage === 'held';
const quotaOf = async (account: Account): Promise<QuotaState | undefined> =>
  (await readBudget(fleet.client.temporal, account))?.state?.quota;
const overQuota = async (account: Account): Promise<number> =>
  (await sandboxOf(account).ledger()).filter(({ code }) => code === 'quota_exceeded').length;

test.concurrent('of ten jobs at once where the quota is for nine and a half, nine are done, and one is held before its training is paid for', async () => {
  const sandbox = sandboxOf('ten-jobs');
  const jobs = await Promise.all(
    Array.from({ length: 10 }, (_, index) => synthesize('ten-jobs', `ten-${index}`, { onQuota: 'hold' })),
  );
  let done = 0;
  for (const job of jobs) {
    job.result().then(
      () => {
        done += 1;
      },
      () => undefined,
    );
  }
  await until('nine are done', () => done === 9);
  const held = await Promise.all(jobs.map(isHeld));
  expect(held.filter(Boolean)).toHaveLength(1);
  const job = jobs[held.indexOf(true)] as JobHandle<SynthesizeResult>;
  const { stage, requests, modelId } = await job.status();
  expect({ requests, modelId }).toEqual({ requests: 0, modelId: undefined });
  expect(stage).toMatchObject({
    message: expect.stringMatching(/^The quota of rows does not suffice, so nothing was asked for: \d+ of 950 rows/),
  });
  expect(await sandbox.summary()).toMatchObject({ trainingsStarted: 9, rowsBilled: 900 });
  expect(await overQuota('ten-jobs')).toBe(0);
  expect(await until('it is told', async () => (await quotaOf('ten-jobs'))?.used === 900)).toBe(true);

  await sandbox.setLimits({ quotaRows: 2_000 });
  await job.resume();
  await job.result();
  expect((await sandbox.summary()).rowsBilled).toBe(1_000);
  expect(await overQuota('ten-jobs')).toBe(0);
});

test.concurrent('what is reserved by others is refused in a sentence and without a request; a job that is held for it goes on once it is freed', async () => {
  const sandbox = sandboxOf('stopped');
  await sandbox.addFaults({ call: 'init-training', kind: 'slow', seconds: 60, nth: 1 });
  const first = await synthesize('stopped', 'first');
  await until('its model is there', async () => (await sandbox.models()).length === 1);

  const failure = await failureOf(await synthesize('stopped', 'second'));
  expect(failure).toBeInstanceOf(JobFailedError);
  expect(failure).toMatchObject({ code: 'quota_exceeded' });
  expect(failure.message).toMatch(
    /^The quota of rows does not suffice, so nothing was asked for: 0 of 150 rows are used until \S+ \S+ UTC, 100 are reserved by 1 other job, and this job needs 100 \(quota_exceeded\)\. .*onQuota/,
  );
  expect((await sandbox.ledger()).filter(({ call }) => call === 'create')).toHaveLength(1);
  const patient = await synthesize('stopped', 'patient', { onQuota: 'hold' });
  await until('it is held', () => isHeld(patient));
  expect((await patient.status()).wait?.what).toBe(
    'other jobs have reserved the rows that are left; it asks again then',
  );
  const small = await synthesize('stopped', 'small', { rows: 50 });
  await small.result();

  await fleet.client.temporal.workflow.getHandle(first.id).terminate('the test says so');
  await patient.result();
  expect(await sandbox.summary()).toMatchObject({ rowsBilled: 150 });
  expect(await overQuota('stopped')).toBe(0);
  const [left] = await sandbox.models();
  await sandbox.deleteModel(String(left?.id));
});

test.concurrent('where nobody knows the quota, the first 402 tells it: others are refused without a request, or fit', async () => {
  const sandbox = sandboxOf('untold');
  const long = await synthesize('untold', 'long', { rows: 300, onQuota: 'hold' });
  await until('it is held', () => isHeld(long));
  await until('its last chunk is told', async () => (await quotaOf('untold'))?.limit === 250);
  const { requests, rowsBilled } = await sandbox.summary();
  expect((await failureOf(await synthesize('untold', 'refused'))).message).toContain('of 250 rows are used');
  expect((await sandbox.summary()).requests).toBe(requests);
  expect(rowsBilled).toBeLessThanOrEqual(250);

  await sandbox.setLimits({ quotaRows: 1_000 });
  await long.resume();
  await long.result();
  await (await synthesize('untold', 'after')).result();
  expect((await sandbox.summary()).rowsBilled).toBe(400);
});

// Last, alone: the worker is everybody's.
test('kill -9 of the worker: what jobs have reserved is still theirs', async () => {
  const sandbox = sandboxOf('killed');
  await sandbox.addFaults({ call: 'train', kind: 'slow', seconds: 12, times: 2 });
  const jobs = await Promise.all(['one', 'two'].map((id) => synthesize('killed', id)));
  await until('both reservations are told', async () => (await quotaOf('killed'))?.reserved === 200);
  await fleet.worker().kill('SIGKILL');
  await fleet.restartWorker();
  const failure = await failureOf(await synthesize('killed', 'three'));
  expect(failure.message).toContain('200 are reserved by 2 other jobs');
  await Promise.all(jobs.map((job) => job.result()));
  expect(await sandbox.summary()).toMatchObject({ trainingsStarted: 2, rowsBilled: 200 });
});
