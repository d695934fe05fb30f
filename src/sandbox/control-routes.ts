/**
 * The control surface, `/_sandbox/…`: what a test or a person wants to know or to change, apart from the API. No key; only for
 * this machine's own processes, whatever address the API listens on.
 */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { periodOf } from './assumptions.js';
import { modelView } from './call.js';
import { faultRulesSchema } from './faults.js';
import type { SandboxState } from './sandbox-state.js';

const clockSchema = z.strictObject({
  advanceSeconds: z
    .number()
    .nonnegative()
    .max(366 * 24 * 3_600)
    .optional(),
  speed: z.number().positive().max(100_000).optional(),
});
const limitsSchema = z.strictObject({
  rateLimit: z.number().int().positive().optional(),
  quotaRows: z.number().int().nonnegative().optional(),
});
const failTrainingSchema = z.strictObject({
  error: z.string().min(1).max(10_000),
  times: z.number().int().positive().max(1_000).default(1),
});

export function addControlRoutes(app: FastifyInstance, state: SandboxState): void {
  app.register(async (control) => {
    control.addHook('onRequest', async (request, reply) => {
      if (isLoopback(request.socket.remoteAddress)) return;
      await reply.code(403).send({ message: 'The control surface answers this machine only.' });
    });
    control.get('/_sandbox/ledger', async () => ({
      requests: [...state.ledger].sort((a, b) => a.sequence - b.sequence),
    }));
    control.get('/_sandbox/models', async () => ({
      models: [...state.models.values()].map((model) => ({
        organization: model.organization,
        ...modelView(state, model),
      })),
    }));
    control.get('/_sandbox/state', async () => summaryOf(state));
    control.get('/_sandbox/faults', async () => ({ faults: state.faults.list() }));
    control.post('/_sandbox/faults', async (request) => {
      state.record({ type: 'faults-added', rules: parse(faultRulesSchema, request.body) });
      return { faults: state.faults.list() };
    });
    control.delete('/_sandbox/faults', async () => {
      state.record({ type: 'faults-cleared' });
      return { faults: [] };
    });
    control.put('/_sandbox/limits', async (request) => {
      state.record({ type: 'limits', limits: parse(limitsSchema, request.body) });
      return state.limits;
    });
    control.post('/_sandbox/clock', async (request) => {
      state.record({ type: 'clock', anchor: state.clock.adjusted(parse(clockSchema, request.body)) });
      return { now: new Date(state.clock.nowMs()).toISOString(), speed: state.clock.speed };
    });
    control.post('/_sandbox/fail-training', async (request) => {
      state.record({ type: 'trainings-to-fail', ...parse(failTrainingSchema, request.body) });
      return { trainingsToFail: state.failures.length };
    });
    control.post('/_sandbox/reset', async () => {
      state.reset();
      return summaryOf(state);
    });
  });
}

function summaryOf(state: SandboxState): object {
  const nowMs = state.clock.nowMs();
  return {
    now: new Date(nowMs).toISOString(),
    speed: state.clock.speed,
    period: periodOf(nowMs),
    limits: state.limits,
    requests: state.ledger.length,
    requestsInFlight: state.requestsInFlight,
    modelsAlive: state.models.size,
    trainingsStarted: state.trainingsStarted,
    rowsBilled: state.rowsBilledInAll(),
    maxInAnyWindow: state.maxInAnyWindow(),
  };
}

class ControlError extends Error {
  readonly statusCode = 400;
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.isBuffer(body) && body.length > 0 ? body.toString('utf8') : '{}');
  } catch {
    throw new ControlError('The body is not JSON.');
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new ControlError(z.prettifyError(parsed.error));
  return parsed.data;
}

export function isLoopback(address: string | undefined): boolean {
  return /^(::ffff:)?127\.\d+\.\d+\.\d+$|^::1$|^localhost$/.test(address ?? '');
}
