/**
 * A backend service that has tables synthesized: three routes on Fastify, and no state of its own. The job's id comes from
 * the caller's order number, so that a request that is repeated never starts a second job, whoever repeats it: an
 * impatient user, a load balancer, or this service after a crash.
 */
import { JobFailedError, SynthesisClient } from 'dataxid-orchestrator';
import Fastify from 'fastify';

/** By the name of an error of the client. */
const STATUS_CODES = {
  InvalidRequestError: 422,
  JobNotFoundError: 404,
  JobExistsError: 409,
  OrchestratorUnavailableError: 503,
};

const client = await SynthesisClient.connect();
const app = Fastify({ logger: false });

/** Body: { order, table, output, rows? }. Answers at once; the job goes on without this service. */
app.post('/syntheses', async ({ body }, reply) => {
  const { order, table, output, rows } = body ?? {};
  const { id } = await client.synthesize(
    { table: { uri: table }, output: { uri: output }, generation: { n_samples: rows } },
    { id: `order-${order}` },
  );
  return reply.code(202).header('location', `/syntheses/${id}`).send({ id });
});

/** Where the job is, or how it ended; with `Accept: text/event-stream`, each change until it ends. */
app.get('/syntheses/:id', async ({ params, headers }, reply) => {
  const job = await client.getHandle(params.id);
  if (headers.accept?.includes('text/event-stream')) return streamProgress(job, reply);
  const description = await job.describe();
  return description.status === 'RUNNING' ? description : { ...description, ...(await endOf(job)) };
});

/** The job deletes its model before it ends, so this is a request, not a fact. */
app.delete('/syntheses/:id', async ({ params, query }, reply) => {
  const job = await client.getHandle(params.id);
  await job.cancel({ reason: query.reason });
  return reply.code(202).send({ id: job.id });
});

app.setErrorHandler((error, _, reply) => {
  const { name, message, params } = error;
  return reply.code(STATUS_CODES[name] ?? error.statusCode ?? 500).send({ error: { name, message, params } });
});

async function streamProgress(job, reply) {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const send = (event, data) => raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  try {
    for await (const { stage, wait } of job.progress()) {
      // Whoever listened may have gone; the job does not mind.
      if (raw.destroyed) return;
      send('progress', { stage, wait });
    }
    send('end', await endOf(job));
  } catch ({ name, message }) {
    send('error', { name, message });
  } finally {
    raw.end();
  }
}

async function endOf(job) {
  try {
    return { result: await job.result() };
  } catch (error) {
    const { name, message } = error;
    if (!(error instanceof JobFailedError)) return { error: { name, message } };
    const { code, param, requestId, docUrl } = error;
    return { error: { name, message, code, param, requestId, docUrl } };
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await app.close();
    await client.close();
  });
}
console.log(await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3000) }));
