/** Starting jobs from outside and finding them again. No worker runs: what is tested is between a caller and the server. */
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import fc from 'fast-check';
import { registerSearchAttributes } from '../../src/client/prepare-namespace.js';
import { SEARCH_ATTRIBUTES, WORKFLOW_QUEUE } from '../../src/contract/messages.js';
import {
  InvalidRequestError,
  JobCancelledError,
  JobExistsError,
  JobFailedError,
  JobNotFoundError,
  OrchestratorUnavailableError,
  type StartOptions,
  SynthesisClient,
} from '../../src/index.js';
import { type TestNamespace, testNamespace } from '../support/temporal.js';
import { until } from '../support/until.js';

const REQUEST = { table: { uri: '/data/customers.csv' }, output: { uri: '/out/synthetic.parquet' } };

let place: TestNamespace;
let client: SynthesisClient;

beforeAll(async () => {
  place = await testNamespace();
  client = await SynthesisClient.connect(place);
  await registerSearchAttributes(client.temporal);
});
afterAll(() => client.close());

const runIdOf = async (id: string): Promise<string> => (await (await client.getHandle(id)).describe()).runId;
const errorOf = (work: Promise<unknown>): Promise<Error & Record<string, unknown>> =>
  work.then(
    () => {
      throw new Error('an error was expected');
    },
    (error: Error & Record<string, unknown>) => error,
  );

test('a start returns at once, and the job shows what, how many rows and to where', async () => {
  const job = await client.synthesize(
    { ...REQUEST, generation: { n_samples: 50_000 } },
    { id: 'shown', priority: 2, fairnessKey: 'acme', deadline: new Date('2030-01-02T03:04:05Z') },
  );
  expect(await job.describe()).toMatchObject({ id: 'shown', type: 'synthesize', status: 'RUNNING' });
  const described = await client.temporal.workflow.getHandle('shown').describe();
  expect(await described.staticSummary()).toBe('synthesize customers.csv to synthetic.parquet');
  const details = (await described.staticDetails()) ?? '';
  for (const line of [
    'rows: 50000',
    'from: /data/customers.csv',
    'to: /out/synthetic.parquet',
    'deadline: 2030-01-02',
  ]) {
    expect(details).toContain(`- ${line}`);
  }
  expect(described.priority).toMatchObject({ priorityKey: 2, fairnessKey: 'acme' });
  expect(described.taskQueue).toBe(WORKFLOW_QUEUE);
});

const ENDED = ['completed', 'failed', 'terminated'] as const;

/** What onConflict promises: what a second start comes to. */
test.each([
  ['attach', { running: 'same', completed: 'same', failed: 'same', terminated: 'same' }],
  ['retry', { running: 'same', completed: 'same', failed: 'new', terminated: 'new' }],
  ['restart', { running: 'same', completed: 'new', failed: 'new', terminated: 'new' }],
  ['refuse', { running: 'refused', completed: 'refused', failed: 'refused', terminated: 'refused' }],
] as const)('onConflict %s', async (onConflict, expected) => {
  for (const state of ['running', ...ENDED] as const) {
    const id = `conflict-${onConflict}-${state}`;
    await client.synthesize(REQUEST, { id });
    if (state !== 'running') await endAs(state, id);
    const before = await runIdOf(id);
    const second = client.synthesize(REQUEST, { id, onConflict });
    if (expected[state] === 'refused') {
      expect(await errorOf(second)).toBeInstanceOf(JobExistsError);
      expect(await runIdOf(id)).toBe(before);
    } else {
      await second;
      expect((await runIdOf(id)) === before ? 'same' : 'new').toBe(expected[state]);
    }
  }
});

/** How long a poll waits for a task. */
const POLL_MS = 20_000;

