/** The client under test against a server that answers as a test says; each test file that imports this has both of its own. */
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { DataxidError } from '../../src/api/api-error.js';
import { DataxidApi, type RequestBody } from '../../src/api/dataxid-api.js';
import { modelIdSchema } from '../../src/contract/ids.js';
import { type MisbehavingServer, startMisbehavingServer } from './misbehaving-server.js';

export const KEY = 'dx_test_abcdef0123456789';
export const ID = modelIdSchema.parse('mdl_0123456789ab');
export const POST = { idempotencyKey: 'k'.repeat(64) };
export const textBody = (text: string): RequestBody => ({
  bytes: Buffer.byteLength(text),
  chunks: () => [Buffer.from(text)],
});
export const enveloped = (data: unknown, metadata = {}) => ({
  object: 'model',
  data,
  metadata: { timestamp: 'x', ...metadata },
});

export let server: MisbehavingServer;
export let api: DataxidApi;
beforeAll(async () => {
  server = await startMisbehavingServer();
  api = new DataxidApi({ baseUrl: `${server.baseUrl}/`, apiKey: KEY });
});
afterAll(async () => {
  await api.close();
  await server.close();
});
beforeEach(() => {
  server.asked.length = 0;
});

/** What the call failed with; exactly one request must have come to the server, unless the test says otherwise. */
export async function failureOf(call: Promise<unknown>, requests = 1): Promise<DataxidError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(server.asked).toHaveLength(requests);
  expect(
    `${inspect(error, { depth: 9, showHidden: true })}${JSON.stringify(error)}${String((error as Error).stack)}`,
  ).not.toContain(KEY);
  expect(error).toBeInstanceOf(DataxidError);
  return error as DataxidError;
}
