/**
 * Every documented error at every call where it can occur, provoked in the sandbox and met by the whole stack: what the
 * policy makes of it, how many requests it takes, under how many keys, and what the job says at the end.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { JobHandle, SynthesizeResult } from '../../src/index.js';
import type { ERROR_CODES } from '../../src/sandbox/api-error.js';
import { failureOf, type LanedFleet, startFleet } from '../support/fleet.js';
import type { Lane } from '../support/lanes.js';
import { writeSmallTable } from '../support/small-table.js';
import { until } from '../support/until.js';

type ErrorCode = (typeof ERROR_CODES)[number];
type Call = 'create' | 'init-training' | 'train' | 'list' | 'get' | 'generate' | 'delete';

const EVERY: Call[] = ['create', 'init-training', 'train', 'list', 'generate', 'delete'];
const POSTS: Call[] = ['create', 'init-training', 'train', 'generate'];

/** Errors that end a job, by the calls that can answer them. A delete ends no job: see below. */
const ENDING: { code: ErrorCode; calls: Call[] }[] = [
  { code: 'api_key_missing', calls: ['create', 'init-training', 'train', 'get', 'generate'] },
  { code: 'api_key_invalid', calls: ['create', 'init-training', 'train', 'get', 'generate'] },
  { code: 'parameter_invalid', calls: POSTS },
  { code: 'model_not_found', calls: ['init-training', 'train', 'get', 'generate'] },
  { code: 'quota_exceeded', calls: ['generate'] },
];
/** Errors that are asked again, and how many keys that takes: a rekeyed request has a second one. */
const PASSING: { code: ErrorCode; calls: Call[]; keys: number }[] = [
  { code: 'model_not_ready', calls: ['init-training', 'train', 'generate'], keys: 2 },
  { code: 'idempotency_key_in_use', calls: POSTS, keys: 1 },
  { code: 'training_service_unavailable', calls: EVERY, keys: 1 },
  { code: 'rate_limit_exceeded', calls: EVERY, keys: 1 },
  { code: 'internal_error', calls: EVERY, keys: 1 },
];
const ROWS = 50;
const NO_MODELS = JSON.stringify({ object: 'list', data: [] });

let fleet: LanedFleet;
let table: string;
beforeAll(async () => {
  fleet = await startFleet({ lanes: 5 });
  table = writeSmallTable(fleet.folder);
});
afterAll(() => fleet.stop());

const synthesize = ({ account }: Lane, id: string): Promise<JobHandle<SynthesizeResult>> =>
  fleet.client.synthesize(
    {
      account,
      table: { uri: table },
      output: { uri: join(fleet.folder, `${id}.csv`) },
      generation: { n_samples: ROWS },
    },
    { id },
  );

test.concurrent.each(ENDING.flatMap(({ code, calls }) => calls.map((call) => ({ code, call }))))(
  '$code at $call: the job ends at once with a sentence, and its model is gone',
  ({ code, call }) =>
    fleet.inLane(async (lane) => {
      await lane.sandbox.addFaults({ call, kind: 'error', code, nth: 1 });
      // A list that does not name the model makes the job look alone.
      if (call === 'get')
        await lane.sandbox.addFaults({ call: 'list', kind: 'status', status: 200, body: NO_MODELS, nth: 1 });
      const failure = await failureOf(await synthesize(lane, `${code}-${call}`));
      expect(failure).toMatchObject({ code, docUrl: `https://docs.dataxid.com/docs/errors#${code}` });
      expect(failure.requestId).toMatch(/\w/);
      // What was not done, and what to do.
      expect(failure.message).toMatch(/^DataXID did not .+\(\w+\)\.? .+\.$/);
      expect((await lane.sandbox.ledger()).filter((entry) => entry.call === call)).toHaveLength(1);
      expect(await lane.sandbox.models()).toEqual([]);
    }),
);

