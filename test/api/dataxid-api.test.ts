/** What each call sends and takes, and how an upload is streamed. What goes wrong: api-failures.test.ts. */
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { DataxidApi, type RequestBody } from '../../src/api/dataxid-api.js';
import { modelIdSchema } from '../../src/contract/ids.js';
import { InputError } from '../../src/contract/input-error.js';
import { api, enveloped, failureOf, ID, KEY, POST, server, textBody } from './api-under-test.js';

describe('each call', () => {
  test('createModel posts the body under the key and takes the model', async () => {
    server.answer(201, enveloped({ id: ID, status: 'created', surprise: 1 }), {
      'x-request-id': 'req_1',
      'x-ratelimit-limit': '60',
      'x-ratelimit-remaining': '59',
      'x-ratelimit-reset': '1771583400',
    });
    const answer = await api.createModel(textBody('{"metadata":{}}'), POST);
    expect(answer).toMatchObject({
      data: { id: ID, status: 'created', currentEpoch: 0 },
      requestId: 'req_1',
      rateLimit: { limit: 60, remaining: 59, resetEpochSeconds: 1771583400 },
    });
    expect(server.asked).toHaveLength(1);
    expect(server.asked[0]).toMatchObject({ method: 'POST', path: '/v1/models', body: '{"metadata":{}}' });
    expect(server.asked[0]?.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'content-length': '15',
      'content-type': 'application/json',
      'idempotency-key': POST.idempotencyKey,
    });
    expect(server.asked[0]?.headers).not.toHaveProperty('transfer-encoding');
  });

  test.each([
    ['a running training', enveloped({ status: 'training' }), { status: 'training', finished: undefined }],
    [
      'the finished result of a legacy server',
      enveloped({ epochs: 7, train_loss: 0.5, val_loss: null, early_stopped: true }),
      { status: 'ready', finished: { epochs: 7, trainLoss: 0.5, earlyStopped: true } },
    ],
  ])('startTraining takes %s', async (_, body, expected) => {
    server.answer(200, body);
    expect((await api.startTraining(ID, POST)).data).toEqual(expected);
    expect(server.asked[0]).toMatchObject({ path: `/v1/models/${ID}/train`, body: '{}' });
  });

  test('getModel takes losses, the result and the error of a model, and lets broken optional fields by', async () => {
    server.answer(
      200,
      enveloped({
        id: ID,
        status: 'failed',
        current_epoch: 3,
        train_loss: 'NaN',
        val_loss: 0.25,
        training_result: { epochs: 3, duration_seconds: 1.5 },
        error: { message: 'out of memory' },
      }),
    );
    expect((await api.getModel(ID)).data).toEqual({
      id: ID,
      status: 'failed',
      currentEpoch: 3,
      trainLoss: undefined,
      validationLoss: 0.25,
      trainingResult: { epochs: 3, durationSeconds: 1.5 },
      error: 'out of memory',
    });
  });

  test('listModels asks for a page and says whether more follow', async () => {
    server.answer(200, { object: 'list', data: [{ id: ID, status: 'ready' }], metadata: { has_more: true } });
    const { data } = await api.listModels({ limit: 1, startingAfter: ID });
    expect(data).toMatchObject({ models: [{ id: ID }], hasMore: true });
    expect(server.asked[0]?.path).toBe(`/v1/models?limit=1&starting_after=${ID}`);
  });

  test('generate gives the body as it came and the data in it', async () => {
    const body = enveloped({ codes: { a: [1, 2], b: [[3], [4, 5]] } });
    server.answer(200, body);
    const { data } = await api.generate(ID, textBody('{}'), POST);
    expect(Buffer.from(data.raw).toString()).toBe(JSON.stringify(body));
    expect(data.data).toEqual(body.data);
  });

  test('deleteModel takes 204, initTraining any JSON or nothing', async () => {
    server.behave((_, response) => response.writeHead(204).end());
    expect((await api.deleteModel(ID)).data).toBeUndefined();
    server.answer(200, { anything: true });
    expect((await api.initTraining(ID, textBody('{}'), POST)).data).toBeUndefined();
    server.behave((_, response) => response.writeHead(200).end());
    expect((await api.initTraining(ID, textBody('{}'), POST)).data).toBeUndefined();
    expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `DELETE /v1/models/${ID}`,
      `POST /v1/models/${ID}/init-training`,
      `POST /v1/models/${ID}/init-training`,
    ]);
  });

  test('an id cannot lead to another path, and a base path stays in front', async () => {
    const below = new DataxidApi({ baseUrl: `${server.baseUrl}/dataxid//`, apiKey: KEY });
    server.answer(200, enveloped({ id: ID, status: 'ready' }));
    await below.getModel(modelIdSchema.parse('mdl_/../../x?y#z'));
    await below.close();
    expect(server.asked[0]?.path).toBe('/dataxid/v1/models/mdl_%2F..%2F..%2Fx%3Fy%23z');
  });
});

