/** GET /health of a worker: 200 while all its queues are polled, 503 while it stops. On loopback unless told otherwise. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InputError } from './contract/input-error.js';

export interface HealthEndpoint {
  port: number;
  close(): Promise<void>;
}

/** @throws InputError if the port is taken */
export async function serveHealth(
  { host, port }: { host: string; port: number },
  states: () => Readonly<Record<string, string>>,
): Promise<HealthEndpoint> {
  const server = createServer((request, response) => {
    if (request.url !== '/health') {
      response.writeHead(404).end();
      return;
    }
    const queues = states();
    const isHealthy = Object.values(queues).every((state) => state === 'RUNNING');
    response
      .writeHead(isHealthy ? 200 : 503, { 'content-type': 'application/json' })
      .end(JSON.stringify({ status: isHealthy ? 'ok' : 'not ready', queues }));
  });
  await new Promise<void>((resolve, reject) => {
    server
      .once('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'EADDRINUSE' ? portTaken(host, port) : error),
      )
      .listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function portTaken(host: string, port: number): InputError {
  return new InputError(
    'request_invalid',
    `The health endpoint cannot listen on ${host}:${port}, which is taken, perhaps by another worker. Set DATAXID_HEALTH_PORT to another port, or to 0 for any free one.`,
    'DATAXID_HEALTH_PORT',
  );
}
