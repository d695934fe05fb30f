/** A real HTTP server on loopback that answers as a test says and remembers what it was asked. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Asked {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  bodyBytes: number;
  body: string;
}
export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

export interface MisbehavingServer {
  baseUrl: string;
  asked: Asked[];
  behave(behaviour: Behaviour): void;
  answer(status: number, body: string | object, headers?: Record<string, string>): void;
  close(): Promise<void>;
}

/** Bodies up to this are kept for looking at; of longer ones only the size. */
const BODY_KEPT_BYTES = 10_000;

export async function startMisbehavingServer(): Promise<MisbehavingServer> {
  let behaviour: Behaviour = (_, response) => response.end();
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const entry: Asked = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      bodyBytes: 0,
      body: '',
    };
    asked.push(entry);
    request.on('data', (chunk: Buffer) => {
      entry.bodyBytes += chunk.length;
      if (entry.bodyBytes <= BODY_KEPT_BYTES) entry.body += chunk.toString();
    });
    request.on('error', () => {});
    request.on('end', () => behaviour(request, response));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    behave(next) {
      behaviour = next;
    },
    answer(status, body, headers = {}) {
      behaviour = (_, response) => {
        const isText = typeof body === 'string';
        response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
        response.end(isText ? body : JSON.stringify(body));
      };
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
