/** What becomes of a call that the API refuses, answers with nonsense or not at all, or that is aborted. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { NoAnswerError } from '../../src/api/api-error.js';
import { DataxidApi } from '../../src/api/dataxid-api.js';
import { POLICY_BY_CODE, policyOf } from '../../src/contract/errors.js';
import { InputError } from '../../src/contract/input-error.js';
import { MESSAGE_BYTES_MAX } from '../../src/contract/limits.js';
import { api, enveloped, failureOf, ID, KEY, POST, server, textBody } from './api-under-test.js';

describe('an error of the API', () => {
  test.each([
    [401, 'authentication_error', 'api_key_missing', 'AuthenticationError'],
    [401, 'authentication_error', 'api_key_invalid', 'AuthenticationError'],
    [400, 'invalid_request_error', 'parameter_invalid', 'InvalidRequestError'],
    [404, 'not_found_error', 'model_not_found', 'NotFoundError'],
    [400, 'invalid_request_error', 'model_not_ready', 'ModelNotReadyError'],
    [503, 'api_error', 'training_service_unavailable', 'APIError'],
    [409, 'invalid_request_error', 'idempotency_key_in_use', 'ConflictError'],
    [402, 'quota_exceeded_error', 'quota_exceeded', 'QuotaExceededError'],
    [402, 'quota_exceeded', 'free_tier_limit_reached', 'QuotaExceededError'],
    [429, 'rate_limit_error', 'rate_limit_exceeded', 'RateLimitError'],
    [500, 'api_error', 'internal_error', 'APIError'],
    [418, 'not_found_error', 'invented_tomorrow', 'NotFoundError'],
    [400, 'invented_type', 'invented_tomorrow', 'InvalidRequestError'],
    [409, 'invented_type', 'constructor', 'ConflictError'],
    [599, 'invented_type', 'invented_tomorrow', 'APIError'],
  ] as const)('%i %s %s is one %4$s', async (status, type, code, name) => {
    const docUrl = `https://docs.dataxid.com/docs/errors#${code}`;
    server.answer(
      status,
      {
        error: { type, code, message: 'The words of the API.', doc_url: docUrl, param: 'body.x' },
        request_id: 'req_b',
      },
      { 'x-request-id': 'req_h', 'retry-after': '7' },
    );
    const error = await failureOf(api.createModel(textBody('{}'), POST));
    expect({ ...error, message: error.message }).toMatchObject({
      name,
      message: 'The words of the API.',
      operation: 'create the model',
      code,
      type,
      param: 'body.x',
      statusCode: status,
      requestId: 'req_b',
      docUrl,
      retryAfterMs: 7_000,
    });
    if (Object.hasOwn(POLICY_BY_CODE, code)) {
      expect(policyOf(error)).toBe(POLICY_BY_CODE[code as keyof typeof POLICY_BY_CODE]);
    }
  });

  test('quota_exceeded carries the usage, the way up and the reset', async () => {
    const usage = {
      used: 99_000,
      limit: 100_000,
      requested: 5_000,
      period: '2026-11',
      resets_at: '2026-12-01T00:00:00Z',
    };
    server.answer(402, { error: { code: 'quota_exceeded', usage, upgrade_url: 'https://x.test/up' } });
    expect(await failureOf(api.generate(ID, textBody('{}'), POST))).toMatchObject({
      name: 'QuotaExceededError',
      usage: { used: 99_000, limit: 100_000, requested: 5_000, period: '2026-11' },
      upgradeUrl: 'https://x.test/up',
      resetsAt: '2026-12-01T00:00:00.000Z',
    });
  });

  test.each([
    [
      502,
      '<html><head><title>502 Bad Gateway</title><style>p{}</style></head>nginx',
      'APIError',
      'retry',
      /502 Bad Gateway nginx/,
    ],
    [504, '', 'APIError', 'retry', /504 with no body/],
    [408, '', 'APIError', 'retry', /408/],
    [500, '{"error": {"code"', 'APIError', 'retry', /500/],
    [429, 'null', 'RateLimitError', 'wait', /429/],
    [400, '{"error": "a text"}', 'InvalidRequestError', 'fail', /400/],
    [401, '[]', 'AuthenticationError', 'fail', /401/],
    [402, '"x"', 'QuotaExceededError', 'hold', /402/],
    [404, '<p>no such page', 'NotFoundError', 'fail', /404.*no such page/],
    [409, '', 'ConflictError', 'wait', /409/],
    [413, '', 'InvalidRequestError', 'fail', /413/],
    [302, '', 'APIError', 'fail', /redirect/],
  ])('%i with a foreign body %j is decided by the status', async (status, body, name, action, message) => {
    server.answer(status, body, { 'x-request-id': 'req_h', location: `${server.baseUrl}/elsewhere` });
    const error = await failureOf(api.getModel(ID));
    expect(error).toMatchObject({
      name,
      code: `http_${status}`,
      type: undefined,
      statusCode: status,
      requestId: 'req_h',
    });
    expect(error.message).toMatch(message);
    expect(policyOf(error).action).toBe(action);
  });

  test('a long, colourful page that echoes the key becomes one short clean line', async () => {
    server.answer(500, `\u001b[31m${KEY}\r\n\u202e${'ü€'.repeat(9_000)}`, { 'x-request-id': `id-${KEY}` });
    const { message, requestId } = await failureOf(api.getModel(ID));
    expect(message).toContain('[redacted]');
    expect(message).not.toMatch(/\p{C}/u);
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(MESSAGE_BYTES_MAX);
    expect(requestId).toBe('id-[redacted]');
  });

  test('the key is found in no field of an error that echoes it everywhere', async () => {
    const echo = {
      type: KEY,
      code: KEY,
      message: KEY,
      param: KEY,
      doc_url: KEY,
      upgrade_url: KEY,
      usage: { period: KEY },
    };
    server.answer(402, { error: echo, request_id: KEY });
    expect((await failureOf(api.getModel(ID))).code).toBe('http_402');
  });

  test.each([
    [503, 'http_503'],
    [429, 'http_429'],
    [400, 'no_answer'],
    [404, 'no_answer'],
  ])('of a refusal that breaks off, HTTP %i, nothing is taken for final: %s', async (status, code) => {
    server.behave((_, response) => {
      response.writeHead(status, { 'content-length': '1000' });
      response.write('{"error":', () => response.destroy());
    });
    expect(await failureOf(api.deleteModel(ID))).toMatchObject({ code });
  });
});

describe('a success that cannot be read', () => {
  test.each([
    ['a page', '<html>welcome</html>', 'is not JSON'],
    ['half a JSON', '{"data": {"id":', 'is not JSON'],
    ['nothing', '', 'no body'],
    ['null', 'null', 'body'],
    ['no data', '{"object":"model"}', 'body.data'],
    ['data without an id', '{"data":{"status":"ready"}}', 'data.id'],
    ['an id that is no model id', '{"data":{"id":"secret value","status":"ready"}}', 'data.id'],
  ])('%s is answer_unreadable', async (_, body, place) => {
    server.answer(200, body, { 'x-request-id': 'req_h' });
    const error = await failureOf(api.getModel(ID));
    expect(error).toMatchObject({ name: 'AnswerUnreadableError', code: 'answer_unreadable', requestId: 'req_h' });
    expect(error.message).toContain(place);
    expect(error.message).not.toContain('secret value');
  });

  test('codes that are not there are answer_unreadable', async () => {
    server.answer(200, enveloped({ codes: { a: 5 } }));
    expect(await failureOf(api.generate(ID, textBody('{}'), POST))).toMatchObject({ code: 'answer_unreadable' });
  });

  test('a body shorter than announced is answer_unreadable', async () => {
    server.behave((_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"data":', () => response.destroy());
    });
    expect(await failureOf(api.getModel(ID))).toMatchObject({ code: 'answer_unreadable', statusCode: 200 });
  });

  test('a page instead of 204 is not taken for a deletion', async () => {
    server.answer(200, '<html>log in</html>');
    expect(await failureOf(api.deleteModel(ID))).toMatchObject({ code: 'answer_unreadable' });
  });

  test('an answer that announces more bytes than are taken is refused unread, with what to change', async () => {
    server.behave((_, response) => {
      response.writeHead(200, { 'content-length': String(2 ** 40) });
      response.write('{');
    });
    const refused = api.generate(ID, textBody('{}'), POST);
    await expect(refused).rejects.toBeInstanceOf(InputError);
    await expect(refused).rejects.toMatchObject({ code: 'answer_invalid', param: 'policy.rowsPerChunk' });
  });
});

describe('no answer', () => {
  test('a cut before the headers leaves the outcome unknown', async () => {
    server.behave((request) => request.socket.resetAndDestroy());
    const error = await failureOf(api.startTraining(ID, POST));
    expect(error).toMatchObject({
      name: 'NoAnswerError',
      code: 'no_answer',
      sent: true,
      operation: 'start the training',
    });
    expect(error.message).toMatch(/cut.*unknown/);
  });

  test('headers that never come end with the time allowed', async () => {
    const hasty = new DataxidApi({ baseUrl: server.baseUrl, apiKey: KEY, timeouts: { headersMs: 50 } });
    server.behave(() => {});
    const error = await failureOf(hasty.createModel(textBody('{}'), POST));
    await hasty.close();
    expect(error).toMatchObject({ code: 'no_answer', sent: true });
    expect(error.message).toContain('time allowed');
  });

  test('a body that stops ends with the time allowed, as unreadable', async () => {
    const hasty = new DataxidApi({ baseUrl: server.baseUrl, apiKey: KEY, timeouts: { bodyMs: 50 } });
    server.behave((_, response) => response.writeHead(200).write('{"data":'));
    expect(await failureOf(hasty.getModel(ID))).toMatchObject({ code: 'answer_unreadable' });
    await hasty.close();
  });

  test('a refused connection is surely not sent', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const nobody = new DataxidApi({ baseUrl: `http://127.0.0.1:${port}`, apiKey: KEY });
    const error = await failureOf(nobody.createModel(textBody('{}'), POST), 0);
    await nobody.close();
    expect(error).toBeInstanceOf(NoAnswerError);
    expect(error).toMatchObject({ sent: false });
    expect(error.message).toMatch(/refused.*not sent/);
  });

  test('a server that speaks no TLS to an https URL is surely not sent', async () => {
    const secure = new DataxidApi({ baseUrl: server.baseUrl.replace('http:', 'https:'), apiKey: KEY });
    const error = await failureOf(secure.getModel(ID), 0);
    await secure.close();
    expect(error).toMatchObject({ code: 'no_answer', sent: false });
    expect(error.message).toContain('no secure connection');
  });

  test('something that does not speak HTTP is no answer', async () => {
    const gibberish = createServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end(`220 ${KEY} mail\r\n`),
    );
    await new Promise<void>((resolve) => gibberish.listen(0, '127.0.0.1', resolve));
    const { port } = gibberish.address() as AddressInfo;
    const mail = new DataxidApi({ baseUrl: `http://127.0.0.1:${port}`, apiKey: KEY });
    const error = await failureOf(mail.getModel(ID), 0);
    await mail.close();
    await new Promise((resolve) => gibberish.close(resolve));
    expect(error.message).toContain('not HTTP');
  });
});

describe('an abort', () => {
  test('rethrows its reason untouched: before the request, in it, and while the body comes', async () => {
    const reason = new Error('the worker stops');
    await expect(api.getModel(ID, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(server.asked).toHaveLength(0);

    const waiting = new AbortController();
    server.behave(() => waiting.abort(reason));
    await expect(api.startTraining(ID, { ...POST, signal: waiting.signal })).rejects.toBe(reason);

    const reading = new AbortController();
    server.behave((_, response) => response.writeHead(200).write('{"data":'));
    const abortSoon = () => setImmediate(() => reading.abort(reason));
    subscribe('undici:request:headers', abortSoon);
    await expect(api.getModel(ID, { signal: reading.signal })).rejects.toBe(reason);
    unsubscribe('undici:request:headers', abortSoon);
    expect(server.asked).toHaveLength(2);
  });

  test('does not wait for a connection that never comes about', async () => {
    const reason = new Error('the worker stops');
    const stop = new AbortController();
    const accepted: Socket[] = [];
    const silent = createServer((socket) => {
      accepted.push(socket.on('error', () => {}));
      stop.abort(reason);
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const noTls = new DataxidApi({
      baseUrl: `https://127.0.0.1:${port}`,
      apiKey: KEY,
      timeouts: { connectMs: 600_000 },
    });
    await expect(noTls.startTraining(ID, { ...POST, signal: stop.signal })).rejects.toBe(reason);
    for (const socket of accepted) socket.destroy();
    await noTls.close();
    await new Promise((resolve) => silent.close(resolve));
  });
});
