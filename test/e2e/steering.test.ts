/** What an operator sees of a job that waits, and every way to steer one: as the Web UI, the command and any SDK do it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SEARCH_ATTRIBUTES } from '../../src/contract/messages.js';
import { JobCancelledError, type JobHandle, type SynthesizeInput, type SynthesizeResult } from '../../src/index.js';
import { failureOf, type LanedFleet, startFleet } from '../support/fleet.js';
import type { Lane } from '../support/lanes.js';
import { writeSmallTable } from '../support/small-table.js';
import { until } from '../support/until.js';

let fleet: LanedFleet;
let table: string;
beforeAll(async () => {
  fleet = await startFleet({
    lanes: 5,
    histories: ['api-down', 'reported', 'late', 'extended', 'longer', 'priority', 'reason', 'salvage'],
  });
  table = writeSmallTable(fleet.folder);
});
afterAll(() => fleet.stop());

const synthesize = (
  { account }: Lane,
  id: string,
  request: Partial<SynthesizeInput> = {},
): Promise<JobHandle<SynthesizeResult>> =>
  fleet.client.synthesize(
    { account, table: { uri: table }, output: { uri: join(fleet.folder, `${id}.csv`) }, ...request },
    { id },
  );
const stageOf = async (job: JobHandle<unknown>): Promise<string> => (await job.status()).stage.stage;
const reaches = (job: JobHandle<unknown>, stage: string): Promise<unknown> =>
  until(`the job is ${stage}`, async () => (await stageOf(job)) === stage);
/** What the Web UI shows under "Current Details". */
const detailsOf = async (job: JobHandle<unknown>): Promise<string> =>
  (
    await fleet.client.temporal.workflow
      .getHandle(job.id)
      .query<{ currentDetails: string }>('__temporal_workflow_metadata')
  ).currentDetails;
const attributesOf = async (job: JobHandle<unknown>) =>
  (await fleet.client.temporal.workflow.getHandle(job.id).describe()).typedSearchAttributes;