/** Ends a job as a worker would, by answering its first workflow task by hand. */
async function endAs(state: (typeof ENDED)[number], id: string): Promise<void> {
  if (state === 'terminated') {
    await client.temporal.workflow.getHandle(id).terminate('by the test');
    return;
  }
  const { namespace } = place;
  const service = client.temporal.connection.workflowService;
  await until(`${id} has ended`, async () => {
    const { taskToken, workflowExecution } = await client.temporal.withDeadline(Date.now() + POLL_MS, () =>
      service.pollWorkflowTaskQueue({ namespace, taskQueue: { name: WORKFLOW_QUEUE } }),
    );
    if (!taskToken?.length) return false;
    // temporal.api.enums.v1.CommandType: COMPLETE_WORKFLOW_EXECUTION 4, FAIL_WORKFLOW_EXECUTION 5
    const command =
      state === 'completed'
        ? { commandType: 4, completeWorkflowExecutionCommandAttributes: {} }
        : { commandType: 5, failWorkflowExecutionCommandAttributes: { failure: FAILURE } };
    const isIt = workflowExecution?.workflowId === id;
    await service.respondWorkflowTaskCompleted({ namespace, taskToken, commands: isIt ? [command] : [] });
    return isIt;
  });
}

const DETAILS = { code: 'table_empty', param: 'table.uri', request_id: 'req_1', doc_url: 'https://docs.dataxid.com/x' };
const FAILURE = {
  message: 'The table has no rows.',
  applicationFailureInfo: {
    type: 'table_empty',
    nonRetryable: true,
    details: {
      payloads: [
        {
          metadata: { encoding: Buffer.from('json/plain') },
          data: Buffer.from(JSON.stringify(DETAILS)),
        },
      ],
    },
  },
};

test('the ends of a job are typed', async () => {
  const [failed, ended] = [
    await client.synthesize(REQUEST, { id: 'end-1' }),
    await client.train({ table: REQUEST.table }, { id: 'end-2' }),
  ];
  await endAs('failed', 'end-1');
  const failure = await errorOf(failed.result());
  expect(failure).toBeInstanceOf(JobFailedError);
  expect(failure).toMatchObject({
    message: 'The table has no rows.',
    code: 'table_empty',
    param: 'table.uri',
    requestId: 'req_1',
    docUrl: 'https://docs.dataxid.com/x',
  });
  await endAs('terminated', 'end-2');
  expect(await errorOf(ended.result())).toBeInstanceOf(JobCancelledError);
  await ended.cancel({ reason: 'a job that has ended stays as it is' });
  expect((await ended.describe()).status).toBe('TERMINATED');
});

test('a job of another kind is never taken for this one', async () => {
  await client.train({ table: REQUEST.table }, { id: 'a-train' });
  expect(await errorOf(client.synthesize(REQUEST, { id: 'a-train' }))).toMatchObject({
    name: 'JobExistsError',
    message: expect.stringContaining('train job a-train'),
  });
});

test.each<[string, object, object, string[]]>([
  ['misspelt field', { ...REQUEST, tabel: 1 }, { id: 'x' }, ['']],
  ['two faults', { table: {}, output: {} }, { id: 'x' }, ['table.uri', 'output.uri']],
  ['id with a space', REQUEST, { id: 'a b' }, ['id']],
  ['no id', REQUEST, {}, ['id']],
  ['priority out of range', REQUEST, { id: 'x', priority: 6 }, ['priority']],
  ['fairness key too long', REQUEST, { id: 'x', fairnessKey: 'ü'.repeat(33) }, ['fairnessKey']],
  ['no instant', REQUEST, { id: 'x', deadline: 'tomorrow' }, ['deadline']],
  ['misspelt option', REQUEST, { id: 'x', onConflikt: 'refuse' }, ['']],
])('%s: InvalidRequestError before anything is sent', async (_, request, options, params) => {
  const error = await errorOf(client.synthesize(request as typeof REQUEST, options as StartOptions));
  expect(error).toBeInstanceOf(InvalidRequestError);
  expect(error.params).toEqual(params);
  expect(await errorOf(client.getHandle('x'))).toBeInstanceOf(JobNotFoundError);
});

test('a request over its size is refused before anything is sent', async () => {
  const types = Object.fromEntries(Array.from({ length: 9_999 }, (_, i) => [`${i}`.padEnd(150, '-'), 'text' as const]));
  const request = { ...REQUEST, table: { ...REQUEST.table, types } };
  expect(await errorOf(client.synthesize(request, { id: 'big' }))).toMatchObject({
    name: 'InvalidRequestError',
    message: expect.stringMatching(/bytes of JSON; at most 1048576/),
  });
});