describe('an upload', () => {
  const CHUNK_BYTES = 64 * 1024;
  const CHUNKS = 1024;

  test('of 64 MB is streamed: the source is never far ahead of the server', async () => {
    server.answer(200, enveloped({}));
    let furthestAheadBytes = 0;
    const body: RequestBody = {
      bytes: CHUNK_BYTES * CHUNKS,
      async *chunks() {
        for (let index = 0; index < CHUNKS; index++) {
          const receivedBytes = server.asked[0]?.bodyBytes ?? 0;
          furthestAheadBytes = Math.max(furthestAheadBytes, index * CHUNK_BYTES - receivedBytes);
          yield Buffer.alloc(CHUNK_BYTES, 32);
        }
      },
    };
    await api.initTraining(ID, body, POST);
    expect(server.asked).toHaveLength(1);
    expect(server.asked[0]?.bodyBytes).toBe(body.bytes);
    expect(furthestAheadBytes).toBeLessThan(16 * 1024 * 1024); // kernel buffers of both ends; the whole is 64
  });

  test('whose source fails at its end throws that failure, and never becomes a whole request', async () => {
    const corrupt = new InputError('artifact_corrupt', 'its bytes are not those that were written');
    server.answer(200, enveloped({}));
    const call = api.initTraining(
      ID,
      {
        bytes: 4,
        async *chunks() {
          yield Buffer.from('{ ');
          yield Buffer.from(' }');
          throw corrupt;
        },
      },
      POST,
    );
    await expect(call).rejects.toBe(corrupt);
    expect(server.asked.every(({ bodyBytes }) => bodyBytes < 4)).toBe(true);
  });

  test.each([3, 5])('of a length other than the announced 4 bytes (%i) is a bug and says so', async (bytes) => {
    const body: RequestBody = { bytes: 4, chunks: () => [Buffer.alloc(bytes, 32)] };
    await expect(api.initTraining(ID, body, POST)).rejects.toThrow('announced 4 bytes');
  });

  test('closes its source when the server cuts it off', async () => {
    let closed: () => void = () => {};
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const cutter = createServer((socket) => socket.on('error', () => {}).once('data', () => socket.resetAndDestroy()));
    await new Promise<void>((resolve) => cutter.listen(0, '127.0.0.1', resolve));
    const cut = new DataxidApi({ baseUrl: `http://127.0.0.1:${(cutter.address() as AddressInfo).port}`, apiKey: KEY });
    const body: RequestBody = {
      bytes: CHUNK_BYTES * CHUNKS,
      async *chunks() {
        try {
          for (let index = 0; index < CHUNKS; index++) yield Buffer.alloc(CHUNK_BYTES, 32);
        } finally {
          closed();
        }
      },
    };
    expect(await failureOf(cut.initTraining(ID, body, POST), 0)).toMatchObject({ code: 'no_answer', sent: true });
    await isClosed;
    await cut.close();
    await new Promise((resolve) => cutter.close(resolve));
  });
});

test('the client shows its key to nobody who looks at it', () => {
  expect(inspect(api, { depth: 9, showHidden: true })).not.toContain(KEY);
  expect(JSON.stringify(api)).not.toContain(KEY);
});