test.concurrent.each(PASSING)(
  '$code at each of $calls of one job: each is asked again, and the job is done',
  ({ code, calls, keys }) =>
    fleet.inLane(async (lane) => {
      await lane.sandbox.addFaults(...calls.map((call) => ({ call, kind: 'error' as const, code, nth: 1 })));
      await (await synthesize(lane, code)).result();
      const ledger = await lane.sandbox.ledger();
      for (const call of calls) {
        const asked = ledger.filter((entry) => entry.call === call);
        expect(asked.filter((entry) => entry.code === code)).toHaveLength(1);
        if (call === 'list') continue;
        expect(asked).toHaveLength(2);
        expect(asked.filter(({ effect }) => effect === 'applied')).toHaveLength(1);
        expect(new Set(asked.map(({ bodySha256 }) => bodySha256)).size).toBe(1);
        if (call !== 'delete') expect(new Set(asked.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(keys);
      }
      expect(await lane.sandbox.summary()).toMatchObject({ rowsBilled: ROWS, trainingsStarted: 1, modelsAlive: 0 });
    }),
);

test.concurrent('a delete that is answered "not found" has done its work', () =>
  fleet.inLane(async (lane) => {
    await lane.sandbox.addFaults({ call: 'delete', kind: 'error', code: 'model_not_found', nth: 1, after: true });
    expect((await (await synthesize(lane, 'deleted-already')).result()).warnings).toEqual([]);
  }));

test.concurrent('a key that is revoked before the delete: the output is there, and the result names the model that was left', () =>
  fleet.inLane(async (lane) => {
    await lane.sandbox.addFaults({ call: 'delete', kind: 'error', code: 'api_key_invalid', nth: 1 });
    const { output, model, warnings } = await (await synthesize(lane, 'left-over')).result();
    expect(output.rows).toBe(ROWS);
    expect(warnings).toEqual([expect.stringContaining(`The model ${model.id} could not be deleted: \`dxo reap\``)]);
    await lane.sandbox.reset();
  }));

test.concurrent('a cancel whose delete is refused does not call itself clean', () =>
  fleet.inLane(async (lane) => {
    await lane.sandbox.addFaults(
      { call: 'train', kind: 'slow', seconds: 2 },
      { call: 'delete', kind: 'error', code: 'api_key_invalid', nth: 1 },
    );
    const job = await synthesize(lane, 'cancel-left-over');
    await until('the training begins', async () => (await job.status()).stage.stage === 'training');
    await job.cancel();
    const [model] = await lane.sandbox.models();
    expect(await failureOf(job)).toMatchObject({
      code: 'model_left_over',
      message: expect.stringContaining(String(model?.id)),
    });
    await until(
      'the request that was cut has ended',
      async () => (await lane.sandbox.summary()).requestsInFlight === 0,
    );
    await lane.sandbox.reset();
  }));

test.concurrent.each([
  { before: ['rate_limit_exceeded', 'rate_limit_exceeded'], code: 'api_key_invalid' },
  { before: ['rate_limit_exceeded', 'reset-before'], code: 'creation_unknown' },
  { before: ['reset-after', 'rate_limit_exceeded'], code: 'creation_unknown' },
  { before: ['rate_limit_exceeded', 'internal_error'], code: 'creation_unknown' },
] as const)('a creation that is refused after $before ends as $code', ({ before, code }) =>
  fleet.inLane(async (lane) => {
    await lane.sandbox.addFaults(
      ...before.map((fault, i) =>
        fault === 'reset-before' || fault === 'reset-after'
          ? { call: 'create' as const, nth: i + 1, kind: fault }
          : { call: 'create' as const, nth: i + 1, kind: 'error' as const, code: fault },
      ),
      { call: 'create', nth: 3, kind: 'error', code: 'api_key_invalid' },
    );
    expect(await failureOf(await synthesize(lane, `create-${before.join('-')}`))).toMatchObject({ code });
    expect((await lane.sandbox.ledger()).filter(({ call }) => call === 'create')).toHaveLength(3);
    await lane.sandbox.reset();
  }),
);

test.concurrent.each([
  { kind: 'reset-before', calls: POSTS },
  { kind: 'reset-after', calls: POSTS },
  { kind: 'truncate', calls: ['create', 'train', 'generate'] },
  { kind: 'broken-json', calls: ['create', 'train', 'generate'] },
] as const)('$kind at each of $calls of one job: each takes effect once, under one key', ({ kind, calls }) =>
  fleet.inLane(async (lane) => {
    await lane.sandbox.addFaults(...calls.map((call) => ({ call, kind, nth: 1 })));
    await (await synthesize(lane, kind)).result();
    const ledger = await lane.sandbox.ledger();
    for (const call of calls) {
      const asked = ledger.filter((entry) => entry.call === call);
      expect(asked).toHaveLength(2);
      expect(asked.filter(({ effect }) => effect === 'applied')).toHaveLength(1);
      expect(new Set(asked.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    }
    expect(await lane.sandbox.summary()).toMatchObject({ rowsBilled: ROWS, trainingsStarted: 1, modelsAlive: 0 });
  }),
);

test.concurrent('proxies that answer for the API: a broken gateway is asked again, a forbidden page ends the job', () =>
  fleet.inLane(async (lane) => {
    await lane.sandbox.addFaults(
      { call: 'create', nth: 1, kind: 'empty', status: 504 },
      { call: 'train', nth: 1, kind: 'html', status: 502 },
      { call: 'generate', nth: 1, kind: 'html', status: 403 },
    );
    expect(await failureOf(await synthesize(lane, 'proxies'))).toMatchObject({ code: 'http_403' });
    expect(await lane.sandbox.models()).toEqual([]);
  }));