describe('what a waiting job shows', () => {
  test.concurrent('an API that is down: since when, why, when it asks again; and `resume` goes on at once', () =>
    fleet.inLane(async (lane) => {
      await lane.sandbox.addFaults({ call: 'create', kind: 'error', code: 'training_service_unavailable', times: 4 });
      const job = await synthesize(lane, 'api-down');
      const wait = await until('it waits for the API', async () => {
        const { wait: now } = await job.status();
        return now?.reason === 'api_unavailable' && now;
      });
      expect(Date.parse(String(wait.until))).toBeGreaterThan(Date.now());
      const details = await detailsOf(job);
      expect(details).toMatch(
        /\*\*Waits until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\*\* \(api unavailable\): DataXID did not create the model/,
      );
      expect(details).toContain('API requests spent: 3');
      const startedAt = Date.now();
      await job.resume();
      await until('it asks again', async () => (await lane.sandbox.ledger()).length >= 4);
      expect(Date.now() - startedAt).toBeLessThan(Date.parse(String(wait.until)) - startedAt + 60_000);
      const { requests } = await job.result();
      const ledger = await lane.sandbox.ledger();
      // Looks at all models are the account's.
      expect(requests).toBe(ledger.filter(({ call }) => call !== 'list').length);
      expect(
        new Set(ledger.filter(({ call }) => call === 'create').map(({ idempotencyKey }) => idempotencyKey)).size,
      ).toBe(1);
    }));

  test.concurrent('a refusal with a long Retry-After is a wait with an end that nobody can cut short', () =>
    fleet.inLane(async (lane) => {
      // A window lasts 15 s at this speed, longer than the worker's settings say: it cannot know, and is refused.
      await lane.sandbox.setSpeed(4);
      await lane.sandbox.setLimits({ rateLimit: 1 });
      const job = await synthesize(lane, 'retry-after');
      const { wait } = await until('it waits for its turn', async () => {
        const status = await job.status();
        return status.wait?.reason === 'retry_after' && status;
      });
      expect(wait?.what).toContain('rate_limit_exceeded');
      expect((await attributesOf(job)).get(SEARCH_ATTRIBUTES.waitReason)).toBe('retry_after');
      await expect(job.resume()).rejects.toMatchObject({ code: 'not_waiting' });
      await lane.sandbox.setLimits({ rateLimit: 60 });
      await job.cancel();
      await lane.sandbox.setSpeed(60);
      await expect(job.result()).rejects.toThrow(JobCancelledError);
    }));

  test.concurrent('a training: how far it is, in the details, the search attributes and the query', () =>
    fleet.inLane(async (lane) => {
      await lane.sandbox.setSpeed(1);
      const job = await synthesize(lane, 'training', { model: { max_epochs: 100, early_stop_patience: 100 } });
      await until('an epoch is reported', async () => {
        const { stage } = await job.status();
        return stage.stage === 'training' && stage.epoch >= 4;
      });
      await until('the details tell it', async () => /epoch \d+ of at most 100, loss \d/.test(await detailsOf(job)));
      expect((await attributesOf(job)).get(SEARCH_ATTRIBUTES.waitReason)).toBe('training');
      await lane.sandbox.setSpeed(60);
      await job.result();
      const attributes = await attributesOf(job);
      expect(attributes.get(SEARCH_ATTRIBUTES.waitReason)).toBeUndefined();
      expect(attributes.get(SEARCH_ATTRIBUTES.rows)).toBe(200);
      expect(await detailsOf(job)).toMatch(/output: .*training\\?\.csv \\\(200 rows/);
    }));

  test.concurrent('a report that the request asks for is written, and told with its score', () =>
    fleet.inLane(async (lane) => {
      const page = join(fleet.folder, 'report.html');
      const job = await synthesize(lane, 'reported', { report: { uri: page } });
      const { report } = await job.result();
      expect(report).toMatchObject({ uri: page, overall: expect.any(Number), copiesShare: expect.any(Number) });
      expect(readFileSync(page, 'utf8')).toMatch(/<!doctype html>/i);
      expect(await detailsOf(job)).toMatch(/report: .*report.*html .*overall score \d/);
      const again = await synthesize(lane, 'reported-again', { report: { uri: page } });
      expect(await failureOf(again)).toMatchObject({ code: 'output_exists', param: 'report.uri' });
    }));

  test.concurrent.each([
    ['the output', (id: string) => ({ report: { uri: join(fleet.folder, `${id}.csv`) } })],
    ['the table', () => ({ report: { uri: table, overwrite: true } })],
  ])('a report may not be written over %s, and nothing is asked of the API', (what, requestOf) =>
    fleet.inLane(async (lane) => {
      const id = `over-${what.replace(' ', '-')}`;
      const before = readFileSync(table, 'utf8');
      const job = await synthesize(lane, id, requestOf(id));
      expect(await failureOf(job)).toMatchObject({ code: 'output_exists', param: 'report.uri' });
      expect(readFileSync(table, 'utf8')).toBe(before);
      expect(await lane.sandbox.ledger()).toEqual([]);
    }),
  );

  test.concurrent('a failed job says why where jobs are listed', () =>
    fleet.inLane(async (lane) => {
      await lane.sandbox.addFaults({ call: 'train', kind: 'error', code: 'parameter_invalid', nth: 1 });
      const job = await synthesize(lane, 'why');
      await failureOf(job);
      expect((await attributesOf(job)).get(SEARCH_ATTRIBUTES.failureCode)).toBe('parameter_invalid');
    }));

  test.concurrent("the API's words cannot break the details", () =>
    fleet.inLane(async (lane) => {
      await lane.sandbox.addFaults({
        call: 'create',
        kind: 'error',
        code: 'training_service_unavailable',
        message: 'down | <b>now</b>\n\n# [read](http://x) `this`',
        times: 3,
      });
      const job = await synthesize(lane, 'markdown');
      const details = await until('it waits', async () => {
        const text = await detailsOf(job);
        return text.includes('Waits') && text;
      });
      expect(details).not.toMatch(/[^\\]<b>|^# /m);
      expect(details).not.toMatch(/[^\\]\[read/);
      await job.resume();
      await job.result();
    }));
});

describe('steering', () => {
  test.concurrent('the plan tells the requests, before and after the table is read', () =>
    fleet.inLane(async (lane) => {
      const job = await synthesize(lane, 'plan', { generation: { n_samples: 50 }, policy: { rowsPerChunk: 20 } });
      expect(await job.plan()).toMatchObject({ kind: 'synthesize', rows: 50, chunks: 3, requestsAtLeast: 7 });
      const { requests } = await job.result();
      expect(requests).toBeGreaterThanOrEqual(7);
    }));

  test.concurrent('keep: the model outlives the job, and a later generate takes it', () =>
    fleet.inLane(async (lane) => {
      await lane.sandbox.addFaults({ call: 'train', kind: 'slow', seconds: 5 });
      const job = await synthesize(lane, 'keep');
      await reaches(job, 'training');
      expect((await job.keep()).keepModel).toBe(true);
      const { model, trained } = await job.result();
      expect(model.kept).toBe(true);
      if (trained === undefined) throw new Error('the result has no trained model');
      await expect(job.keep()).rejects.toThrow();
      const again = await fleet.client.generate(
        { trained, output: { uri: join(fleet.folder, 'kept.csv') }, policy: { keepModel: false } },
        { id: 'keep-generate' },
      );
      expect((await again.result()).model.kept).toBe(false);
      expect(await lane.sandbox.models()).toEqual([]);
    }));

  test.concurrent('a deadline ends the job in a sentence and cleans up', () =>
    fleet.inLane(async (lane) => {
      await lane.sandbox.addFaults({ call: 'train', kind: 'slow', seconds: 5 });
      const late = await synthesize(lane, 'late', { deadline: new Date(Date.now() + 1_500).toISOString() });
      expect(await failureOf(late)).toMatchObject({
        code: 'deadline_exceeded',
        message: expect.stringMatching(/was not done by its deadline; it was .*Start it again/),
      });
      await until('its model is gone', async () => (await lane.sandbox.models()).length === 0);
    }));

  test.concurrent('`extend` moves the deadline, and is refused where there is none', () =>
    fleet.inLane(async (lane) => {
      // Longer than the first deadline lets it go on.
      await lane.sandbox.addFaults({ call: 'train', kind: 'slow', seconds: 7, nth: 1 });
      const extended = await synthesize(lane, 'extended', { deadline: new Date(Date.now() + 5_000).toISOString() });
      const { deadline } = await extended.extend({ seconds: 3_600 });
      expect(Date.parse(String(deadline))).toBeGreaterThan(Date.now() + 3_500_000);
      const free = await synthesize(lane, 'free');
      await expect(free.extend({ seconds: 60 })).rejects.toMatchObject({ code: 'no_deadline' });
      await Promise.all([extended.result(), free.result()]);
    }));

  test.concurrent('the time for a training ends the job too, and `extend` gives more', () =>
    fleet.inLane(async (lane) => {
      await lane.sandbox.setSpeed(1);
      const model = { timeout: 4, max_epochs: 1_000, early_stop_patience: 1_000 };
      const short = await synthesize(lane, 'short', { model });
      const longer = await synthesize(lane, 'longer', { model });
      await reaches(longer, 'training');
      await until('the time runs', async () => longer.extend({ seconds: 3_600 }).catch(() => false));
      expect(await failureOf(short)).toMatchObject({ code: 'training_timeout' });
      expect(await stageOf(longer)).toBe('training');
      await longer.cancel();
      await expect(longer.result()).rejects.toThrow(JobCancelledError);
      await lane.sandbox.setSpeed(60);
    }));

  test.concurrent('setPriority holds from the next request on, and wrong input is refused by name', () =>
    fleet.inLane(async (lane) => {
      await lane.sandbox.addFaults({ call: 'train', kind: 'slow', seconds: 5 });
      const job = await synthesize(lane, 'priority');
      await reaches(job, 'training');
      expect((await job.setPriority({ priority: 1, fairnessKey: 'acme' })).priority).toEqual({
        priority: 1,
        fairnessKey: 'acme',
      });
      const raw = fleet.client.temporal.workflow.getHandle(job.id);
      await expect(raw.executeUpdate('setPriority', { args: [{ priority: 9 }] })).rejects.toMatchObject({
        cause: { type: 'request_invalid', message: expect.stringContaining('priority') },
      });
      await job.result();
      const history = await raw.fetchHistory();
      const priorities = (history.events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
        scheduled?.activityType?.name === 'generateCodes' ? [scheduled.priority] : [],
      );
      expect(priorities).toEqual([expect.objectContaining({ priorityKey: 1, fairnessKey: 'acme' })]);
    }));

  test.concurrent('a cancel with a reason: the job is cancelled, its model gone, the reason is told', () =>
    fleet.inLane(async (lane) => {
      await lane.sandbox.addFaults({ call: 'train', kind: 'slow', seconds: 20 });
      const job = await synthesize(lane, 'reason');
      await reaches(job, 'training');
      await job.cancel({ reason: 'the wrong table' });
      await expect(job.result()).rejects.toThrow(JobCancelledError);
      expect((await job.describe()).status).toBe('CANCELLED');
      expect((await job.status()).stage).toEqual({ stage: 'cancelled', reason: 'the wrong table' });
      await lane.sandbox.clearFaults();
      expect(await lane.sandbox.models()).toEqual([]);
    }));

  test.concurrent('every update, query and signal tells what it is for, in the Web UI too', () =>
    fleet.inLane(async (lane) => {
      const job = await synthesize(lane, 'described');
      const { definition } = await fleet.client.temporal.workflow
        .getHandle(job.id)
        .query<{ definition: Record<string, { name: string; description?: string }[]> }>(
          '__temporal_workflow_metadata',
        );
      const described = Object.values(definition)
        .filter(Array.isArray)
        .flat()
        .filter(({ name }) => !name.startsWith('__'));
      expect(described.map(({ name }) => name).sort()).toEqual(
        ['adopt', 'cancel', 'extend', 'keep', 'modelNews', 'plan', 'resume', 'salvage', 'setPriority', 'status'].sort(),
      );
      expect(described.filter(({ description }) => !description)).toEqual([]);
      await job.result();
    }));

  // Last, since what the API says of the quota is believed for a minute.
  test.concurrent('salvage: the chunks there are become the output, whole and in order; without any it is refused', () =>
    fleet.inLane(async (lane) => {
      const whole = await synthesize(lane, 'whole', {
        seed: 7,
        generation: { n_samples: 100 },
        policy: { rowsPerChunk: 20 },
      });
      await whole.result();
      await lane.sandbox.setLimits({ quotaRows: 100 + 45 });
      const job = await synthesize(lane, 'salvage', {
        seed: 7,
        generation: { n_samples: 100 },
        policy: { rowsPerChunk: 20, onQuota: 'hold' },
      });
      await expect(job.salvage()).rejects.toMatchObject({ code: 'nothing_to_salvage' });
      await until('it is held with two chunks', async () => {
        const { stage } = await job.status();
        return stage.stage === 'held' && (await lane.sandbox.summary()).rowsBilled === 140;
      });
      await until('both are decoded', async () => job.salvage().catch(() => false));
      const { output, warnings } = await job.result();
      expect(output.rows).toBeGreaterThan(0);
      expect(warnings.join()).toContain(`Salvaged: ${output.rows} of 100 rows`);
      const linesOf = (id: string): string[] =>
        readFileSync(join(fleet.folder, `${id}.csv`), 'utf8')
          .trim()
          .split('\n');
      const [header, ...rows] = linesOf('salvage');
      expect(header).toBe(linesOf('whole')[0]);
      expect(rows).toHaveLength(output.rows);
      const all = linesOf('whole').slice(1);
      for (let first = 0; first < rows.length; first += 20) {
        const chunk = rows.slice(first, first + 20);
        const at = all.indexOf(chunk[0] ?? '');
        expect(all.slice(at, at + 20)).toEqual(chunk);
      }
      expect(await lane.sandbox.models()).toEqual([]);
    }));
});
