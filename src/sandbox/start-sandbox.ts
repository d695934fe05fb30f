/**
 * Starts an emulator of the DataXID API on real HTTP: for development and tests, without any privacy guarantee.
 * It says what the API would say and learns a small model of its own; docs/sandbox.md tells on which points it guesses.
 */
import Fastify from 'fastify';
import { z } from 'zod';
import { InputError } from '../contract/input-error.js';
import { answerRequest } from './answer-request.js';
import { addControlRoutes, isLoopback } from './control-routes.js';
import { SandboxState } from './sandbox-state.js';
import { sendAnswer } from './send-answer.js';

/** The key that every sandbox accepts. */
export const SANDBOX_KEY = 'dx_test_sandbox';
/** The largest body taken. JSON is parsed as one string, and a JavaScript string ends at 512 MiB. */
const BODY_BYTES_MAX = 500 * 1024 * 1024;

const optionsSchema = z.strictObject({
  port: z.number().int().min(0).max(65_535).default(0).describe('0: a free one'),
  host: z.string().default('127.0.0.1'),
  allowNonLoopback: z.boolean().default(false).describe('Listen where other machines can reach it'),
  rateLimit: z.number().int().positive().default(60).describe('Requests a minute for each organization'),
  quotaRows: z.number().int().nonnegative().default(100_000).describe('Rows a month for each organization'),
  keys: z
    .array(z.string().regex(/^\S+$/, 'a key has no spaces'))
    .default([])
    .describe(`Keys besides ${SANDBOX_KEY}, each an organization`),
  stateFile: z.string().min(1).optional().describe('Journal that a restart reads; default: memory'),
  speed: z.number().positive().max(100_000).optional().describe('Virtual seconds in a second; default 1'),
  seed: z.number().int().optional().describe('Makes model ids and unseeded draws repeatable'),
  epochSeconds: z.number().positive().optional().describe('Virtual seconds an epoch takes; default: from the rows'),
});
export type SandboxOptions = z.input<typeof optionsSchema>;

export interface RunningSandbox {
  url: string;
  port: number;
  close(): Promise<void>;
}

/** @throws InputError for options out of their bounds; Error when the port is taken or the state file is not a journal */
export async function startSandbox(options: SandboxOptions = {}): Promise<RunningSandbox> {
  const { port, host, allowNonLoopback, keys, ...stateOptions } = parseOptions(options);
  if (!allowNonLoopback && !isLoopback(host)) {
    throw new InputError(
      'request_invalid',
      `The sandbox listens on loopback only, not on ${host}. Say allowNonLoopback to open it to others.`,
      'host',
    );
  }
  const state = new SandboxState({ ...stateOptions, keys: [SANDBOX_KEY, ...keys] });
  const app = Fastify({ bodyLimit: BODY_BYTES_MAX, forceCloseConnections: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.all('/v1/*', async (request, reply) => {
    reply.hijack();
    const url = new URL(request.url, 'http://sandbox');
    const settled = await answerRequest(state, {
      method: request.method,
      path: url.pathname,
      query: url.searchParams,
      authorization: request.headers.authorization,
      idempotencyKey: headerOf(request.headers['idempotency-key']),
      body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    }).catch((error: Error) => {
      // The journal could not be written: nothing may be answered that a restart would not know.
      process.stderr.write(`The sandbox cannot keep its state: ${error.message}\n`);
      reply.raw.destroy();
    });
    if (settled !== undefined) sendAnswer(reply.raw, settled.answer, settled.delivery);
  });
  addControlRoutes(app, state);
  const url = await app.listen({ port, host });
  return {
    url,
    port: Number(new URL(url).port),
    async close() {
      await app.close();
      state.close();
    },
  };
}

function parseOptions(options: SandboxOptions) {
  const parsed = optionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(
    'request_invalid',
    `The sandbox cannot start: ${z.prettifyError(parsed.error)}`,
    issue?.path.join('.'),
  );
}

function headerOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