test('the list is filtered by values that no query can break out of', async () => {
  // What the list is asked for is what comes back: no other job, whatever the name of the table looks like.
  const names = fc.sample(fc.string({ unit: fc.constantFrom(...'ab\'"\\%_ `;-'), minLength: 1, maxLength: 12 }), {
    numRuns: 12,
    seed: 4,
  });
  const tables = [...new Set([...names, "O'Brien.csv", "' OR '1'='1", '\\', "\\'", '"'])];
  await Promise.all(
    tables.map((table, index) =>
      client.temporal.workflow.start('synthesize', {
        workflowId: `table-${index}`,
        taskQueue: 'nobody',
        typedSearchAttributes: [{ key: SEARCH_ATTRIBUTES.table, value: table }],
      }),
    ),
  );
  await until('all are listed', async () => {
    const listed = await client.list({ limit: 1_000 });
    return tables.every((_, index) => listed.some(({ id }) => id === `table-${index}`));
  });
  for (const [index, table] of tables.entries()) {
    expect({ table, ids: (await client.list({ table })).map(({ id }) => id) }).toEqual({
      table,
      ids: [`table-${index}`],
    });
  }
});

test('the list is filtered by status, times and length', async () => {
  const job = await client.synthesize(REQUEST, { id: 'listed' });
  await client.temporal.workflow.getHandle(job.id).terminate();
  await until('it is listed', async () =>
    (await client.list({ status: 'Terminated' })).some(({ id }) => id === 'listed'),
  );
  const { startedAt } = await job.describe();
  const after = await client.list({ status: 'Terminated', startedAfter: startedAt });
  expect(after.map(({ id }) => id)).toEqual(['listed']);
  expect(await client.list({ startedBefore: new Date('2000-01-01T00:00:00Z') })).toEqual([]);
  expect(await client.list({ limit: 1 })).toHaveLength(1);
  expect(await errorOf(client.list({ status: 'Dead' as 'Running' }))).toBeInstanceOf(InvalidRequestError);
});

test('without a worker, looks and updates end in OrchestratorUnavailableError, and a cancel is taken', async () => {
  const job = await client.synthesize(REQUEST, { id: 'alone' });
  const errors = await Promise.all([job.status(), job.plan(), job.resume(), job.extend({ seconds: 5 })].map(errorOf));
  for (const error of errors) expect(error).toBeInstanceOf(OrchestratorUnavailableError);
  await job.cancel({ reason: 'wrong table' });
  const { events } = await client.temporal.workflow.getHandle('alone').fetchHistory();
  expect(events?.some(({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName === 'cancel')).toBe(
    true,
  );
}, 60_000);

test('a namespace that is not there is said by name, and no gRPC status shows', async () => {
  const lost = await SynthesisClient.connect({ address: place.address, namespace: 'not-there' });
  const error = await errorOf(lost.synthesize(REQUEST, { id: 'x' }));
  await lost.close();
  expect(error).toMatchObject({ name: 'OrchestratorUnavailableError', message: expect.stringContaining('not-there') });
});

test('TLS towards a server without it, and an address where nothing listens, are OrchestratorUnavailableError', async () => {
  const silent: Server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  const { port } = silent.address() as { port: number };
  await new Promise((resolve) => silent.close(resolve));
  const errors = await Promise.all([
    errorOf(SynthesisClient.connect({ address: `127.0.0.1:${port}` })),
    errorOf(SynthesisClient.connect({ ...place, tls: true })),
    errorOf(SynthesisClient.connect({ ...place, apiKey: 'secret-of-cloud' })),
  ]);
  for (const error of errors) {
    expect(error).toBeInstanceOf(OrchestratorUnavailableError);
    expect(error.message).toMatch(/^Temporal does not answer at 127\.0\.0\.1:\d+: .*Check TEMPORAL_ADDRESS/);
    expect(error.message).not.toContain('secret-of-cloud');
  }
}, 60_000);

test('a server that goes away is OrchestratorUnavailableError, whatever is asked', async () => {
  const connection = await Connection.connect({ address: place.address, interceptors: [] });
  const gone = SynthesisClient.using(new Client({ connection, namespace: place.namespace }));
  const job = await gone.synthesize(REQUEST, { id: 'left' });
  await connection.close();
  const calls = [
    gone.list(),
    gone.getHandle('left'),
    job.result(),
    job.describe(),
    job.cancel(),
    job.status(),
    job.keep(),
  ];
  for (const error of await Promise.all(calls.map(errorOf))) expect(error).toBeInstanceOf(OrchestratorUnavailableError);
});
